/**
 * What is wrong, too long, too deep or too much meets a limit that has a name, and leaves the rest as it was.
 */
import zlib from "node:zlib";
import { snappyCompress } from "@binnacle/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logql } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { nowNs, postLoki } from "../support/loki-push.ts";
import { bytesField, intField, varint } from "../support/protobuf.ts";

let binnacle: RunningBinnacle;
let cutting: RunningBinnacle;
beforeAll(async () => {
  binnacle = await startBinnacle({ mode: "serve" });
  cutting = await startBinnacle({
    mode: "serve",
    config: "binnacle: {logs: {line_bytes_max: 1KiB, long_lines: cut}}\n",
  });
});
afterAll(async () => {
  await binnacle?.stop();
  await cutting?.stop();
});

async function linesOf({ url }: RunningBinnacle, query: string): Promise<string[]> {
  const streams = await logql(url, query, { limit: "5000", direction: "forward" });
  return streams.flatMap(({ values }) => values.map(([, line]) => line));
}

async function metric({ url }: RunningBinnacle, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((it) => it.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.split(" ").at(-1));
}

function postProtobuf(body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${binnacle.url}/loki/api/v1/push`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf", ...headers },
    body: new Uint8Array(body),
  });
}

/** It still answers, and quickly. */
async function expectWell(): Promise<void> {
  const startMs = performance.now();
  expect((await postLoki(binnacle.url, [{ stream: { job: "well" }, values: [[nowNs(), "x"]] }])).status).toBe(
    204,
  );
  expect((await fetch(`${binnacle.url}/-/ready`)).status).toBe(200);
  expect(performance.now() - startMs).toBeLessThan(5000);
}

test("a bad entry names its stream and its place, and its neighbours are kept", async () => {
  const response = await postLoki(binnacle.url, [
    { stream: { job: "mixed", n: "0" }, values: [[nowNs(), "kept 0"]] },
    {
      stream: { job: "mixed", n: "1" },
      values: [
        [nowNs(), "kept 1"],
        ["yesterday", "bad"],
        [nowNs(), "kept 2"],
      ],
    },
    { stream: { "bad-name": "x" }, values: [[nowNs(), "bad"]] },
    {
      stream: { job: "mixed", n: "3" },
      values: [
        [nowNs(3_600_000), "too new"],
        [nowNs(), "kept 3"],
      ],
    },
  ]);
  expect(response.status).toBe(400);
  const text = await response.text();
  expect(text).toContain('stream 1, entry 1: the timestamp "yesterday"');
  expect(text).toContain("stream 2");
  expect(text).toMatch(/line 0: its timestamp \d+ is more than 600000 ms ahead \(futureGraceMs\)/);
  expect((await linesOf(binnacle, '{job="mixed"}')).sort()).toEqual(["kept 0", "kept 1", "kept 2", "kept 3"]);
});

test("a line over the limit is refused and counted, or cut and counted", async () => {
  const values: [string, string][] = [
    [nowNs(), "x".repeat(1024 * 1024 + 1)],
    [nowNs(), "short"],
  ];
  const response = await postLoki(binnacle.url, [{ stream: { job: "long" }, values }]);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("1048577 bytes are over the limit of 1048576 (lineBytesMax)");
  expect(await linesOf(binnacle, '{job="long"}')).toEqual(["short"]);
  expect(await metric(binnacle, 'binnacle_logs_rejected_lines_total{reason="line_too_long"}')).toBe(1);

  expect((await postLoki(cutting.url, [{ stream: { job: "long" }, values }])).status).toBe(204);
  expect((await linesOf(cutting, '{job="long"}')).map(({ length }) => length).sort((a, b) => a - b)).toEqual([
    5, 1024,
  ]);
  expect(await metric(cutting, "binnacle_logs_cut_lines_total")).toBe(1);
});

test.each([
  ["a nest of repetitions", '{job="well"} |~ "((a{1,100}){1,100}){1,100}"', /BAD_REGEXP|regexp|repeat/i],
  ["a very long pattern", `{job="well"} |~ "${"(a|b)".repeat(20_000)}"`, /limit|regexp|large/i],
  ["a deep nest", "(".repeat(50_000), /nested|limit/i],
])("a regular expression bomb: %s", async (_name, query, complaint) => {
  const startMs = performance.now();
  const response = await fetch(`${binnacle.url}/loki/api/v1/query_range`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ query }).toString(),
  });
  expect([400, 413, 422, 503]).toContain(response.status);
  expect(await response.text()).toMatch(complaint);
  expect(performance.now() - startMs).toBeLessThan(20_000);
  await expectWell();
});

test("a pattern that makes other engines backtrack is answered in linear time", async () => {
  await postLoki(binnacle.url, [{ stream: { job: "bomb" }, values: [[nowNs(), `${"a".repeat(50_000)}!`]] }]);
  const startMs = performance.now();
  expect(await linesOf(binnacle, '{job="bomb"} |~ "^(a+)+$"')).toEqual([]);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

test("a query of 10 MB", async () => {
  const query = `{job="well"} |= "${"x".repeat(10 * 1024 * 1024)}"`;
  const response = await fetch(`${binnacle.url}/loki/api/v1/query_range`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ query }).toString(),
  });
  expect(response.status).toBe(422);
  expect(await response.text()).toMatch(
    /the query has \d+ characters: the limit is 131072 \(QUERY_LENGTH_MAX\)/,
  );
  await expectWell();
});

test("a million streams in one request", async () => {
  const time = bytesField(1, intField(1, Math.floor(Date.now() / 1000)));
  const entry = bytesField(2, Buffer.concat([time, bytesField(2, "x")]));
  const streams = Array.from({ length: 1_000_000 }, (_, i) =>
    bytesField(1, Buffer.concat([bytesField(1, `{job="many",n="${i}"}`), entry])),
  );
  const response = await postProtobuf(Buffer.from(snappyCompress(Buffer.concat(streams))));
  expect(response.status).toBe(422);
  expect(await response.text()).toContain("more than 50000 streams (PUSH_STREAMS_MAX)");
  await expectWell();
});

test.each([
  ["gzip", zlib.gzipSync(Buffer.alloc(1024 * 1024 * 1024))],
  ["deflate", zlib.deflateSync(Buffer.alloc(1024 * 1024 * 1024))],
  ["zstd", zlib.zstdCompressSync(Buffer.alloc(1024 * 1024 * 1024))],
  ["lz4", lz4Bomb()],
])("a bomb of %s", async (encoding, bomb) => {
  for (const path of ["/loki/api/v1/push", "/otlp/v1/logs", "/_bulk", "/insert/jsonline"]) {
    const response = await fetch(binnacle.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", "content-encoding": encoding },
      body: new Uint8Array(bomb),
    });
    expect(response.status, path).toBe(413);
    expect(await response.text(), path).toContain("BODY_BYTES_MAX");
  }
  await expectWell();
});

/** One byte, and a copy of it of a hundred million bytes, in a frame of LZ4. */
function lz4Bomb(): Buffer {
  const copy = Buffer.concat([
    Buffer.from([0x1f, 0x61, 1, 0]),
    Buffer.alloc(400_000, 255),
    Buffer.from([0, 0]),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(copy.length);
  // The magic number, flags and block size as lz4 -B7 writes them, and the header's check byte.
  return Buffer.concat([
    Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73]),
    size,
    copy,
    Buffer.alloc(4),
  ]);
}

test("a snappy block that claims gigabytes", async () => {
  const response = await postProtobuf(Buffer.concat([varint(4_000_000_000), Buffer.from([0, 1])]));
  expect(response.status).toBe(413);
  expect(await response.text()).toContain("BODY_BYTES_MAX");
});

test.each([
  ["that says so", (body: Buffer) => new Uint8Array(body)],
  ["that comes in pieces", (body: Buffer) => new Blob([new Uint8Array(body)]).stream()],
])("a body over the limit %s is answered, not cut off", async (_name, pack) => {
  for (let i = 0; i < 5; i++) {
    const response = await fetch(`${binnacle.url}/loki/api/v1/push`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: pack(Buffer.alloc(65 * 1024 * 1024)),
      duplex: "half",
    });
    expect(response.status, await response.text()).toBe(413);
  }
  await expectWell();
});
