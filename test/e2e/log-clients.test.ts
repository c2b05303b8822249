/**
 * What other programs send and ask, byte by byte as their documentation and sources say, since the programs
 * themselves are not at hand here: Promtail and the Docker driver, Fluent Bit, Vector, Alloy, logcli.
 */
import zlib from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logql } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { nowNs } from "../support/loki-push.ts";
import { bytesField, fixedField, intField, snappyLiterals } from "../support/protobuf.ts";

let binnacle: RunningBinnacle;
beforeAll(async () => {
  binnacle = await startBinnacle({ mode: "serve" });
});
afterAll(async () => {
  await binnacle?.stop();
});

interface Sent {
  readonly type: string;
  readonly agent: string;
  readonly encoding?: string;
}

function post(path: string, body: Buffer | string, { type, agent, encoding }: Sent): Promise<Response> {
  return fetch(binnacle.url + path, {
    method: "POST",
    headers: {
      "content-type": type,
      "user-agent": agent,
      ...(encoding === undefined ? {} : { "content-encoding": encoding }),
    },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
}

async function lines(query: string): Promise<[Record<string, string>, string][]> {
  const streams = await logql(binnacle.url, query, { limit: "100", direction: "forward" });
  return streams.flatMap(({ stream, values }) =>
    values.map(([, line]): [typeof stream, string] => [stream, line]),
  );
}

/** logproto.EntryAdapter: timestamp, line, structured metadata. */
function entry(timeMs: number, line: string, metadata: Readonly<Record<string, string>> = {}): Buffer {
  const timestamp = Buffer.concat([
    intField(1, Math.floor(timeMs / 1000)),
    intField(2, (timeMs % 1000) * 1_000_000),
  ]);
  const pairs = Object.entries(metadata).map(([name, value]) =>
    bytesField(3, Buffer.concat([bytesField(1, name), bytesField(2, value)])),
  );
  return bytesField(2, Buffer.concat([bytesField(1, timestamp), bytesField(2, line), ...pairs]));
}

test.each([
  ["promtail/3.5.0", '{filename="/var/log/syslog", host="n1", job="varlogs"}', "varlogs"],
  [
    "loki-docker-driver/3.5.0",
    '{compose_project="shop", container_name="web", job="docker", source="stdout"}',
    "docker",
  ],
])("%s: snappy and protobuf", async (agent, labels, job) => {
  const now = Date.now();
  const stream = Buffer.concat([
    bytesField(1, labels),
    entry(now - 1000, "level=info first"),
    entry(now, "second", { trace_id: "t1" }),
    // The hash that newer clients send along.
    intField(3, 1234567890123n),
  ]);
  const response = await post("/loki/api/v1/push", snappyLiterals(bytesField(1, stream)), {
    type: "application/x-protobuf",
    agent,
  });
  expect(response.status).toBe(204);
  const found = await lines(`{job="${job}"}`);
  expect(found.map(([, line]) => line)).toEqual(["level=info first", "second"]);
  expect(found[1]![0]).toMatchObject({ trace_id: "t1" });
});

test("Fluent Bit's output loki: JSON, with structured metadata, in gzip", async () => {
  const body = JSON.stringify({
    streams: [
      {
        stream: { job: "fluent-bit", host: "n1" },
        values: [[nowNs(), '{"log":"a line","stream":"stderr"}', { pod_id: "p1" }]],
      },
    ],
  });
  const response = await post("/loki/api/v1/push", zlib.gzipSync(body), {
    type: "application/json",
    agent: "Fluent-Bit",
    encoding: "gzip",
  });
  expect(response.status).toBe(204);
  expect((await lines('{job="fluent-bit"} | json | pod_id="p1"'))[0]![0]).toMatchObject({ stream: "stderr" });
});

test("Vector's sink loki: asks whether all is ready, then pushes snappy", async () => {
  const agent = "Vector/0.49.0 (x86_64-unknown-linux-gnu)";
  expect((await fetch(`${binnacle.url}/ready`, { headers: { "user-agent": agent } })).status).toBe(200);
  const stream = Buffer.concat([
    bytesField(1, '{job="vector", agent="vector"}'),
    entry(Date.now(), "from vector"),
  ]);
  const response = await post("/loki/api/v1/push", snappyLiterals(bytesField(1, stream)), {
    type: "application/x-protobuf",
    agent,
    encoding: "snappy",
  });
  expect(response.status).toBe(204);
  expect((await lines('{job="vector"}'))[0]![1]).toBe("from vector");
});

test("Vector's sink elasticsearch: its health check, the version, then bulk requests", async () => {
  const agent = "Vector/0.49.0 (x86_64-unknown-linux-gnu)";
  const headers = { "user-agent": agent };
  const root = await fetch(`${binnacle.url}/`, { headers });
  expect(((await root.json()) as { version: { number: string } }).version.number).toMatch(/^8\./);
  expect(root.headers.get("x-elastic-product")).toBe("Elasticsearch");
  expect((await fetch(`${binnacle.url}/_cluster/health`, { headers })).status).toBe(200);
  const action = JSON.stringify({ create: { _index: "vector-2026.11.21" } });
  const document = JSON.stringify({
    "@timestamp": new Date().toISOString(),
    message: "from vector in bulk",
    host: "n1",
    source_type: "file",
  });
  const response = await post("/_bulk?timeout=60s", zlib.gzipSync(`${action}\n${document}\n`), {
    type: "application/x-ndjson",
    agent,
    encoding: "gzip",
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ errors: false, items: [{ create: { status: 201 } }] });
  expect((await lines('"from vector in bulk"')).length).toBe(1);
  // A browser at the same place gets the page.
  const page = await fetch(`${binnacle.url}/`, {
    headers: { "user-agent": "Mozilla/5.0", accept: "text/html" },
  });
  expect(page.headers.get("content-type") ?? "").not.toContain("json");
});

function attribute(key: string, value: string): Buffer {
  return Buffer.concat([bytesField(1, key), bytesField(2, bytesField(1, value))]);
}

/** A frame of LZ4 with one block stored as it is, as lz4 -B7 begins it. */
function lz4Stored(content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE((content.length | 0x8000_0000) >>> 0);
  const begin = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73]);
  return Buffer.concat([begin, size, content, Buffer.alloc(4)]);
}

test.each([
  ["gzip", zlib.gzipSync],
  ["zstd", zlib.zstdCompressSync],
  ["lz4", lz4Stored],
] as const)("Alloy's exporter otlphttp: protobuf in %s", async (encoding, pack) => {
  const record = Buffer.concat([
    fixedField(1, BigInt(nowNs())),
    intField(2, 17),
    bytesField(3, "ERROR"),
    bytesField(5, bytesField(1, "from alloy")),
    bytesField(6, attribute("http.route", "/pay")),
  ]);
  const resource = Buffer.concat([
    bytesField(1, attribute("service.name", `checkout-${encoding}`)),
    bytesField(1, attribute("k8s.pod.name", "checkout-1")),
    bytesField(1, attribute("host.name", "n1")),
  ]);
  const resourceLogs = Buffer.concat([bytesField(1, resource), bytesField(2, bytesField(2, record))]);
  const response = await post("/otlp/v1/logs", pack(bytesField(1, resourceLogs)), {
    type: "application/x-protobuf",
    agent: "Alloy/v1.10.0 (linux; docker)",
    encoding,
  });
  expect(response.status).toBe(200);
  const [found] = await lines(`{service_name="checkout-${encoding}", k8s_pod_name="checkout-1"}`);
  expect(found).toEqual([
    expect.objectContaining({
      http_route: "/pay",
      host_name: "n1",
      detected_level: "error",
      severity_text: "ERROR",
    }),
    "from alloy",
  ]);
});

test("logcli: its queries, listings and statistics", async () => {
  const agent = { headers: { "user-agent": "logcli/3.5.0" } };
  const [start, end] = [nowNs(-3_600_000), nowNs(60_000)];
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(binnacle.url + path, agent);
    expect(response.status, path).toBe(200);
    return response.json();
  };
  const range = `start=${start}&end=${end}`;
  const query = encodeURIComponent('{job="varlogs"}');
  expect(
    await ask(`/loki/api/v1/query_range?direction=BACKWARD&${range}&limit=30&query=${query}`),
  ).toMatchObject({ data: { resultType: "streams" } });
  expect(
    await ask(`/loki/api/v1/query_range?direction=FORWARD&${range}&limit=1&query=${query}`),
  ).toMatchObject({
    data: { result: [{ values: [[expect.any(String), "level=info first"]] }] },
  });
  expect(
    await ask(`/loki/api/v1/query?direction=BACKWARD&limit=30&query=vector(1)&time=${end}`),
  ).toMatchObject({ data: { resultType: "vector" } });
  expect(await ask(`/loki/api/v1/labels?${range}`)).toMatchObject({ data: expect.arrayContaining(["job"]) });
  expect(await ask(`/loki/api/v1/label/job/values?${range}`)).toMatchObject({
    data: expect.arrayContaining(["varlogs"]),
  });
  expect(
    await ask(`/loki/api/v1/series?${range}&match=${query}&match=${encodeURIComponent('{job="docker"}')}`),
  ).toMatchObject({ data: [{ job: "docker" }, { job: "varlogs" }] });
  expect(await ask(`/loki/api/v1/index/stats?${range}&query=${query}`)).toMatchObject({
    streams: 1,
    entries: 2,
  });
  expect(await ask(`/loki/api/v1/index/volume?${range}&limit=30&query=${query}`)).toMatchObject({
    data: { resultType: "vector", result: [{ metric: { job: "varlogs" } }] },
  });
  expect(await ask(`/loki/api/v1/index/volume_range?${range}&limit=30&step=60&query=${query}`)).toMatchObject(
    {
      data: { resultType: "matrix" },
    },
  );
  expect(
    await ask(`/loki/api/v1/detected_fields?${range}&line_limit=10&limit=10&query=${query}`),
  ).toMatchObject({
    fields: expect.any(Array),
  });
});

async function answerOf(path: string): Promise<unknown> {
  return (await fetch(binnacle.url + path)).json();
}

test("a client of Loki's first API", async () => {
  const query = encodeURIComponent('{job="varlogs"}');
  expect(
    await answerOf(`/api/prom/query?query=${query}&limit=10&direction=forward&regexp=fir.t`),
  ).toMatchObject({
    streams: [
      {
        labels: expect.stringContaining('job="varlogs"'),
        entries: [{ ts: expect.stringMatching(/^\d{4}-.*\.\d{9}Z$/), line: "level=info first" }],
      },
    ],
  });
  expect(await answerOf("/api/prom/label")).toMatchObject({ values: expect.arrayContaining(["job"]) });
  expect(await answerOf("/api/prom/label/job/values")).toMatchObject({
    values: expect.arrayContaining(["varlogs"]),
  });
});
