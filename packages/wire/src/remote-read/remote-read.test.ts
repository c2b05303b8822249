import { Labels, type Matcher } from "@binnacle/model";
import { expect, test } from "vitest";
import { ProtobufReader } from "../protobuf/reader.ts";
import { ProtobufWriter } from "../protobuf/writer.ts";
import { snappyCompress, snappyDecompress } from "../snappy.ts";
import { crc32c } from "./crc32c.ts";
import { decodeReadRequest } from "./request.ts";
import { encodeSampledResponse, encodeStreamedResponse, type ReadSeries } from "./response.ts";

const OPS = ["=", "!=", "=~", "!~"];

function request(
  queries: readonly { startMs: number; endMs: number; matchers: readonly Matcher[] }[],
  types: readonly number[] = [],
): Uint8Array {
  const writer = new ProtobufWriter();
  for (const { startMs, endMs, matchers } of queries) {
    writer.message(1, () => {
      writer.int64(1, startMs);
      writer.int64(2, endMs);
      for (const { name, op, value } of matchers) {
        writer.message(3, () => {
          writer.uint32(1, OPS.indexOf(op));
          writer.string(2, name);
          writer.string(3, value);
        });
      }
      // Hints, which are skipped.
      writer.message(4, () => writer.int64(1, 15_000));
    });
  }
  for (const type of types) writer.uint32(2, type);
  return snappyCompress(writer.written);
}

const QUERY = {
  startMs: -1,
  endMs: 1_767_323_045_000,
  matchers: OPS.map((op, i) => ({ name: `label${i}`, op, value: "v.*" })) as Matcher[],
};

test("a request of several queries", () => {
  const queries = [QUERY, { startMs: 5, endMs: 6, matchers: [] }];
  expect(decodeReadRequest(request(queries))).toEqual({ queries, accepted: ["samples"] });
});

test.each([
  [[], ["samples"]],
  [[0], ["samples"]],
  [
    [1, 0],
    ["streamed_xor_chunks", "samples"],
  ],
  [[9, 1], ["streamed_xor_chunks"]],
])("a reader that takes types %j takes %j", (types, accepted) => {
  expect(decodeReadRequest(request([QUERY], types)).accepted).toEqual(accepted);
});

test.each<[string, () => Uint8Array, string, RegExp]>([
  ["no snappy", () => Buffer.from("not snappy at all"), "BAD_BODY", /snappy/],
  ["cut in its middle", () => snappyCompress(Uint8Array.of(0x0a, 0x20, 1)), "BAD_BODY", /malformed/],
  ["types that nobody knows", () => request([QUERY], [7]), "BAD_BODY", /response types 7/],
  [
    "a matcher of an unknown type",
    () => snappyCompress(Uint8Array.of(0x0a, 4, 0x1a, 2, 0x08, 9)),
    "BAD_BODY",
    /matcher of type 9/,
  ],
  [
    "too many queries",
    () => request(Array.from({ length: 101 }, () => QUERY)),
    "LIMIT_EXCEEDED",
    /READ_QUERIES_MAX/,
  ],
])("a request with %s", (_what, body, code, message) => {
  expect(() => decodeReadRequest(body())).toThrow(expect.objectContaining({ code }));
  expect(() => decodeReadRequest(body())).toThrow(message);
});

test("every cut of a good request is refused or read, and nothing else is thrown", () => {
  const whole = snappyDecompress(request([QUERY], [1]));
  for (let length = 0; length < whole.length; length++) {
    try {
      decodeReadRequest(snappyCompress(whole.subarray(0, length)));
    } catch (error) {
      expect(error).toMatchObject({ code: "BAD_BODY" });
    }
  }
});

function series(labels: Record<string, string>, count: number): ReadSeries {
  return {
    labels: Labels.fromObject(labels),
    times: Float64Array.from({ length: count }, (_, i) => 1000 * i),
    values: Float64Array.from({ length: count }, (_, i) => i / 2),
    histogramTimes: new Float64Array(0),
    histograms: [],
  };
}

/** Field numbers of a message, those of the messages in it in brackets. */
function outline(reader: ProtobufReader, nested: readonly number[], end = reader.end): string {
  const parts: string[] = [];
  while (reader.at < end) {
    const field = reader.field();
    if (field === 0) break;
    if (nested[0] === field) {
      const outer = reader.enter();
      parts.push(`${field}(${outline(reader, nested.slice(1))})`);
      reader.leave(outer);
    } else {
      reader.skip();
      parts.push(String(field));
    }
  }
  return parts.join(" ");
}

test("an answer with samples has a list a query, a message a series, labels before samples", () => {
  const body = encodeSampledResponse([[series({ a: "1", b: "2" }, 2)], [], [series({}, 1)]]);
  expect(outline(new ProtobufReader(snappyDecompress(body)), [1, 1])).toBe("1(1(1 1 2 2)) 1() 1(1(2))");
});

test("a CRC of Castagnoli's, by the value every catalogue gives", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

/** The messages of frames, each checked against its checksum. */
function messages(frames: Iterable<Uint8Array>): Uint8Array[] {
  return [...frames].map((frame) => {
    let length = 0;
    let at = 0;
    do length += (frame[at]! & 0x7f) << (7 * at);
    while (frame[at++]! > 0x7f);
    const message = frame.subarray(at + 4);
    expect(message.length).toBe(length);
    expect(Buffer.from(frame.subarray(at, at + 4)).readUInt32BE()).toBe(crc32c(message));
    return message;
  });
}

test("an answer in frames cuts series into chunks of 120, and long series into frames", () => {
  const long = series({ a: "1" }, 250);
  const outlines = (bytesMax?: number): string[] =>
    messages(encodeStreamedResponse([[long], [series({ b: "1" }, 1)]], bytesMax)).map((message) =>
      outline(new ProtobufReader(message), [1]),
    );
  expect(outlines()).toEqual(["1(1 2 2 2) 2", "1(1 2) 2"]);
  expect(outlines(1)).toEqual(["1(1 2) 2", "1(1 2) 2", "1(1 2) 2", "1(1 2) 2"]);
});
