/**
 * What Grafana's data source of Loki and its Logs Drilldown send, request by request, and what they need in
 * the answers.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { waitFor } from "../support/process.ts";

let binnacle: RunningBinnacle;
const startMs = Date.now() - 60_000;
const ns = (offsetMs: number): string => `${startMs + offsetMs}000000`;
const range = { start: ns(0), end: ns(120_000) };
const isoRange = {
  start: new Date(startMs).toISOString(),
  end: new Date(startMs + 120_000).toISOString(),
};

beforeAll(async () => {
  binnacle = await startBinnacle({ mode: "serve" });
  const lines = Array.from({ length: 20 }, (_, i) => [
    ns(i * 1000),
    i % 5 === 0
      ? `level=error msg="order ${i} failed" took=${i}ms`
      : `level=info msg="order ${i} paid" took=${i}ms`,
    { trace_id: `t${i}` },
  ]);
  const response = await fetch(`${binnacle.url}/loki/api/v1/push`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      streams: [
        { stream: { app: "shop", pod: "shop-1" }, values: lines },
        { stream: { job: "web" }, values: [[ns(500), '{"status":200,"user":{"name":"ann"}}']] },
      ],
    }),
  });
  expect(response.status).toBe(204);
});
afterAll(async () => {
  await binnacle?.stop();
});

async function get<T = Record<string, unknown>>(
  path: string,
  params: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const response = await fetch(`${binnacle.url}${path}?${new URLSearchParams(params).toString()}`, {
    headers,
  });
  const text = await response.text();
  expect(response.status, `${path}: ${text}`).toBe(200);
  return JSON.parse(text) as T;
}

const CATEGORIZE = { "x-loki-response-encoding-flags": "categorize-labels" };

test("save and test: one sample of value 2", async () => {
  const params = { query: "vector(1)+vector(1)", time: "4000000000", direction: "backward" };
  const { data } = await get<{ data: { resultType: string; result: { value: [number, string] }[] } }>(
    "/loki/api/v1/query",
    params,
    CATEGORIZE,
  );
  expect(data.resultType).toBe("vector");
  expect(data.result.map(({ value }) => value[1])).toEqual(["2"]);
});

test("lines with categories: the stream's labels, metadata and parsed labels beside each line", async () => {
  const params = {
    query: '{app="shop"} | logfmt',
    ...range,
    step: "1000ms",
    direction: "backward",
    limit: "2",
  };
  const { data } = await get<{
    data: {
      encodingFlags: string[];
      result: {
        stream: object;
        values: [
          string,
          string,
          { structuredMetadata: Record<string, string>; parsed: Record<string, string> },
        ][];
      }[];
    };
  }>("/loki/api/v1/query_range", params, { ...CATEGORIZE, "x-query-tags": "Source=grafana-lokiexplore-app" });
  expect(data.encodingFlags).toEqual(["categorize-labels"]);
  expect(data.result).toHaveLength(1);
  expect(data.result[0]!.stream).toEqual({ app: "shop", pod: "shop-1", service_name: "shop" });
  const [time, line, extra] = data.result[0]!.values[0]!;
  expect([time, line]).toEqual([ns(19_000), 'level=info msg="order 19 paid" took=19ms']);
  expect(extra.structuredMetadata).toEqual({ trace_id: "t19", detected_level: "info" });
  expect(extra.parsed).toMatchObject({ level: "info", took: "19ms" });
});

test("lines without categories: all labels make the stream", async () => {
  const { data } = await get<{ data: { result: { stream: Record<string, string>; values: string[][] }[] } }>(
    "/loki/api/v1/query_range",
    { query: '{app="shop"}', ...range, limit: "1" },
  );
  expect(data.result[0]!.stream).toMatchObject({ app: "shop", trace_id: "t19", detected_level: "info" });
  expect(data.result[0]!.values[0]).toHaveLength(2);
});

test("volume by level, as Explore and Drilldown draw it", async () => {
  const params = {
    query: 'sum by (detected_level)(count_over_time({app="shop"}[1m]))',
    ...range,
    step: "60000ms",
  };
  const { data } = await get<{
    data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
  }>("/loki/api/v1/query_range", params, CATEGORIZE);
  const sums = data.result.map(({ metric, values }) => [
    metric["detected_level"],
    values.reduce((sum, [, value]) => sum + Number(value), 0),
  ]);
  expect(sums.sort(([a], [b]) => (a! < b! ? -1 : 1))).toEqual([
    ["error", 4],
    ["info", 16],
  ]);
});

test.each([
  ["labels", "/loki/api/v1/labels", {}, ["app", "job", "pod", "service_name"]],
  ["labels by the other name", "/loki/api/v1/label", {}, ["app", "job", "pod", "service_name"]],
  ["labels of a selector", "/loki/api/v1/labels", { query: '{job="web"}' }, ["job", "service_name"]],
  ["values", "/loki/api/v1/label/service_name/values", {}, ["shop", "web"]],
  ["values of a selector", "/loki/api/v1/label/app/values", { query: '{pod="shop-1"}' }, ["shop"]],
])("%s", async (_what, path, params, data) => {
  expect(await get(path, { ...range, ...params })).toMatchObject({ status: "success", data });
});

test("series", async () => {
  expect(await get("/loki/api/v1/series", { ...range, "match[]": '{job="web"}' })).toMatchObject({
    status: "success",
    data: [{ job: "web", service_name: "web" }],
  });
});

test("estimates: a bare object", async () => {
  const stats = await get<Record<string, number>>("/loki/api/v1/index/stats", {
    query: '{app="shop"}',
    ...range,
  });
  expect(stats).toMatchObject({ streams: 1, entries: 20 });
  expect(stats["bytes"]).toBeGreaterThan(500);
});

test("volumes, with times as Drilldown writes them", async () => {
  const params = { query: '{service_name=~".+"}', ...isoRange, limit: "5000" };
  const { data } = await get<{
    data: { resultType: string; result: { metric: object; value: [number, string] }[] };
  }>("/loki/api/v1/index/volume", params);
  expect(data.resultType).toBe("vector");
  expect(data.result.map(({ metric }) => metric)).toEqual([
    { service_name: "shop" },
    { service_name: "web" },
  ]);
  const ranged = await get("/loki/api/v1/index/volume_range", { ...params, step: "60", targetLabels: "app" });
  expect(ranged).toMatchObject({ data: { resultType: "matrix" } });
  const byLabel = { ...params, aggregateBy: "labels" };
  expect(await get("/loki/api/v1/index/volume", byLabel)).toMatchObject({
    data: { result: [{ metric: { service_name: "service_name" } }] },
  });
});

test("labels and fields that are detected", async () => {
  expect(await get("/loki/api/v1/detected_labels", isoRange)).toMatchObject({
    detectedLabels: [
      { label: "app", cardinality: 1 },
      { label: "job", cardinality: 1 },
      { label: "pod", cardinality: 1 },
      { label: "service_name", cardinality: 2 },
    ],
  });
  const { fields, limit } = await get<{ fields: { label: string }[]; limit: number }>(
    "/loki/api/v1/detected_fields",
    { query: '{app="shop"}', ...isoRange, limit: "1000" },
  );
  expect(limit).toBe(1000);
  expect(fields).toContainEqual({ label: "took", type: "duration", cardinality: 20, parsers: ["logfmt"] });
  expect(fields).toContainEqual({ label: "detected_level", type: "string", cardinality: 2, parsers: null });
  const ofWeb = { query: '{job="web"}', ...isoRange };
  expect(await get("/loki/api/v1/detected_field/user_name/values", ofWeb)).toMatchObject({ values: ["ann"] });
});

test("patterns: as Drilldown shows them, and as a filter takes them", async () => {
  const query = '{app="shop"}';
  const { data } = await get<{ data: { pattern: string; level: string; samples: [number, number][] }[] }>(
    "/loki/api/v1/patterns",
    { query, ...isoRange, step: "10s" },
  );
  const counts = data.map(({ pattern, level, samples }) => [
    pattern,
    level,
    samples.reduce((sum, [, count]) => sum + count, 0),
  ]);
  expect(counts).toEqual([
    ['level=info msg="order <_> paid" took=<_>', "info", 16],
    ['level=error msg="order <_> failed" took=<_>', "error", 4],
  ]);
  const filter = `sum(count_over_time(${query} |> \`${data[1]!.pattern}\` or "none" [5m]))`;
  expect(await get("/loki/api/v1/query", { query: filter, time: range.end })).toMatchObject({
    data: { result: [{ value: [expect.anything(), "4"] }] },
  });
  const slot = { query, ...range, pattern: data[0]!.pattern, slot: "1" };
  expect(await get("/loki/api/v1/patterns/slot", slot)).toMatchObject({ data: { lines: 16, distinct: 16 } });
  const halves = { query, start: ns(10_000), end: ns(20_000), base_start: ns(0), base_end: ns(10_000) };
  expect(await get("/loki/api/v1/patterns/diff", halves)).toMatchObject({ status: "success", data: [] });
});

test.each([
  [
    "sums of an unwrapped field",
    'avg_over_time({app="shop"} | logfmt | unwrap duration(took) | __error__="" [1m]) by ()',
  ],
  ["a json field", 'sum by (s) (count_over_time({job="web"} | json s="status" | keep s [1m]))'],
  ["patterns left out", '{app="shop"} !> `<_>failed<_>` !> "x<_>"'],
  ["by shard", 'sum(count_over_time({app="shop", __stream_shard__=""} |~ `(?i)ORDER` [1m]))'],
])("a query of Drilldown: %s", async (_what, query) => {
  const { data } = await get<{ data: { result: unknown[] } }>(
    "/loki/api/v1/query_range",
    { query, ...isoRange, step: "60" },
    CATEGORIZE,
  );
  expect(data.result.length).toBeGreaterThan(0);
});

test("what is asked about the server", async () => {
  expect(await get("/loki/api/v1/drilldown-limits")).toMatchObject({ pattern_ingester_enabled: true });
  expect(await get("/loki/api/v1/status/buildinfo")).toHaveProperty("version");
  const query = '{app="shop"}|="x"';
  expect(await get("/loki/api/v1/format_query", { query })).toEqual({
    status: "success",
    data: '{app="shop"} |= "x"',
  });
});

test("a mistake is told as text", async () => {
  const response = await fetch(`${binnacle.url}/loki/api/v1/query_range?query=%7B`);
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(/^parse error at line 1, col 2/);
});

test("live", async () => {
  const socket = new WebSocket(`${binnacle.url.replace("http", "ws")}/loki/api/v1/tail?query={app="live"}`);
  const frames: { streams: { stream: object; values: string[][] }[] }[] = [];
  socket.addEventListener("message", ({ data }) =>
    frames.push(JSON.parse(String(data)) as (typeof frames)[number]),
  );
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const body = JSON.stringify({ streams: [{ stream: { app: "live" }, values: [[ns(60_000), "now"]] }] });
  const headers = { "content-type": "application/json" };
  await fetch(`${binnacle.url}/loki/api/v1/push`, { method: "POST", headers, body });
  await waitFor(() => Promise.resolve(frames.length > 0), { what: "a frame" });
  expect(frames[0]!.streams[0]).toMatchObject({ values: [[ns(60_000), "now"]] });
  socket.close();
});

test.each([
  [
    "/otlp/v1/logs",
    "application/json",
    () =>
      JSON.stringify({
        resourceLogs: [
          {
            resource: { attributes: [{ key: "service.name", value: { stringValue: "otel" } }] },
            scopeLogs: [
              {
                logRecords: [
                  { timeUnixNano: ns(1000), severityNumber: 17, body: { stringValue: "from otlp" } },
                ],
              },
            ],
          },
        ],
      }),
    '{service_name="otel"} | detected_level="error"',
    "from otlp",
  ],
  [
    "/_bulk",
    "application/x-ndjson",
    () =>
      `{"create":{"_index":"logs-app"}}\n{"message":"from bulk","@timestamp":"${new Date(startMs).toISOString()}"}\n`,
    '{job="logs-app"}',
    "from bulk",
  ],
  [
    "/insert/jsonline?_stream_fields=app",
    "application/stream+json",
    () => `{"app":"jl","_msg":"from json lines","_time":"${new Date(startMs).toISOString()}"}\n`,
    '{app="jl"}',
    "from json lines",
  ],
])("lines come in at %s", async (path, type, body, query, line) => {
  const response = await fetch(`${binnacle.url}${path}`, {
    method: "POST",
    headers: { "content-type": type },
    body: body(),
  });
  expect(response.status, await response.text()).toBeLessThan(300);
  const { data } = await get<{ data: { result: { values: string[][] }[] } }>("/loki/api/v1/query_range", {
    query,
    ...range,
  });
  expect(data.result.flatMap(({ values }) => values.map((value) => value[1]))).toEqual([line]);
});

test("logs in a PromQL expression, at one time and over a range", async () => {
  const query = 'sum by (app) (logs(count_over_time({app="shop"} |= "failed" [1m]))) / 2';
  const seconds = String(startMs / 1000 + 30);
  expect(await get("/api/v1/query", { query, time: seconds })).toMatchObject({
    data: { resultType: "vector", result: [{ metric: { app: "shop" }, value: [Number(seconds), "2"] }] },
  });
  const whole = { query, start: seconds, end: String(Number(seconds) + 120), step: "60" };
  expect(await get("/api/v1/query_range", whole)).toMatchObject({
    data: { result: [{ metric: { app: "shop" }, values: [[Number(seconds), "2"]] }] },
  });
});
