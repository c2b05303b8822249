/**
 * What is pushed in others' formats: the good is kept and can be asked for, the bad is named with its line.
 */
import { gzipSync } from "node:zlib";
import { Labels } from "@binnacle/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { promql, scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { postWrite } from "../support/remote-write.ts";

let binnacle: RunningBinnacle;
const nowMs = Date.now() - 10_000;

beforeAll(async () => {
  binnacle = await startBinnacle({
    mode: "serve",
    config: "binnacle: {self_scrape: {enabled: false}, host: {enabled: false}, default_rules: false}\n",
  });
});
afterAll(async () => {
  await binnacle?.stop();
});

async function post(path: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const init = { method: "POST", headers, body: body as Uint8Array<ArrayBuffer> };
  const response = await fetch(binnacle.url + path, init);
  return { status: response.status, text: await response.text(), headers: response.headers };
}

test.each([
  ["/write?precision=ms", `ia v=1 ${nowMs}`, "ia_v"],
  ["/api/v2/write?bucket=b&precision=s", `ib,t=x v=1i ${Math.floor(nowMs / 1000)}`, 'ib_v{t="x"}'],
  ["/influx/write?db=d", `ic v=1 ${nowMs}000000`, 'ic_v{db="d"}'],
  ["/api/v1/import", `{"metric":{"__name__":"ja"},"values":[1],"timestamps":[${nowMs}]}`, "ja"],
  ["/api/v1/import/csv?format=1:metric:ca,2:time:unix_ms&extra_label=dc=x", `1,${nowMs}`, 'ca{dc="x"}'],
  [`/api/v1/import/prometheus?timestamp=${nowMs}`, "pa 1", "pa"],
  ["/metrics/job/batch/instance/b1", "pb 1\n", 'pb{job="batch",instance="b1"}'],
  ["/metrics/job@base64/YS9i", "pc 1\n", 'pc{job="a/b"}'],
  ["/api/v1/import/prometheus/metrics/job/vm", "pd 1\n", 'pd{job="vm"}'],
])("%s takes its format, plain and gzipped", async (path, body, query) => {
  const good = path.startsWith("/metrics/") || path.includes("/metrics/job/") ? 200 : 204;
  expect((await post(path, body)).status).toBe(good);
  expect(await scalar(binnacle.url, query)).toBe(1);
  expect((await post(path, gzipSync(body), { "content-encoding": "gzip" })).status).toBe(good);
});

test.each([
  ["/write", "good_a v=1\nbad", "line 2: expected"],
  ["/api/v1/import/prometheus", "good_b 1\nbad{", "line 2, column 5: "],
  ["/api/v1/import/csv?format=1:metric:good_c", "1\nx", "line 2: column 1"],
  [
    "/api/v1/import",
    `{"metric":{"__name__":"good_d"},"values":[1],"timestamps":[${nowMs}]}\n{`,
    "line 2: it is not JSON",
  ],
])("%s names a bad line and keeps the rest", async (path, body, problem) => {
  const { status, text } = await post(path, body);
  expect([status, text]).toEqual([400, expect.stringContaining(problem)]);
  const [, name] = /(good_[a-d])/.exec(path + body)!;
  expect(await promql(binnacle.url, `{__name__=~"${name}.*"}`)).toHaveLength(1);
});

test.each([
  ["/api/v1/import/csv", "1", 400],
  ["/write?precision=years", "m v=1", 400],
  ["/metrics/job/", "a 1", 400],
  ["/metrics/job/x/__name__/y", "a 1", 400],
  ["/api/v1/import/prometheus?extra_label=x", "a 1", 400],
])("%s is refused as a whole", async (path, body, wanted) => {
  expect((await post(path, body)).status).toBe(wanted);
});

const OTLP = "/api/v1/otlp/v1/metrics";

const request = (metrics: readonly object[]): string =>
  JSON.stringify({
    resourceMetrics: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "o" } }] },
        scopeMetrics: [{ metrics }],
      },
    ],
  });

test("OTLP answers with what it left out", async () => {
  const point = { timeUnixNano: `${nowMs}000000`, asInt: "5" };
  const gauge = { name: "og", gauge: { dataPoints: [point] } };
  const delta = { name: "od", sum: { aggregationTemporality: 1, dataPoints: [point, point] } };
  const json = { "content-type": "application/json" };
  const all = await post(OTLP, gzipSync(request([gauge])), { ...json, "content-encoding": "gzip" });
  expect([all.status, all.text]).toEqual([200, "{}"]);
  expect(await scalar(binnacle.url, 'og{job="o"}')).toBe(5);
  const part = await post(OTLP, request([gauge, delta]), json);
  expect([part.status, JSON.parse(part.text)]).toEqual([
    200,
    { partialSuccess: { rejectedDataPoints: "2", errorMessage: expect.stringContaining("delta") } },
  ]);
  const bad = await post(OTLP, "{", json);
  expect([bad.status, JSON.parse(bad.text)]).toEqual([
    400,
    { code: 3, message: expect.stringContaining("JSON") },
  ]);
  const empty = await post(OTLP, new Uint8Array(0), { "content-type": "application/x-protobuf" });
  expect([empty.status, empty.text, empty.headers.get("content-type")]).toEqual([
    200,
    "",
    "application/x-protobuf",
  ]);
  expect((await post(OTLP, "x", { "content-type": "text/plain" })).status).toBe(415);
});

const series = (name: string, samples: readonly (readonly [number, number])[]) => ({
  labels: Labels.fromObject({ __name__: name }),
  samples,
});

const written = (response: Response): unknown[] => [
  response.status,
  ...["samples", "histograms", "exemplars"].map((kind) =>
    response.headers.get(`x-prometheus-remote-write-${kind}-written`),
  ),
];

test("remote write counts what it wrote, also where it refuses a part", async () => {
  const url = `${binnacle.url}/api/v1/write`;
  expect(written(await postWrite(url, [series("wa", [[nowMs, 1]]), series("wb", [[nowMs, 1]])]))).toEqual([
    204,
    "2",
    "0",
    "0",
  ]);
  const again = [series("wa", [[nowMs, 2]]), series("wb", [[nowMs + 1, 1]]), series("wc", [[nowMs, 1]])];
  expect(written(await postWrite(url, again))).toEqual([400, "2", "0", "0"]);
  const foreign = await post("/api/v1/write", "x", {
    "content-type": "application/x-protobuf;proto=some.Other",
  });
  expect(foreign.status).toBe(415);
});
