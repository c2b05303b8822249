/**
 * Targets that speak Prometheus's protobuf format: a real Prometheus, which has native histograms of its own.
 */
import type http from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, promql, scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { startServer, type TestServer } from "../support/http-server.ts";
import { waitFor } from "../support/process.ts";
import { startPrometheus, type RunningPeer } from "../support/prometheus.ts";

let prometheus: RunningPeer;
let asked: TestServer;
let binnacle: RunningBinnacle;
const accepted: string[] = [];

beforeAll(async () => {
  prometheus = await startPrometheus();
  // Hands on what it is asked to the real one, and remembers how it was asked.
  asked = await startServer((request, response) => {
    accepted.push(request.headers.accept ?? "");
    void passOn(request, response);
  });
  binnacle = await startBinnacle({
    config: `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: native
    scrape_native_histograms: true
    static_configs: [{targets: ["${asked.address}"]}]
  - job_name: both
    scrape_native_histograms: true
    always_scrape_classic_histograms: true
    static_configs: [{targets: ["${prometheus.url.replace("http://", "")}"]}]
  - job_name: converted
    scrape_protocols: [PrometheusText0.0.4]
    convert_classic_histograms_to_nhcb: true
    static_configs: [{targets: ["${prometheus.url.replace("http://", "")}"]}]
  - job_name: converted_and_classic
    scrape_protocols: [OpenMetricsText1.0.0]
    convert_classic_histograms_to_nhcb: true
    always_scrape_classic_histograms: true
    static_configs: [{targets: ["${prometheus.url.replace("http://", "")}"]}]
  - job_name: text
    static_configs: [{targets: ["${prometheus.url.replace("http://", "")}"]}]
binnacle: {self_scrape: {enabled: false}, host: {enabled: false}, default_rules: false}
`,
  });
  await waitFor(async () => (await scalar(binnacle.url, "sum(up)")) === 5, {
    what: "all jobs to be up",
  });
});
afterAll(async () => {
  await binnacle?.stop();
  await asked?.close();
  await prometheus?.stop();
});

test("protobuf is asked for first where native histograms are wanted", () => {
  expect(accepted[0]).toMatch(
    /^application\/vnd\.google\.protobuf;proto=io\.prometheus\.client\.MetricFamily;/,
  );
});

test("what is a histogram of native buckets there is one here", async () => {
  const native = await promql(binnacle.url, 'prometheus_http_request_duration_seconds{job="native"}');
  expect(native.length).toBeGreaterThan(0);
  expect(native[0]).toHaveProperty("histogram");
  const classic = 'count(prometheus_http_request_duration_seconds_bucket{job="$"})';
  expect(await scalar(binnacle.url, classic.replace("$", "native"))).toBeUndefined();
  expect(await scalar(binnacle.url, classic.replace("$", "both"))).toBeGreaterThan(0);
});

test("all other series are those of the text format", async () => {
  const wanted = await names("text");
  expect(wanted.length).toBeGreaterThan(100);
  const found = new Set(await names("both"));
  expect(wanted.filter((series) => !found.has(series))).toEqual([]);
});

/** The series of a job, but for the label job. */
async function names(job: string): Promise<string[]> {
  const match = encodeURIComponent(`{job="${job}"}`);
  const series = await ask<Record<string, string>[]>(`${binnacle.url}/api/v1/series?match[]=${match}`);
  return (
    series
      .map(({ job: _job, ...labels }) =>
        JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))),
      )
      // Those come and go with requests, and this one has no classic buckets that could be kept.
      .filter((text) => !/prometheus_http_re|prometheus_tsdb_tombstone_cleanup_seconds/.test(text))
      .sort()
  );
}

async function passOn(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const headers = { accept: request.headers.accept ?? "" };
  const answer = await fetch(`${prometheus.url}/metrics`, { headers });
  response.setHeader("content-type", answer.headers.get("content-type") ?? "");
  response.end(Buffer.from(await answer.arrayBuffer()));
}

test.for([
  ["converted", false],
  ["converted_and_classic", true],
] as const)(
  "classic histograms of a text become native ones with their own bounds: job %s",
  async ([job, isClassicToo]) => {
    const name = "prometheus_tsdb_compaction_chunk_size_bytes";
    const [converted] = await promql(binnacle.url, `${name}{job="${job}"}`);
    expect(converted).toHaveProperty("histogram");
    const classic = await scalar(binnacle.url, `count(${name}_bucket{job="${job}"})`);
    const plain = await scalar(binnacle.url, `count(${name}_bucket{job="text"})`);
    expect(classic).toBe(isClassicToo ? plain : undefined);
    // As many scrapes as of the classic one have been counted.
    const count = await scalar(binnacle.url, `histogram_count(${name}{job="${job}"})`);
    expect(count).toBe(await scalar(binnacle.url, `${name}_count{job="text"}`));
  },
);
