/** Samples by step, of the whole query and by step, are those that a live Prometheus 3.5 counts. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { pushToBoth, startPair, type Pair } from "../support/differential.ts";

const QUERIES = [
  "g",
  "nh",
  "mix",
  "gone",
  "g offset 10m",
  "rate(c_total[5m])",
  "rate(nh[2m])",
  "max_over_time(mix[10m])",
  "sum by (a) (rate(c_total[1m]))",
  "topk(2, g)",
  "histogram_quantile(0.9, sum by (le) (rate(h_bucket[5m])))",
  "g + c_total",
  "g + g",
  "sum(rate(c_total[5m])) / sum(rate(c_total[5m]))",
  "rate(c_total[5m]) / rate(c_total[5m])",
  "sum(g @ end())",
  "max_over_time(g[10m] @ end()) + g",
  "max_over_time(rate(c_total[2m])[10m:1m])",
  "avg_over_time(sum(g)[5m:30s] offset 1m)",
  "sum_over_time(g[5m:15s] @ end())",
  "timestamp(g)",
  "timestamp(g @ end())",
  "absent(none_total)",
  "absent_over_time(g[5m])",
  "g > 10 or c_total",
  "quantile_over_time(0.5, g[5m])",
  "vector(1)",
  "time()",
  "scalar(sum(g)) + c_total",
  'label_replace(g, "x", "$1", "a", "(.*)")',
] as const;

interface Samples {
  readonly totalQueryableSamplesPerStep: readonly (readonly [number, number])[] | undefined;
  readonly totalQueryableSamples: number;
  readonly peakSamples: number;
}

let pair: Pair;
let endSeconds: number;

beforeAll(async () => {
  pair = await startPair();
  endSeconds = (await pushToBoth(pair)).endMs / 1000;
});

afterAll(async () => {
  await pair?.[Symbol.asyncDispose]();
});

async function samplesOf(url: string, path: string, params: Record<string, string>): Promise<Samples> {
  const body = new URLSearchParams({ ...params, stats: "all" });
  const response = await fetch(`${url}/api/v1/${path}`, { method: "POST", body });
  const { data } = (await response.json()) as { data: { stats: { samples: Samples } } };
  return data.stats.samples;
}

test.for(QUERIES)("%s", async (query) => {
  const asked: readonly (readonly [string, Record<string, string>])[] = [
    ["query", { query, time: String(endSeconds - 30) }],
    ["query_range", { query, start: String(endSeconds - 1800), end: String(endSeconds - 7), step: "67" }],
  ];
  for (const [path, params] of asked) {
    const [got, wanted] = await Promise.all(
      [pair.binnacleUrl, pair.prometheusUrl].map((url) => samplesOf(url, path, params)),
    );
    expect(got!.totalQueryableSamplesPerStep, path).toEqual(wanted!.totalQueryableSamplesPerStep);
    expect(got!.totalQueryableSamples, path).toBe(wanted!.totalQueryableSamples);
    const readsNothing = /none_total|^vector|^time\(/.test(query);
    expect(wanted!.totalQueryableSamples > 0).toBe(!readsNothing);
    if (!readsNothing) expect(got!.peakSamples).toBeGreaterThan(0);
  }
});
