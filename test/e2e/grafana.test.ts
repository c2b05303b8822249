/**
 * What Grafana's data sources of Prometheus and Loki ask, when they are saved and when a dashboard is drawn.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { nowNs, postLoki } from "../support/loki-push.ts";
import { waitFor } from "../support/process.ts";

let binnacle: RunningBinnacle;

beforeAll(async () => {
  binnacle = await startBinnacle();
  await waitFor(async () => ((await scalar(binnacle.url, "count(up)")) ?? 0) >= 2, { what: "samples" });
  const pushed = await postLoki(binnacle.url, [
    { stream: { job: "shop", level: "info" }, values: [[nowNs(), "order paid"]] },
  ]);
  expect(pushed.status).toBe(204);
});
afterAll(async () => {
  await binnacle?.stop();
});

const seconds = (offset: number): string => String(Math.floor(Date.now() / 1000) + offset);

interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly params: () => Readonly<Record<string, string>>;
}

/** To a minute from now: what was just stored lies inside whatever the second. */
const range = () => ({ start: seconds(-300), end: seconds(60) });

const QUESTIONS: Readonly<Record<string, Question>> = {
  "Prometheus: save and test": {
    method: "POST",
    path: "/api/v1/query",
    params: () => ({ query: "1+1", time: seconds(0) }),
  },
  "Prometheus: health": {
    method: "POST",
    path: "/api/v1/query",
    params: () => ({ query: "1+1", time: "4" }),
  },
  "Prometheus: names of metrics, as many as it shows": {
    method: "GET",
    path: "/api/v1/label/__name__/values",
    params: () => ({ ...range(), limit: "40000", unknown: "ignored" }),
  },
  "Prometheus: values of a label of a selector": {
    method: "GET",
    path: "/api/v1/label/mode/values",
    params: () => ({ ...range(), "match[]": "node_cpu_seconds_total" }),
  },
  "Prometheus: all series": {
    method: "POST",
    path: "/api/v1/series",
    params: () => ({ ...range(), "match[]": '{__name__!=""}', limit: "40000" }),
  },
  "Prometheus: metadata, with a limit": {
    method: "GET",
    path: "/api/v1/metadata",
    params: () => ({ limit: "40000" }),
  },
  "Prometheus: metadata of a metric": {
    method: "GET",
    path: "/api/v1/metadata",
    params: () => ({ metric: "binnacle_tsdb_blocks" }),
  },
  "Prometheus: alerts": { method: "GET", path: "/api/v1/alerts", params: () => ({}) },
  "Prometheus: a panel whose interval Go has written": {
    method: "POST",
    path: "/api/v1/query_range",
    params: () => ({
      query: "sum by (mode) (last_over_time(node_cpu_seconds_total[1m0s]))",
      ...range(),
      step: "15",
      timeout: "30",
    }),
  },
  "Prometheus: a variable's query": {
    method: "POST",
    path: "/api/v1/query",
    params: () => ({ query: "count by (mode) (node_cpu_seconds_total)", time: seconds(2), timeout: "30s" }),
  },
  "Prometheus: which flavour": { method: "GET", path: "/api/v1/status/buildinfo", params: () => ({}) },
  "Prometheus: names of labels": { method: "POST", path: "/api/v1/labels", params: range },
  "Prometheus: names of labels of a selector": {
    method: "GET",
    path: "/api/v1/labels",
    params: () => ({ ...range(), "match[]": 'up{job="binnacle"}' }),
  },
  "Prometheus: names of metrics": { method: "GET", path: "/api/v1/label/__name__/values", params: range },
  "Prometheus: series": {
    method: "POST",
    path: "/api/v1/series",
    params: () => ({ ...range(), "match[]": "up" }),
  },
  "Prometheus: metadata": { method: "GET", path: "/api/v1/metadata", params: () => ({}) },
  "Prometheus: rules": { method: "GET", path: "/api/v1/rules", params: () => ({}) },
  "Prometheus: a panel": {
    method: "POST",
    path: "/api/v1/query_range",
    params: () => ({ query: "sum by (mode) (node_cpu_seconds_total)", ...range(), step: "15" }),
  },
  "Loki: save and test": {
    method: "GET",
    path: "/loki/api/v1/query",
    params: () => ({
      query: "vector(1)+vector(1)",
      time: `${seconds(0)}000000000`,
      direction: "backward",
      limit: "1",
    }),
  },
  "Loki: names of labels": { method: "GET", path: "/loki/api/v1/labels", params: range },
  "Loki: values of a label": { method: "GET", path: "/loki/api/v1/label/job/values", params: range },
  "Loki: lines": {
    method: "GET",
    path: "/loki/api/v1/query_range",
    params: () => ({ query: '{job="shop"}', ...range(), limit: "1000", direction: "backward" }),
  },
  "Loki: volume": {
    method: "GET",
    path: "/loki/api/v1/query_range",
    params: () => ({ query: 'sum by (level) (count_over_time({job="shop"}[1m]))', ...range(), step: "60s" }),
  },
};

test.each(Object.keys(QUESTIONS))("%s", async (name) => {
  const { method, path, params } = QUESTIONS[name]!;
  const text = new URLSearchParams(params());
  const response =
    method === "POST"
      ? await fetch(`${binnacle.url}${path}`, { method, body: text })
      : await fetch(`${binnacle.url}${path}?${text.toString()}`);
  const body = await response.text();
  expect(response.status, body).toBe(200);
  const { status, data } = JSON.parse(body) as { status: string; data: unknown };
  expect(status).toBe("success");
  const result = (data as { result?: unknown }).result ?? data;
  expect(JSON.stringify(result).length, "an answer that is not empty").toBeGreaterThan(2);
});

test("the probe for exemplars, whose times are milliseconds, is no mistake", async () => {
  const now = Date.now();
  const params = new URLSearchParams({ query: "test", start: String(now - 60_000), end: String(now) });
  const response = await fetch(`${binnacle.url}/api/v1/query_exemplars?${params.toString()}`);
  expect([response.status, await response.json()]).toEqual([200, { status: "success", data: [] }]);
});

test("the server does not pass for another product", async () => {
  const response = await fetch(`${binnacle.url}/api/v1/status/buildinfo`);
  const { data } = (await response.json()) as { data: object };
  expect(data).not.toHaveProperty("features");
});

test("a label whose name is escaped is found under its name", async () => {
  const answer = await fetch(`${binnacle.url}/api/v1/label/U__job/values`);
  expect(await answer.json()).toMatchObject({ data: expect.arrayContaining(["binnacle", "node"]) });
});

test.each(["gzip", "deflate", "zstd"])("answers are compressed by %s for who asks so", async (encoding) => {
  const headers = { "accept-encoding": encoding };
  const response = await fetch(`${binnacle.url}/api/v1/label/__name__/values`, { headers });
  expect(response.headers.get("content-encoding")).toBe(encoding);
});
