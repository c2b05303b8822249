/**
 * Puts the runs of one stream into one order: by time, and at the same time in order of arrival.
 *
 * Most runs do not overlap and pass through whole. Where some do, the one that is next gives lines up to
 * where another would come before it, so nothing is copied and only the runs that overlap just there are
 * open.
 */
import type { Labels, LogBlock, LogHorizon } from "@binnacle/model";
import { countLines, lowerBound, RunSlice, type Run, type RunColumns } from "./run.ts";

interface OpenRun {
  readonly run: Run;
  readonly columns: RunColumns;
  /** Lines [from, to) of it are still to be given. */
  from: number;
  to: number;
}

export interface MergeRange {
  /** Half-open, Unix ns. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly direction: "forward" | "backward";
}

/**
 * Yields slices that follow each other in time in the direction asked for; within a slice lines ascend in
 * either direction, so a backward consumer walks each from its end.
 */
export function* mergeRuns(
  labels: Labels,
  runs: readonly Run[],
  range: MergeRange,
  horizon?: LogHorizon,
): Generator<LogBlock> {
  const isForward = range.direction === "forward";
  const waiting = runs.filter((run) => run.maxNs >= range.startNs && run.minNs < range.endNs);
  // The next run to open is at the end.
  waiting.sort(isForward ? (a, b) => -compareStarts(a, b) : compareEnds);
  let open: OpenRun[] = [];

  for (;;) {
    if (open.length === 0) {
      const next = waiting.pop();
      if (next === undefined) return;
      if (isBeyond(next, horizon, isForward)) return;
      openRun(next, range, open);
      if (open.length === 0) continue;
    }
    // Everything that may hold a line before the best one's next must be open too.
    for (;;) {
      const first = pickNext(open, isForward);
      const next = waiting.at(-1);
      if (next === undefined || !mayPrecede(next, first, isForward)) break;
      openRun(waiting.pop()!, range, open);
    }
    const best = pickNext(open, isForward);
    const others = open.filter((other) => other !== best);
    if (isForward) {
      const end = forwardEnd(best, others, waiting.at(-1));
      yield new RunSlice(labels, best.columns, best.from, end);
      best.from = end;
    } else {
      const start = backwardStart(best, others, waiting.at(-1));
      yield new RunSlice(labels, best.columns, start, best.to);
      best.to = start;
    }
    if (best.from === best.to) open = others;
  }
}

function isBeyond(run: Run, horizon: LogHorizon | undefined, isForward: boolean): boolean {
  const timeNs = horizon?.timeNs;
  if (timeNs === undefined) return false;
  return isForward ? run.minNs > timeNs : run.maxNs < timeNs;
}

function compareStarts(a: Run, b: Run): number {
  if (a.minNs !== b.minNs) return a.minNs < b.minNs ? -1 : 1;
  return a.sequence - b.sequence;
}

function compareEnds(a: Run, b: Run): number {
  if (a.maxNs !== b.maxNs) return a.maxNs < b.maxNs ? -1 : 1;
  return a.sequence - b.sequence;
}

function openRun(run: Run, range: MergeRange, open: OpenRun[]): void {
  if (run.hasWanted?.() === false) return;
  const columns = run.open();
  const from = run.minNs >= range.startNs ? 0 : lowerBound(columns.timesNs, range.startNs);
  const to = run.maxNs < range.endNs ? countLines(columns) : lowerBound(columns.timesNs, range.endNs);
  if (from < to) open.push({ run, columns, from, to });
}

/** The time of the run's next line in the direction read. */
function nextNs({ columns, from, to }: OpenRun, isForward: boolean): bigint {
  const { bounds } = columns;
  if (bounds !== undefined) {
    if (isForward && from === 0) return bounds.minNs;
    if (!isForward && to === countLines(columns)) return bounds.maxNs;
  }
  return columns.timesNs[isForward ? from : to - 1]!;
}

/** The open run whose next line comes first in the direction read. */
function pickNext(open: readonly OpenRun[], isForward: boolean): OpenRun {
  let best = open[0]!;
  for (let i = 1; i < open.length; i++) {
    const other = open[i]!;
    const order = compareNext(other, best, isForward);
    if (order < 0) best = other;
  }
  return best;
}

function compareNext(a: OpenRun, b: OpenRun, isForward: boolean): number {
  const x = nextNs(a, isForward);
  const y = nextNs(b, isForward);
  const order = x === y ? a.run.sequence - b.run.sequence : x < y ? -1 : 1;
  return isForward ? order : -order;
}

function mayPrecede(run: Run, first: OpenRun, isForward: boolean): boolean {
  const timeNs = nextNs(first, isForward);
  if (isForward) {
    return run.minNs < timeNs || (run.minNs === timeNs && run.sequence < first.run.sequence);
  }
  return run.maxNs > timeNs || (run.maxNs === timeNs && run.sequence > first.run.sequence);
}

/** Up to which line the best run goes on before another's next. */
function forwardEnd(best: OpenRun, others: readonly OpenRun[], waiting: Run | undefined): number {
  let end = best.to;
  const lastNs = nextNs(best, false);
  const limit = (timeNs: bigint, sequence: number): void => {
    if (timeNs > lastNs) return;
    // At the same time the run that came first gives its lines first.
    const until = sequence > best.run.sequence ? timeNs + 1n : timeNs;
    end = Math.min(end, lowerBound(best.columns.timesNs, until));
  };
  for (const other of others) limit(nextNs(other, true), other.run.sequence);
  if (waiting !== undefined) limit(waiting.minNs, waiting.sequence);
  return Math.max(end, best.from + 1);
}

function backwardStart(best: OpenRun, others: readonly OpenRun[], waiting: Run | undefined): number {
  let start = best.from;
  const firstNs = nextNs(best, true);
  const limit = (timeNs: bigint, sequence: number): void => {
    if (timeNs < firstNs) return;
    const after = sequence < best.run.sequence ? timeNs : timeNs + 1n;
    start = Math.max(start, lowerBound(best.columns.timesNs, after));
  };
  for (const other of others) limit(nextNs(other, false), other.run.sequence);
  if (waiting !== undefined) limit(waiting.maxNs, waiting.sequence);
  return Math.min(start, best.to - 1);
}
