import { expect, test } from "vitest";
import { UNWANTED_BODY_BYTES_MAX } from "../limits.ts";
import { BodyBuffer } from "./body-buffer.ts";
import { ResponseReader } from "./response-reader.ts";

interface Read {
  readonly status: number;
  readonly body: string;
  readonly keepsOpen: boolean;
  readonly isDone: boolean;
}

/** Reads an answer that comes in pieces that end at `cuts`; `ends` says that the connection then ends. */
function read(
  text: string,
  options: { cuts?: readonly number[]; ends?: boolean; bytesMax?: number } = {},
): Read {
  const { cuts = [], ends = false, bytesMax = 1000 } = options;
  const body = new BodyBuffer();
  const reader = new ResponseReader(body, bytesMax);
  const bytes = Buffer.from(text, "latin1");
  // As on a socket: pieces stand at the beginning of memory that holds rests of earlier ones.
  const memory = Buffer.alloc(bytes.length + 64, "\r\n");
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    bytes.copy(memory, 0, from, to);
    reader.take(memory, to - from);
    from = to;
  }
  if (ends) reader.end();
  return {
    status: reader.head.status,
    body: Buffer.from(body.view()).toString("latin1"),
    keepsOpen: reader.keepsOpen,
    isDone: reader.isDone,
  };
}

const OK = "HTTP/1.1 200 OK\r\n";

const GOOD: readonly (readonly [name: string, text: string, body: string, keepsOpen: boolean])[] = [
  ["a length", `${OK}Content-Length: 4\r\n\r\na 1\n`, "a 1\n", true],
  ["a length of nothing", `${OK}content-length:0\r\n\r\n`, "", true],
  [
    "chunks",
    `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\na 1\n\r\nA;x=y\r\nb 22222222\r\n0\r\n\r\n`,
    "a 1\nb 22222222",
    true,
  ],
  ["trailers", `${OK}transfer-encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\nz: a\r\n\r\n`, "a", true],
  ["no phrase", "HTTP/1.1 200\r\ncontent-length: 1\r\n\r\na", "a", true],
  ["a server that hangs up", `${OK}connection: close\r\ncontent-length: 1\r\n\r\na`, "a", false],
  ["version 1.0", "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na", "a", false],
  ["version 1.0, kept", "HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 1\r\n\r\na", "a", true],
  ["an interim answer", `HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 1\r\n\r\na`, "a", true],
  ["bytes that nobody asked for", `${OK}content-length: 1\r\n\r\nab`, "a", false],
  ["no content", "HTTP/1.1 204 No Content\r\n\r\n", "", true],
];

test.each(GOOD)("%s, whole, byte by byte, and in any two pieces", (_name, text, body, keepsOpen) => {
  const expected = { body, keepsOpen, isDone: true };
  expect(read(text)).toMatchObject(expected);
  for (let cut = 1; cut < text.length; cut++) expect(read(text, { cuts: [cut] })).toMatchObject(expected);
  const everywhere = Array.from({ length: text.length - 1 }, (_, i) => i + 1);
  expect(read(text, { cuts: everywhere })).toMatchObject(expected);
});

test("without a length the body ends with the connection", () => {
  const text = `${OK}content-type: text/plain\r\n\r\na 1\n`;
  expect(read(text).isDone).toBe(false);
  expect(read(text, { ends: true })).toMatchObject({ body: "a 1\n", keepsOpen: false, isDone: true });
});

test.each([
  ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n", /not HTTP: it begins with "SSH-2\.0-OpenSSH_9\.6/],
  ["another version", "HTTP/2.0 200 OK\r\n\r\n", /not HTTP/],
  ["a header without a colon", `${OK}nonsense\r\n\r\n`, /not HTTP: it begins with "nonsense"/],
  ["a name with a blank", `${OK}content length: 1\r\n\r\n`, /not HTTP/],
  ["a length that is none", `${OK}content-length: 1,1\r\n\r\n`, /content length "1,1" is not a number/],
  ["a negative length", `${OK}content-length: -1\r\n\r\n`, /content length "-1"/],
  ["another coding", `${OK}transfer-encoding: gzip, chunked\r\n\r\n`, /transfer encoding "gzip, chunked"/],
  [
    "a chunk's length that is none",
    `${OK}transfer-encoding: chunked\r\n\r\nxyz\r\n`,
    /"xyz" is not the length/,
  ],
  [
    "a chunk that is too long",
    `${OK}transfer-encoding: chunked\r\n\r\n1\r\nab\r\n`,
    /longer than it says: "b"/,
  ],
  ["a head without an end", `${OK}a: ${"b".repeat(70_000)}`, /not HTTP/],
  ["a body over the limit", `${OK}content-length: 1001\r\n\r\n`, /size limit exceeded: over 1000 bytes/],
  ["chunks over the limit", `${OK}transfer-encoding: chunked\r\n\r\nfffff\r\n`, /size limit exceeded/],
  ["an open body over the limit", `${OK}\r\n${"a".repeat(1001)}`, /size limit exceeded/],
])("%s is refused", (_name, text, message) => {
  expect(() => read(text)).toThrow(message);
});

test.each([
  ["nothing", "", /^the connection was closed$/],
  ["half a head", "HTTP/1.1 200 OK\r\ncontent-", /in the middle of the answer/],
  ["half a body", `${OK}content-length: 10\r\n\r\na 1\n`, /in the middle of the answer/],
  ["half a chunk", `${OK}transfer-encoding: chunked\r\n\r\n10\r\na`, /in the middle of the answer/],
])("a connection that ends after %s", (_name, text, message) => {
  expect(() => read(text, { ends: true })).toThrow(message);
});

test("of a failure's body no more is read than is worth the connection", () => {
  const length = UNWANTED_BODY_BYTES_MAX;
  const short = `HTTP/1.1 500 Oh No\r\ncontent-length: ${length}\r\n\r\n${"x".repeat(length)}`;
  expect(read(short, { bytesMax: 10 })).toMatchObject({ status: 500, keepsOpen: true, isDone: true });
  const long = `HTTP/1.1 500 Oh No\r\ncontent-length: ${length + 1}\r\n\r\n`;
  expect(read(long, { bytesMax: 10 })).toMatchObject({ status: 500, keepsOpen: false, isDone: true });
});
