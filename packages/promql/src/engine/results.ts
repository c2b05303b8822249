/** Columns of the engine to the answer of a query. */
import {
  unreachable,
  compareLabels,
  Labels,
  NO_SAMPLES,
  type Histogram,
  type QueryValue,
  type ResultSeries,
  type VectorSample,
} from "@binnacle/model";
import { timeAt, type StepGrid } from "./grid.ts";
import { toModel } from "./histogram/native-histogram.ts";
import { dropMarkedNames, withoutMetadata } from "./names.ts";
import { Window, type RangeInput } from "./range-input.ts";
import { FLOAT, HISTOGRAM, type StepRun, type StepSeries, type Value } from "./step-series.ts";

/** A matrix for a range query, sorted by labels; for an instant one a vector in its own order. */
export function stepResult(value: Value, grid: StepGrid, isRange: boolean): QueryValue {
  switch (value.type) {
    case "string":
      return { type: "string", timeMs: grid.startMs, value: value.value };
    case "scalar": {
      if (!isRange) return { type: "scalar", timeMs: grid.startMs, value: value.values[0]! };
      const times = stepTimes(grid);
      return { type: "matrix", series: [withoutHistograms(times, value.values)] };
    }
    case "vector": {
      const series = dropMarkedNames(value.series);
      if (!isRange) return { type: "vector", samples: series.flatMap((one) => toSample(one, grid)) };
      const allTimes = stepTimes(grid);
      const timesOf = new TimesOfRuns(allTimes);
      const rows = series.map((one) => toResultSeries(one, timesOf)).filter((row) => row !== undefined);
      rows.sort((a, b) => compareLabels(a.labels, b.labels));
      return { type: "matrix", series: rows.length > FEW ? rows : rows.map(withOwnValues) };
    }
    default:
      return unreachable(value);
  }
}

/** The times of runs of steps: series of one run get the same array. */
class TimesOfRuns {
  readonly all: Float64Array;
  #from = 0;
  #times: Float64Array;

  constructor(all: Float64Array) {
    this.all = all;
    this.#times = all;
  }

  of({ from, to }: StepRun): Float64Array {
    if (this.#from !== from || this.#times.length !== to - from) {
      this.#from = from;
      this.#times = this.all.subarray(from, to);
    }
    return this.#times;
  }
}

/** Of so few series each gets a column of its own: a cached answer must not keep the slab of all others. */
const FEW = 8;

function withOwnValues(series: ResultSeries): ResultSeries {
  return { ...series, values: series.values.slice() };
}

function stepTimes(grid: StepGrid): Float64Array {
  return Float64Array.from({ length: grid.count }, (_, step) => timeAt(grid, step));
}

function withoutHistograms(times: Float64Array, values: Float64Array): ResultSeries {
  return { labels: Labels.EMPTY, times, values, histogramTimes: NO_SAMPLES, histograms: [] };
}

function toSample(series: StepSeries, grid: StepGrid): VectorSample[] {
  const { labels } = series;
  const timeMs = grid.startMs;
  if (series.kinds[0] === FLOAT) return [{ labels, timeMs, value: series.values[0]!, histogram: undefined }];
  if (series.kinds[0] === HISTOGRAM) {
    return [{ labels, timeMs, value: 0, histogram: toModel(series.histograms![0]!) }];
  }
  return [];
}

/** A series without a gap shares its times with others like it, and gives its own column. */
function toResultSeries(series: StepSeries, timesOf: TimesOfRuns): ResultSeries | undefined {
  const { kinds, values, labels, run } = series;
  const allTimes = timesOf.all;
  if (run !== undefined) {
    const isWhole = run.to - run.from === values.length;
    const kept = isWhole ? values : values.subarray(run.from, run.to);
    return { labels, times: timesOf.of(run), values: kept, histogramTimes: NO_SAMPLES, histograms: [] };
  }
  let count = 0;
  for (let step = 0; step < kinds.length; step++) if (kinds[step] === FLOAT) count++;
  if (count === kinds.length) {
    return { labels, times: allTimes, values, histogramTimes: NO_SAMPLES, histograms: [] };
  }
  const times = new Float64Array(count);
  const kept = new Float64Array(count);
  const histogramTimes: number[] = [];
  const histograms: Histogram[] = [];
  let at = 0;
  for (let step = 0; step < kinds.length; step++) {
    if (kinds[step] === FLOAT) {
      times[at] = allTimes[step]!;
      kept[at++] = values[step]!;
    } else if (kinds[step] === HISTOGRAM) {
      histogramTimes.push(allTimes[step]!);
      histograms.push(toModel(series.histograms![step]!));
    }
  }
  if (count === 0 && histograms.length === 0) return undefined;
  return { labels, times, values: kept, histogramTimes: Float64Array.from(histogramTimes), histograms };
}

/** The samples of a range selector at the top of an instant query. */
export function rangeResult(input: RangeInput, delaysNameRemoval: boolean): QueryValue {
  const rows: ResultSeries[] = [];
  for (const series of input.series) {
    const window = new Window(series);
    window.moveTo(input.ends[0]! - input.rangeMs, input.ends[0]!);
    if (window.isEmpty) continue;
    rows.push({
      labels: delaysNameRemoval && series.dropName ? withoutMetadata(series.labels) : series.labels,
      times: series.times.slice(window.from, window.to),
      values: series.values.slice(window.from, window.to),
      histogramTimes: series.histogramTimes.slice(window.histogramFrom, window.histogramTo),
      histograms: series.histograms.slice(window.histogramFrom, window.histogramTo).map(toModel),
    });
  }
  rows.sort((a, b) => compareLabels(a.labels, b.labels));
  return { type: "matrix", series: rows };
}
