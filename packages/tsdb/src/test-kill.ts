/** What the killed process and the test that kills it agree on: row n, its series, its values. */
import { Labels, SYSTEM_CLOCK, type SampleRow, type SeriesRef } from "@binnacle/model";
import type { MetricStore } from "./store.ts";
import { openTestStore } from "./test-store.ts";

/** Appends under way at once. */
export const KILL_GROUPS = 4;
const SERIES_PER_GROUP = 20;
/** Row n's time: all lie in the past, at the speed the process reaches. */
const BASE_MS = 1_600_000_000_000;

export function openKillStore(dir: string): Promise<MetricStore> {
  return openTestStore(dir, {
    clock: SYSTEM_CLOCK,
    retentionMs: 100 * 365 * 86_400_000,
    journalSync: "commit",
    limits: { sealIntervalMs: 0 },
  });
}

export function killLabels(group: number): Labels[] {
  return Array.from({ length: SERIES_PER_GROUP }, (_, i) =>
    Labels.fromObject({ __name__: "m", group: String(group), i: String(i) }),
  );
}

/** Values that no delta foretells: row n of series i has n × 31 + i, halved. */
export function killRow(group: number, n: number, series: readonly SeriesRef[]): SampleRow {
  return {
    group: `g${group}`,
    timeMs: BASE_MS + n * 1000,
    series: Uint32Array.from(series),
    values: Float64Array.from(series, (_, i) => killValue(n, i)),
  };
}

export function killValue(n: number, i: number): number {
  return (n * 31 + i) / 2;
}

export function rowOfTime(timeMs: number): number {
  return (timeMs - BASE_MS) / 1000;
}
