/** What tests of the store share: a store in a folder of its own, and series read back in plain form. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Labels,
  NO_LOGGER,
  NO_METER,
  QueryContext,
  type Clock,
  type Matcher,
  type MetricSource,
  type SampleRow,
  type SeriesRef,
} from "@binnacle/model";
import { MetricStore } from "./store.ts";
import type { MetricStoreOptions } from "./store-options.ts";

/** A moment all of these tests take for now; only differences matter. */
export const NOW_MS = 1_700_000_000_000;

export class TestClock implements Clock {
  timeMs = NOW_MS;
  nowMs(): number {
    return this.timeMs;
  }
  monotonicMs(): number {
    return performance.now();
  }
}

/** A folder that is removed when it is disposed of. */
export class TestDir implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "binnacle-tsdb-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Without the timer: tests say when maintenance runs. */
export function openTestStore(dir: string, options: Partial<MetricStoreOptions> = {}): Promise<MetricStore> {
  return MetricStore.open({
    dir,
    clock: new TestClock(),
    logger: NO_LOGGER,
    meter: NO_METER,
    retentionMs: 30 * 86_400_000,
    outOfOrderWindowMs: 3_600_000,
    journalSync: "page-cache",
    ...options,
    limits: { maintenanceIntervalMs: 0, ...options.limits },
  });
}

export function row(
  group: string,
  timeMs: number,
  samples: readonly (readonly [SeriesRef, number])[],
): SampleRow {
  return {
    group,
    timeMs,
    series: Uint32Array.from(samples, ([series]) => series),
    values: Float64Array.from(samples, ([, value]) => value),
  };
}

/** `{a="x"}` → time:value, time:value, … of every series, by its labels' text. */
export async function readAll(
  source: MetricSource,
  matchers: readonly Matcher[] = [],
  range: { startMs: number; endMs: number } = { startMs: 0, endMs: 2 ** 50 },
): Promise<Record<string, string[]>> {
  const context = new QueryContext();
  using set = await source.select({ matchers, ...range }, context);
  const found: Record<string, string[]> = {};
  for (const { labels, times, values, histograms } of set.read(context)) {
    const samples = Array.from(times, (time, i) => `${time - NOW_MS}:${values[i]}`);
    for (const [i, time] of (histograms?.times ?? []).entries()) {
      samples.push(`${time - NOW_MS}:histogram of ${histograms!.values[i]!.count}`);
    }
    found[labels.toString()] = samples;
  }
  return found;
}

export function labels(text: string): Labels {
  return Labels.from(text.split(",").map((pair) => pair.split("=") as [string, string]));
}
