/** Range selectors and subqueries as series with windows. */
import { NO_SAMPLES } from "@binnacle/model";
import type { MatrixSelector, SubqueryExpr } from "../parser/index.ts";
import type { Evaluation } from "./evaluation.ts";
import { timeAt, type StepGrid } from "./grid.ts";
import type { NativeHistogram } from "./histogram/native-histogram.ts";
import { withoutStale, type LoadedSeries } from "./loaded-series.ts";
import { subqueryGrid } from "./plan.ts";
import { rangeMsOf, shifted, timeShiftOf, type TimeShift } from "./time-shift.ts";
import type { RangeInput, RangeSeries } from "./range-input.ts";
import { ABSENT, FLOAT, HISTOGRAM, type StepSeries } from "./step-series.ts";
import type { Streaming } from "./streaming.ts";

function windowEnds(grid: StepGrid, shift: TimeShift): Float64Array {
  const ends = new Float64Array(grid.count);
  for (let step = 0; step < grid.count; step++) ends[step] = shifted(shift, timeAt(grid, step));
  return ends;
}

export function evaluateMatrixSelector(
  matrix: MatrixSelector,
  grid: StepGrid,
  evaluation: Evaluation,
  streaming: Streaming,
): RangeInput {
  const { selector } = matrix;
  const { frame } = evaluation;
  return {
    ends: windowEnds(grid, timeShiftOf(frame, selector)),
    rangeMs: rangeMsOf(frame, matrix.range),
    extension: selector.extension,
    lookbackMs: frame.lookbackDeltaMs,
    place: matrix,
    series: rangeSeriesOf(evaluation.loads.stream(selector, streaming)),
  };
}

function* rangeSeriesOf(series: Iterable<LoadedSeries>): IterableIterator<RangeSeries> {
  for (const loaded of series) {
    const { labels, floats, histograms } = withoutStale(loaded);
    yield {
      labels,
      dropName: false,
      times: floats.times,
      values: floats.values,
      ascends: floats.ascends,
      startTimes: floats.startTimes,
      histogramTimes: histograms.times,
      histograms: histograms.values,
      histogramStartTimes: histograms.startTimes,
    };
  }
}

export function evaluateSubquery(subquery: SubqueryExpr, grid: StepGrid, evaluation: Evaluation): RangeInput {
  const { frame } = evaluation;
  const inner = subqueryGrid(frame, subquery, grid);
  const series = inner.count === 0 ? [] : evaluation.evaluateVector(subquery.expr, inner).series;
  evaluation.context.checkTime();
  return {
    ends: windowEnds(grid, timeShiftOf(frame, subquery)),
    rangeMs: rangeMsOf(frame, subquery.range),
    extension: undefined,
    lookbackMs: frame.lookbackDeltaMs,
    place: subquery,
    series: samplesOf(series, inner, evaluation),
  };
}

/** The steps of a subquery are samples that its consumer holds, until it has gone through them. */
function* samplesOf(
  series: readonly StepSeries[],
  grid: StepGrid,
  { context }: Evaluation,
): IterableIterator<RangeSeries> {
  let samples = 0;
  for (const { kinds } of series) for (const kind of kinds) if (kind !== ABSENT) samples++;
  context.chargeSamples(samples);
  try {
    for (const one of series) yield toRangeSeries(one, grid);
  } finally {
    context.release({ samples });
  }
}

/** Dense steps to samples. Start timestamps do not survive a subquery. */
function toRangeSeries(series: StepSeries, grid: StepGrid): RangeSeries {
  const { kinds, values } = series;
  let floatCount = 0;
  for (const kind of kinds) if (kind === FLOAT) floatCount++;
  const times = new Float64Array(floatCount);
  const kept = new Float64Array(floatCount);
  const histogramTimes: number[] = [];
  const histograms: NativeHistogram[] = [];
  let at = 0;
  for (let step = 0; step < kinds.length; step++) {
    if (kinds[step] === FLOAT) {
      times[at] = timeAt(grid, step);
      kept[at++] = values[step]!;
    } else if (kinds[step] === HISTOGRAM) {
      histogramTimes.push(timeAt(grid, step));
      // Samples between two steps were skipped: what one says of the sample before it no longer holds.
      const histogram = series.histograms![step]!;
      histograms.push(histogram.hint === "gauge" ? histogram : { ...histogram, hint: "unknown" });
    }
  }
  return {
    labels: series.labels,
    dropName: series.dropName,
    times,
    values: kept,
    ascends: false,
    startTimes: undefined,
    histogramTimes: histograms.length === 0 ? NO_SAMPLES : Float64Array.from(histogramTimes),
    histograms,
    histogramStartTimes: undefined,
  };
}
