/** Remote write past the framework answers as it does through it: the same requests take both ways. */
import { Labels, NO_LOGGER, type MetricSink, type SampleRow } from "@binnacle/model";
import { WriteRequestEncoder } from "@binnacle/wire";
import net from "node:net";
import type { FastifyInstance } from "fastify";
import { afterEach, expect, test } from "vitest";
import { RemoteWriteReceiver } from "../ingest/remote-write.ts";
import { BODY_BYTES_MAX } from "../limits.ts";
import { buildTestApp } from "./test-app.ts";

const rows: SampleRow[] = [];
const sink: MetricSink = {
  series: () => 1,
  append: (given) => {
    rows.push(...given.map((row) => ({ ...row, values: row.values.slice() })));
    return Promise.resolve({
      appended: 1,
      rejected: 0,
      rejectedHistograms: 0,
      rejections: [],
      unknownSeries: [],
    });
  },
  describe: () => undefined,
};
let app: FastifyInstance | undefined;

afterEach(async () => {
  rows.length = 0;
  await app?.close();
});

const absent = (): never => {
  throw new Error("BUG: not asked in this test");
};

async function listen(): Promise<string> {
  const receiver = new RemoteWriteReceiver(sink);
  app = await buildTestApp({
    logger: NO_LOGGER,
    ingest: { metrics: () => receiver, logs: absent, otlpMetrics: absent, pushes: absent, nowMs: () => 0 },
  });
  return app.listen({ host: "127.0.0.1", port: 0 });
}

function oneSample(name = "up"): Uint8Array<ArrayBuffer> {
  return new WriteRequestEncoder().encode({
    labels: [Labels.fromObject({ __name__: name, job: "j", instance: "i" })],
    sampleOffsets: Uint32Array.of(0, 1),
    sampleTimes: Float64Array.of(1000),
    sampleValues: Float64Array.of(7),
    sampleStartTimes: undefined,
    histograms: [],
    exemplars: [],
    metadata: [],
  }) as Uint8Array<ArrayBuffer>;
}

interface Case {
  readonly name: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  { name: "a good request", body: oneSample(), status: 204, says: /^$/ },
  { name: "no body", body: new Uint8Array(0), status: 400, says: /"bad_data".*has no body/ },
  { name: "nonsense", body: Uint8Array.of(1, 2, 3), status: 400, says: /not a snappy block/ },
  { name: "a bad metric name", body: oneSample(""), status: 400, says: /^series 0: / },
  {
    name: "another message",
    body: oneSample(),
    headers: { "content-type": "application/x-protobuf;proto=some.Other" },
    status: 415,
    says: /some\.Other/,
  },
  {
    name: "another encoding",
    body: oneSample(),
    headers: { "content-encoding": "br" },
    status: 415,
    says: /content encoding br/,
  },
];

// A query sends a request the long way.
for (const path of ["/api/v1/write", "/api/v1/write?long"]) {
  test.each(CASES)(`${path}: $name`, async ({ body, headers, status, says }) => {
    const url = await listen();
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf", "content-encoding": "snappy", ...headers },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(says);
    const written = response.headers.get("x-prometheus-remote-write-samples-written");
    if (status === 204) expect(written).toBe("1");
    expect(rows.map(({ group, timeMs, values }) => [group, timeMs, ...values])).toEqual(
      status === 204 ? [["write/j/i", 1000, 7]] : [],
    );
  });
}

test("a page of another origin is refused", async () => {
  const url = await listen();
  const response = await fetch(`${url}/api/v1/write`, {
    method: "POST",
    headers: { origin: "http://elsewhere.example" },
    body: oneSample(),
  });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("origin http://elsewhere.example");
  expect(rows).toEqual([]);
});

test("a body that is announced too long is refused unread, and one that gets too long", async () => {
  const url = await listen();
  const announced = `content-length: ${BODY_BYTES_MAX + 1}\r\n\r\n`;
  expect(await rawAnswer(url, announced)).toMatch(/^HTTP\/1\.1 413 [^]*BODY_BYTES_MAX/);
  const size = BODY_BYTES_MAX + 1;
  const chunk = Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), Buffer.alloc(size)]);
  expect(await rawAnswer(url, "transfer-encoding: chunked\r\n\r\n", chunk)).toMatch(/^HTTP\/1\.1 413 /);
});

test("a request that is cut short disturbs nobody", async () => {
  const url = await listen();
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  await new Promise((resolve) =>
    socket.write("POST /api/v1/write HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nsome", resolve),
  );
  socket.destroy();
  const response = await fetch(`${url}/api/v1/write`, { method: "POST", body: oneSample() });
  expect(response.status).toBe(204);
});

/** What comes back until the server hangs up. */
async function rawAnswer(url: string, rest: string, body: Uint8Array = new Uint8Array(0)): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  socket.on("error", () => undefined);
  socket.write(`POST /api/v1/write HTTP/1.1\r\nhost: ${hostname}\r\n${rest}`);
  if (body.length > 0) socket.write(body);
  let text = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    text += chunk.toString("latin1");
    if (text.includes("}")) break;
  }
  socket.destroy();
  return text;
}
