import type { RangeCacheStats } from "@binnacle/promql/engine";
import { expect, test } from "vitest";
import { PromMeter } from "../self/meter.ts";
import { CacheMeter, newCacheFigures, writeCacheFigures } from "./cache-meter.ts";

const NONE: RangeCacheStats = {
  hits: 0,
  misses: 0,
  bypasses: 0,
  stepsReused: 0,
  stepsComputed: 0,
  evictions: 0,
  bytes: 0,
};

test("figures of several workers add up, and what a worker that ended held is given back", async () => {
  const meter = new PromMeter();
  const caches = new CacheMeter(meter);
  const [a, b] = [newCacheFigures(), newCacheFigures()];
  const [watchedA, watchedB] = [caches.watch(a), caches.watch(b)];
  writeCacheFigures({ ...NONE, hits: 3, stepsReused: 100, bytes: 1000 }, a);
  watchedA.update();
  writeCacheFigures({ ...NONE, hits: 4, stepsReused: 150, bytes: 800 }, a);
  watchedA.update();
  writeCacheFigures({ ...NONE, misses: 2, stepsComputed: 60, bypasses: 1, evictions: 5, bytes: 200 }, b);
  watchedB.update();
  const lines = async (): Promise<string[]> =>
    (await meter.exposition()).split("\n").filter((line) => line.startsWith("binnacle_query_cache"));
  expect(await lines()).toEqual([
    'binnacle_query_cache_requests_total{result="hit"} 4',
    'binnacle_query_cache_requests_total{result="miss"} 2',
    'binnacle_query_cache_requests_total{result="bypass"} 1',
    'binnacle_query_cache_steps_total{source="reused"} 150',
    'binnacle_query_cache_steps_total{source="evaluated"} 60',
    "binnacle_query_cache_evictions_total 5",
    "binnacle_query_cache_bytes 1000",
  ]);
  watchedA[Symbol.dispose]();
  expect((await lines()).at(-1)).toBe("binnacle_query_cache_bytes 200");
});
