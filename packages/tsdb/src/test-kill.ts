/** What the killed process and the test that kills it agree on: what append n has, of which series. */
import { Labels, SYSTEM_CLOCK, type Histogram, type SampleRow, type SeriesRef } from "@binnacle/model";
import type { MetricStore } from "./store.ts";
import { openTestStore } from "./test-store.ts";

/** Appends under way at once: append n is of group n % KILL_GROUPS. */
export const KILL_GROUPS = 4;
export const KILL_SERIES = 20;
/** Series of a group that late samples come for. */
export const KILL_LATE_SERIES = 3;
/** Append n's time: all lie in the past, at the speed the process reaches. */
const BASE_MS = 1_600_000_000_000;
const STEP_MS = 1000;
/** Late samples stand between the others, a minute back. */
const LATE_MS = 60_500;

export function openKillStore(dir: string): Promise<MetricStore> {
  return openTestStore(dir, {
    clock: SYSTEM_CLOCK,
    retentionMs: 100 * 365 * 86_400_000,
    journalSync: "commit",
    limits: { sealIntervalMs: 0 },
  });
}

/** The series of a group: those of floats, then the one of histograms. */
export function killLabels(group: number): Labels[] {
  const own = { group: String(group) };
  return [
    ...Array.from({ length: KILL_SERIES }, (_, i) =>
      Labels.fromObject({ __name__: "m", i: String(i), ...own }),
    ),
    Labels.fromObject({ __name__: "h", ...own }),
  ];
}

/** One that is written, and then deleted. */
export function doomedLabels(k: number): Labels {
  return Labels.fromObject({ __name__: "doomed", k: String(k) });
}

export const isLate = (n: number): boolean => n % 5 === 0;
/** Whether append n says again what the group's append before it said, and then tries to say otherwise. */
export const isRepeat = (n: number): boolean => n % 7 === 0 && n >= KILL_GROUPS;

/** The rows of append n, and how many of its samples must be refused. */
export function killRows(n: number, refs: readonly SeriesRef[]): { rows: SampleRow[]; refused: number } {
  const rows = [mainRow(n, refs)];
  if (isLate(n)) {
    const series = Uint32Array.from(refs.slice(0, KILL_LATE_SERIES));
    const values = Float64Array.from(series, (_, i) => lateValue(n, i));
    rows.push({ group: groupOf(n), timeMs: lateTimeMs(n), series, values });
  }
  if (!isRepeat(n)) return { rows, refused: 0 };
  const before = n - KILL_GROUPS;
  rows.push(mainRow(before, refs), {
    group: groupOf(n),
    timeMs: timeMs(before),
    series: Uint32Array.of(refs[0]!),
    values: Float64Array.of(-1),
  });
  return { rows, refused: 1 };
}

function mainRow(n: number, refs: readonly SeriesRef[]): SampleRow {
  const labels = Labels.fromObject({ trace_id: String(n) });
  return {
    group: groupOf(n),
    timeMs: timeMs(n),
    series: Uint32Array.from(refs.slice(0, KILL_SERIES)),
    values: Float64Array.from({ length: KILL_SERIES }, (_, i) => killValue(n, i)),
    histograms: [{ series: refs[KILL_SERIES]!, value: killHistogram(n), startTimeMs: 0 }],
    exemplars: [{ series: refs[0]!, labels, value: n, timeMs: timeMs(n) }],
  };
}

function groupOf(n: number): string {
  return `g${n % KILL_GROUPS}`;
}

export function timeMs(n: number): number {
  return BASE_MS + n * STEP_MS;
}

export function lateTimeMs(n: number): number {
  return timeMs(n) - LATE_MS;
}

/** Values that no delta foretells. */
export function killValue(n: number, i: number): number {
  return (n * 31 + i) / 2;
}

export function lateValue(n: number, i: number): number {
  return (n * 17 + i) / 4;
}

/** What stands at a time: an append's own sample, or its late one. */
export function appendOfTime(ms: number): { n: number; isLate: boolean } {
  const isOwn = (ms - BASE_MS) % STEP_MS === 0;
  return isOwn
    ? { n: (ms - BASE_MS) / STEP_MS, isLate: false }
    : { n: (ms - BASE_MS + LATE_MS) / STEP_MS, isLate: true };
}

/** Buckets come and go, so that their layout changes. */
export function killHistogram(n: number): Histogram {
  const buckets = 1 + (n % 3);
  const positiveCounts = Float64Array.from({ length: buckets }, (_, i) => n + i);
  return {
    schema: 2,
    isInteger: true,
    counterResetHint: "unknown",
    count: positiveCounts.reduce((sum, count) => sum + count, 0),
    sum: n / 3,
    zeroThreshold: 0.001,
    zeroCount: 0,
    positiveSpans: [{ offset: -1, length: buckets }],
    positiveCounts,
    negativeSpans: [],
    negativeCounts: new Float64Array(0),
    customBounds: undefined,
  };
}
