/** Steps of an answer that lie side by side, as columns: cut and joined without a look at single points. */
import { compareLabels, NO_SAMPLES, type Histogram, type ResultSeries } from "@binnacle/model";
import { timeAt, type StepGrid } from "../engine/grid.ts";

export interface Extent {
  readonly grid: StepGrid;
  /** Ascending by labels, none of them empty. */
  readonly series: readonly ResultSeries[];
}

/** Bytes that a series costs beside its points: its labels, as texts that are mostly its own, and objects. */
const SERIES_BYTES = 600;
const HISTOGRAM_BYTES = 512;

/** Bytes an extent holds. Times that series share are counted once. */
export function bytesOf({ series }: Extent): number {
  const shared = new Set<Float64Array>();
  let bytes = 0;
  for (const { times, values, histogramTimes, histograms } of series) {
    bytes += SERIES_BYTES + values.byteLength + histogramTimes.byteLength;
    bytes += histograms.length * HISTOGRAM_BYTES;
    if (!shared.has(times)) bytes += times.byteLength;
    shared.add(times);
  }
  return bytes;
}

/** Steps `from` up to and without `to`. Columns are views where nothing is left out of them. */
export function cut({ grid, series }: Extent, from: number, to: number): Extent {
  const startMs = timeAt(grid, from);
  const part: StepGrid = { startMs, stepMs: grid.stepMs, count: to - from };
  if (from === 0 && to === grid.count) return { grid, series };
  const endMs = timeAt(grid, to);
  // Series that share their times share what is cut of them.
  const cuts = new Map<Float64Array, { first: number; end: number; times: Float64Array }>();
  const cutOf = (times: Float64Array): { first: number; end: number; times: Float64Array } => {
    let found = cuts.get(times);
    if (found === undefined) {
      const first = firstFrom(times, startMs);
      const end = firstFrom(times, endMs);
      found = { first, end, times: times.subarray(first, end) };
      cuts.set(times, found);
    }
    return found;
  };
  const kept: ResultSeries[] = [];
  for (const one of series) {
    const floats = cutOf(one.times);
    const hasHistograms = one.histograms.length > 0;
    const histograms = hasHistograms ? cutOf(one.histogramTimes) : undefined;
    if (floats.times.length === 0 && (histograms?.times.length ?? 0) === 0) continue;
    kept.push({
      labels: one.labels,
      times: floats.times,
      values: one.values.subarray(floats.first, floats.end),
      histogramTimes: histograms?.times ?? NO_SAMPLES,
      histograms: histograms === undefined ? [] : one.histograms.slice(histograms.first, histograms.end),
    });
  }
  return { grid: part, series: kept };
}

/** Index of the first time that is not before another. */
function firstFrom(times: Float64Array, timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! >= timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Extents that follow each other without a gap, as one, in columns of its own. */
export function join(parts: readonly Extent[]): Extent {
  const [first] = parts;
  const grid: StepGrid = { ...first!.grid, count: parts.reduce((sum, part) => sum + part.grid.count, 0) };
  const allTimes = new Float64Array(grid.count);
  for (let step = 0; step < grid.count; step++) allTimes[step] = timeAt(grid, step);
  const byKey = new Map<string, ResultSeries[]>();
  for (const { series } of parts) {
    for (const one of series) {
      const key = one.labels.key();
      const pieces = byKey.get(key);
      if (pieces === undefined) byKey.set(key, [one]);
      else pieces.push(one);
    }
  }
  const series = [...byKey.values()].map((pieces) => joinSeries(pieces, allTimes));
  // A part's series are in order: so is the whole, unless one begins later than another that it precedes.
  const isOrdered = series.every((one, i) => i === 0 || compareLabels(series[i - 1]!.labels, one.labels) < 0);
  if (!isOrdered) series.sort((a, b) => compareLabels(a.labels, b.labels));
  return { grid, series };
}

function joinSeries(pieces: readonly ResultSeries[], allTimes: Float64Array): ResultSeries {
  const values = concatenated(pieces.map((piece) => piece.values));
  const isWhole = values.length === allTimes.length;
  const hasHistograms = pieces.some(({ histograms }) => histograms.length > 0);
  return {
    labels: pieces[0]!.labels,
    times: isWhole ? allTimes : concatenated(pieces.map((piece) => piece.times)),
    values,
    histogramTimes: hasHistograms ? concatenated(pieces.map((piece) => piece.histogramTimes)) : NO_SAMPLES,
    histograms: hasHistograms ? pieces.flatMap<Histogram>((piece) => piece.histograms) : [],
  };
}

function concatenated(columns: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(columns.reduce((sum, column) => sum + column.length, 0));
  let at = 0;
  for (const column of columns) {
    whole.set(column, at);
    at += column.length;
  }
  return whole;
}
