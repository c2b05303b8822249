/** histogram_quantile, histogram_quantiles and histogram_fraction, of classic and of native histograms. */
import { BinnacleError, METRIC_NAME, type Labels } from "@binnacle/model";
import { formatGeneral, parseNumber, type Place } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import { classicFraction, classicQuantile, type ClassicBucket } from "../histogram/classic.ts";
import type { NativeHistogram } from "../histogram/native-histogram.ts";
import {
  histogramFraction as nativeFraction,
  histogramQuantile as nativeQuantile,
} from "../histogram/quantile.ts";
import { FLOAT, HISTOGRAM, type StepColumns, type StepSeries, type VectorValue } from "../step-series.ts";
import { vectorOf, type FunctionImplementation } from "./function-types.ts";

const BUCKET_LABEL = "le";
const BUCKET_LABELS: ReadonlySet<string> = new Set([BUCKET_LABEL]);

/** A histogram's parts: classic buckets, each a series, or one native series, or wrongly both. */
interface HistogramGroup {
  readonly labels: Labels;
  readonly metricName: string;
  readonly buckets: { readonly upper: number; readonly series: StepSeries }[];
  readonly natives: StepSeries[];
}

/** What a function does with one histogram of either kind; undefined leaves the step empty. */
interface Reduction {
  readonly classic: (
    buckets: readonly ClassicBucket[],
    step: number,
    metricName: string,
  ) => number | undefined;
  readonly native: (histogram: NativeHistogram, step: number, metricName: string) => number;
}

function groupHistograms(input: VectorValue, place: Place, evaluation: Evaluation): HistogramGroup[] {
  const groups = new Map<string, HistogramGroup>();
  const groupOf = (labels: Labels): HistogramGroup => {
    const key = labels.key();
    let group = groups.get(key);
    if (group === undefined) {
      group = { labels, metricName: labels.get(METRIC_NAME), buckets: [], natives: [] };
      groups.set(key, group);
    }
    return group;
  };
  for (const series of input.series) {
    const { labels, kinds } = series;
    if (kinds.includes(HISTOGRAM)) groupOf(labels).natives.push(series);
    if (!kinds.includes(FLOAT)) continue;
    const text = labels.get(BUCKET_LABEL);
    const upper = parseNumber(text);
    if (upper === undefined) evaluation.annotations.badBucketLabel(place, labels.get(METRIC_NAME), text);
    else groupOf(labels.without(BUCKET_LABELS)).buckets.push({ upper, series });
  }
  return [...groups.values()];
}

function reduceGroup(
  group: HistogramGroup,
  { columns, place, evaluation }: { columns: StepColumns; place: Place; evaluation: Evaluation },
  reduction: Reduction,
): void {
  const { metricName } = group;
  // Put in order once, so that no step has to.
  group.buckets.sort((a, b) => a.upper - b.upper);
  for (let step = 0; step < columns.kinds.length; step++) {
    const native = group.natives.find(({ kinds }) => kinds[step] === HISTOGRAM);
    const buckets: ClassicBucket[] = [];
    for (const { upper, series } of group.buckets) {
      if (series.kinds[step] === FLOAT) buckets.push({ upper, count: series.values[step]! });
    }
    if (native !== undefined && buckets.length > 0) {
      evaluation.annotations.mixedClassicNative(place, metricName);
    } else if (native !== undefined) {
      columns.setFloat(step, reduction.native(native.histograms![step]!, step, metricName));
    } else if (buckets.length > 0) {
      const value = reduction.classic(buckets, step, metricName);
      if (value !== undefined) columns.setFloat(step, value);
    }
  }
}

function reduceHistograms(
  input: VectorValue,
  { grid, place, evaluation }: { grid: StepGrid; place: Place; evaluation: Evaluation },
  reduction: Reduction,
  relabel: (labels: Labels) => Labels = (labels) => labels,
): StepSeries[] {
  const result: StepSeries[] = [];
  for (const group of groupHistograms(input, place, evaluation)) {
    evaluation.context.check();
    const columns = evaluation.columns(grid);
    reduceGroup(group, { columns, place, evaluation }, reduction);
    if (!columns.isEmpty) result.push(evaluation.renamed(columns, relabel(group.labels)));
  }
  return result;
}

function quantileReduction(quantiles: Float64Array, place: Place, { annotations }: Evaluation): Reduction {
  return {
    classic(buckets, step, metricName) {
      const { value, isForced } = classicQuantile(quantiles[step]!, buckets);
      if (isForced) annotations.forcedMonotonicity(place, metricName);
      return value;
    },
    native(histogram, step, metricName) {
      const { value, nanEffect } = nativeQuantile(quantiles[step]!, histogram);
      if (nanEffect === "nan") annotations.quantileOfNaNs(place, metricName);
      if (nanEffect === "skewed") annotations.quantileSkewedByNaNs(place, metricName);
      return value;
    },
  };
}

function annotateQuantiles(quantiles: Float64Array, place: Place, evaluation: Evaluation): void {
  for (const q of quantiles) if (!(q >= 0 && q <= 1)) evaluation.annotations.invalidQuantile(place, q);
}

export const histogramQuantile: FunctionImplementation = (call, grid, evaluation) => {
  const quantiles = evaluation.evaluateScalar(call.args[0]!, grid);
  const place = call.args[1]!;
  const input = evaluation.evaluateVector(place, grid);
  annotateQuantiles(quantiles, call.args[0]!, evaluation);
  const reduction = quantileReduction(quantiles, place, evaluation);
  return vectorOf(reduceHistograms(input, { grid, place, evaluation }, reduction), evaluation);
};

/** Several quantiles at once, each under a label that carries it. */
export const histogramQuantiles: FunctionImplementation = (call, grid, evaluation) => {
  const place = call.args[0]!;
  const input = evaluation.evaluateVector(place, grid);
  const label = evaluation.evaluateString(call.args[1]!);
  if (label === "") throw new BinnacleError("EXECUTION_ERROR", 'invalid label name ""');
  const result: StepSeries[] = [];
  for (const arg of call.args.slice(2)) {
    const quantiles = evaluation.evaluateScalar(arg, grid);
    annotateQuantiles(quantiles, arg, evaluation);
    const text = formatWithPoint(quantiles[0]!);
    const reduction = quantileReduction(quantiles, place, evaluation);
    result.push(
      ...reduceHistograms(input, { grid, place, evaluation }, reduction, (labels) =>
        labels.with({ [label]: text }),
      ),
    );
  }
  return vectorOf(result, evaluation);
};

/** As OpenMetrics writes a number in a label: a whole one has a `.0`. */
function formatWithPoint(value: number): string {
  const text = formatGeneral(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

export const histogramFraction: FunctionImplementation = (call, grid, evaluation) => {
  const lowers = evaluation.evaluateScalar(call.args[0]!, grid);
  const uppers = evaluation.evaluateScalar(call.args[1]!, grid);
  const place = call.args[2]!;
  const input = evaluation.evaluateVector(place, grid);
  const reduction: Reduction = {
    classic: (buckets, step) => classicFraction(lowers[step]!, uppers[step]!, buckets),
    native(histogram, step, metricName) {
      const { value, hasNaNs } = nativeFraction(lowers[step]!, uppers[step]!, histogram);
      if (hasNaNs) evaluation.annotations.fractionWithNaNs(place, metricName);
      return value;
    },
  };
  return vectorOf(reduceHistograms(input, { grid, place, evaluation }, reduction), evaluation);
};
