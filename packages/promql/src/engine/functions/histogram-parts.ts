/** Functions that take one number out of a native histogram; floats have none. */
import { CompensatedSum } from "../compensated-sum.ts";
import { populatedBuckets } from "../histogram/buckets.ts";
import { hasCustomBuckets, type NativeHistogram } from "../histogram/native-histogram.ts";
import { HISTOGRAM, type StepSeries } from "../step-series.ts";
import { vectorOf, type FunctionImplementation } from "./function-types.ts";

function part(valueOf: (histogram: NativeHistogram) => number): FunctionImplementation {
  return (call, grid, evaluation) => {
    const input = evaluation.evaluateVector(call.args[0]!, grid);
    const result: StepSeries[] = [];
    for (const { labels, kinds, histograms } of input.series) {
      if (histograms === undefined) continue;
      const columns = evaluation.columns(grid);
      for (let step = 0; step < grid.count; step++) {
        if (kinds[step] === HISTOGRAM) columns.setFloat(step, valueOf(histograms[step]!));
      }
      if (!columns.isEmpty) result.push(evaluation.renamed(columns, labels));
    }
    return vectorOf(result, evaluation);
  };
}

export const histogramCount = part((histogram) => histogram.count);
export const histogramSum = part((histogram) => histogram.sum);
export const histogramAvg = part((histogram) => histogram.sum / histogram.count);

/** Every observation is taken to be in the middle of its bucket: the geometric one of exponential buckets. */
function variance(histogram: NativeHistogram): number {
  const mean = histogram.sum / histogram.count;
  const isCustom = hasCustomBuckets(histogram);
  const squares = new CompensatedSum();
  for (const { lower, upper, count, isZeroBucket } of populatedBuckets(histogram)) {
    let middle: number;
    if (isCustom) middle = (lower + upper) / 2;
    else if (isZeroBucket) middle = 0;
    else middle = Math.sqrt(upper * lower) * (upper <= 0 ? -1 : 1);
    const delta = middle - mean;
    squares.add(count * delta * delta);
  }
  return (squares.sum + squares.compensation) / histogram.count;
}

export const histogramStdvar = part(variance);
export const histogramStddev = part((histogram) => Math.sqrt(variance(histogram)));
