/** Aggregations of one series over a window. */
import { quantileOf } from "../aggregations/quantile.ts";
import { CompensatedSum, meanOf } from "../compensated-sum.ts";
import { HistogramSum } from "../histogram/histogram-sum.ts";
import type { Window } from "../range-input.ts";
import { FLOAT } from "../step-series.ts";
import {
  metricNameOf,
  overRange,
  type ColumnKernel,
  type ColumnKernelFactory,
  type KernelFactory,
  type RangeCall,
  type WindowKernel,
} from "./function-types.ts";
import { movingExtremes } from "./moving-extreme.ts";
import { movingQuantiles } from "./moving-quantile.ts";
import { movingSums, sumOf } from "./moving-sum.ts";
import { ScratchColumn } from "./scratch-column.ts";

/** Sums and means have no meaning for a mix of floats and histograms. */
function summing(floats: (window: Window) => number, of: "sum" | "mean"): ReturnType<typeof overRange> {
  const kernel: KernelFactory =
    ({ evaluation: { annotations }, input: { place } }) =>
    (series) =>
    (window, step, out) => {
      const metricName = metricNameOf(series);
      if (window.isMixed) {
        annotations.mixedFloatsHistograms(place, metricName);
        return;
      }
      if (window.floatCount > 0) {
        out.setFloat(step, floats(window));
        return;
      }
      const sum = new HistogramSum(of);
      for (let i = window.histogramFrom; i < window.histogramTo; i++) sum.add(window.histograms[i]!);
      if (sum.hasResetCollision) annotations.counterResetCollision(place, "aggregation");
      if (sum.isReconciled) annotations.customBucketsReconciled(place, "aggregation");
      if (sum.isIncompatible) annotations.mixedExponentialCustom(place, metricName);
      else out.setHistogram(step, sum.result);
    };
  return overRange(kernel, {
    columns: () => {
      const work = { of, tails: new ScratchColumn(), losses: new ScratchColumn() };
      return (series, windows, out) => movingSums(series.values, windows, out, work);
    },
  });
}

export const sumOverTime = summing(({ values, from, to }) => sumOf(values, from, to), "sum");

export const avgOverTime = summing(({ values, from, to }) => meanOf(values, from, to), "mean");

/** Of floats only: histograms among them are left out, with an info. */
export function ofFloats(
  kernelOf: (call: RangeCall) => (window: Window, step: number) => number | undefined,
  columns?: ColumnKernelFactory,
): ReturnType<typeof overRange> {
  return overRange(
    (call) => {
      const kernel = kernelOf(call);
      const { annotations } = call.evaluation;
      return (series): WindowKernel =>
        (window, step, out) => {
          if (window.floatCount === 0) return;
          if (window.histogramCount > 0) {
            annotations.histogramIgnoredInMixedRange(call.input.place, metricNameOf(series));
          }
          const value = kernel(window, step);
          if (value !== undefined) out.setFloat(step, value);
        };
    },
    columns === undefined ? {} : { columns },
  );
}

/**
 * Index of the best value; NaN gives way to every number; of equal ones the later wins where `replaces` says
 * so.
 */
function indexOfBest(
  { values, from, to }: Window,
  replaces: (candidate: number, best: number) => boolean,
): number {
  let best = from;
  for (let i = from + 1; i < to; i++) {
    if (replaces(values[i]!, values[best]!) || Number.isNaN(values[best])) best = i;
  }
  return best;
}

function extremes(of: "max" | "min"): ColumnKernel {
  const work = { of, scratch: new ScratchColumn() };
  return (series, windows, out) => movingExtremes(series.values, windows, out, work);
}

export const maxOverTime = ofFloats(
  () => (window) => window.values[indexOfBest(window, (a, b) => a > b)],
  () => extremes("max"),
);
export const minOverTime = ofFloats(
  () => (window) => window.values[indexOfBest(window, (a, b) => a < b)],
  () => extremes("min"),
);
export const tsOfMaxOverTime = ofFloats(
  () => (window) => window.times[indexOfBest(window, (a, b) => a >= b)]! / 1000,
);
export const tsOfMinOverTime = ofFloats(
  () => (window) => window.times[indexOfBest(window, (a, b) => a <= b)]! / 1000,
);

function variance({ values, from, to }: Window): number {
  let count = 0;
  const mean = new CompensatedSum();
  const squares = new CompensatedSum();
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    count++;
    const delta = value - (mean.sum + mean.compensation);
    mean.add(delta / count);
    squares.add(delta * (value - (mean.sum + mean.compensation)));
  }
  return (squares.sum + squares.compensation) / count;
}

export const stdvarOverTime = ofFloats(() => variance);
export const stddevOverTime = ofFloats(() => (window) => Math.sqrt(variance(window)));

export const quantileOverTime = ofFloats(
  ({ call, evaluation, scalar }) => {
    const quantiles = scalar(0);
    return ({ values, from, to }, step) => {
      const q = quantiles[step]!;
      if (!(q >= 0 && q <= 1)) evaluation.annotations.invalidQuantile(call.args[0]!, q);
      return quantileOf(q, values.slice(from, to));
    };
  },
  ({ call, evaluation, scalar }) => {
    const quantiles = scalar(0);
    return (series, windows, out) => {
      movingQuantiles(series.values, windows, quantiles, out);
      for (let step = 0; step < quantiles.length; step++) {
        const q = quantiles[step]!;
        if (!(q >= 0 && q <= 1) && windows.steps.kinds[step] === FLOAT)
          evaluation.annotations.invalidQuantile(call.args[0]!, q);
      }
    };
  },
);

export const madOverTime = ofFloats(() => ({ values, from, to }) => {
  if (values.subarray(from, to).some(Number.isNaN)) return NaN;
  const median = quantileOf(0.5, values.slice(from, to));
  return quantileOf(
    0.5,
    values.slice(from, to).map((value) => Math.abs(value - median)),
  );
});

export const countOverTime = overRange(
  () => () => (window, step, out) => {
    out.setFloat(step, window.floatCount + window.histogramCount);
  },
  {
    columns:
      () =>
      (_series, { from, to }, out) => {
        for (let step = 0; step < from.length; step++) {
          if (to[step]! > from[step]!) out.setFloat(step, to[step]! - from[step]!);
        }
      },
  },
);

export const presentOverTime = overRange(() => () => (_window, step, out) => {
  out.setFloat(step, 1);
});

/** Whether the newest (or oldest) sample is a float. */
function isFloatAtEdge(window: Window, edge: "first" | "last"): boolean {
  if (window.histogramCount === 0) return true;
  if (window.floatCount === 0) return false;
  return edge === "last"
    ? window.times[window.to - 1]! > window.histogramTimes[window.histogramTo - 1]!
    : window.times[window.from]! < window.histogramTimes[window.histogramFrom]!;
}

function atEdge(edge: "first" | "last"): ReturnType<typeof overRange> {
  return overRange(
    () => () => (window, step, out) => {
      if (isFloatAtEdge(window, edge)) {
        out.setFloat(step, window.values[edge === "last" ? window.to - 1 : window.from]!);
      } else {
        const index = edge === "last" ? window.histogramTo - 1 : window.histogramFrom;
        out.setHistogram(step, window.histograms[index]!);
      }
    },
    { keepsName: true },
  );
}

function timeAtEdge(edge: "first" | "last"): ReturnType<typeof overRange> {
  return overRange(() => () => (window, step, out) => {
    const isLast = edge === "last";
    const timeMs = isFloatAtEdge(window, edge)
      ? window.times[isLast ? window.to - 1 : window.from]!
      : window.histogramTimes[isLast ? window.histogramTo - 1 : window.histogramFrom]!;
    out.setFloat(step, timeMs / 1000);
  });
}

export const firstOverTime = atEdge("first");
export const lastOverTime = atEdge("last");
export const tsOfFirstOverTime = timeAtEdge("first");
export const tsOfLastOverTime = timeAtEdge("last");
