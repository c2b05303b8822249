/** Native histograms of OTLP's: exponential ones, and explicit ones as custom buckets. */
import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from "@binnacle/model";
import { histogramProblem } from "../native-histogram/check.ts";
import { sparse, withSchema } from "../native-histogram/resolution.ts";
import type { ExponentialBuckets, ExponentialPoint, HistogramPoint, Temporality } from "./metrics.ts";

const SCHEMA_MAX = 8;
const SCHEMA_MIN = -4;
/** What Prometheus takes where the sender names no threshold. */
const ZERO_THRESHOLD_DEFAULT = 1e-128;

/** The histogram, or what is wrong with it. */
export function exponentialHistogram(point: ExponentialPoint, temporality: Temporality): Histogram | string {
  const { scale, positive, negative } = point;
  if (scale < SCHEMA_MIN) return `its scale is ${scale}, and the coarsest schema ${SCHEMA_MIN}`;
  const positiveSide = sideOf(positive);
  const negativeSide = sideOf(negative);
  const exact: Histogram = {
    // Checked once it is no finer than the finest schema.
    schema: scale,
    isInteger: true,
    counterResetHint: temporality === "delta" ? "gauge" : "unknown",
    count: point.count,
    sum: point.sum ?? 0,
    zeroThreshold: point.zeroThreshold === 0 ? ZERO_THRESHOLD_DEFAULT : point.zeroThreshold,
    zeroCount: point.zeroCount,
    positiveSpans: positiveSide.spans,
    positiveCounts: positiveSide.counts,
    negativeSpans: negativeSide.spans,
    negativeCounts: negativeSide.counts,
    customBounds: undefined,
  };
  const histogram = scale > SCHEMA_MAX ? withSchema(exact, SCHEMA_MAX) : exact;
  return histogramProblem(histogram) ?? histogram;
}

/** OTLP counts a bucket by its lower bound, Prometheus by its upper one: one more. */
function sideOf({ offset, counts }: ExponentialBuckets): ReturnType<typeof sparse> {
  return sparse(
    counts.map((_, i) => offset + i + 1),
    counts,
  );
}

/** What is wrong with an explicit histogram's buckets, or undefined. */
export function bucketsProblem({ bounds, bucketCounts }: HistogramPoint): string | undefined {
  if (bucketCounts.length !== 0 && bucketCounts.length !== bounds.length + 1) {
    return `a point has ${bounds.length} bounds and ${bucketCounts.length} bucket counts: one more is wanted`;
  }
  for (let i = 0; i < bounds.length; i++) {
    if (i > 0 && !(bounds[i]! > bounds[i - 1]!))
      return `a point's bounds do not ascend: ${bounds[i - 1]}, ${bounds[i]}`;
    if (Number.isNaN(bounds[i])) return "a point has a bound that is no number";
  }
  return undefined;
}

/** The explicit histogram with its bounds as custom buckets, or what is wrong with it. */
export function customBucketHistogram(point: HistogramPoint, temporality: Temporality): Histogram | string {
  const { bounds, bucketCounts } = point;
  const problem = bucketsProblem(point);
  if (problem !== undefined) return problem;
  // Without buckets all that is known is the count.
  const counts = bucketCounts.length === 0 ? [point.count] : bucketCounts;
  const side = sparse([...counts.keys()], counts);
  const histogram: Histogram = {
    schema: CUSTOM_BUCKETS_SCHEMA,
    isInteger: true,
    counterResetHint: temporality === "delta" ? "gauge" : "unknown",
    count: point.count,
    sum: point.sum ?? 0,
    zeroThreshold: 0,
    zeroCount: 0,
    positiveSpans: side.spans,
    positiveCounts: side.counts,
    negativeSpans: [],
    negativeCounts: new Float64Array(0),
    customBounds: Float64Array.from(bounds.at(-1) === Infinity ? bounds.slice(0, -1) : bounds),
  };
  return histogramProblem(histogram) ?? histogram;
}
