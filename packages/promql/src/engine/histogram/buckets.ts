/** A histogram's buckets with bounds, lowest first. */
import { exponentialBound } from "@binnacle/model";
import { hasCustomBuckets, type NativeHistogram } from "./native-histogram.ts";

export interface Bucket {
  lower: number;
  upper: number;
  readonly count: number;
  readonly isZeroBucket: boolean;
}

/**
 * The buckets that hold something. The zero bucket reaches to one side only where the histogram has buckets
 * on one side only; the lowest custom bucket begins at zero, unless it ends there.
 */
export function populatedBuckets(histogram: NativeHistogram): Bucket[] {
  const { schema, positive, negative, zeroCount, zeroThreshold } = histogram;
  const buckets: Bucket[] = [];
  if (hasCustomBuckets(histogram)) {
    const bounds = histogram.customBounds ?? [];
    for (const [i, index] of positive.indexes.entries()) {
      const count = positive.counts[i]!;
      const upper = bounds[index] ?? Infinity;
      if (count !== 0)
        buckets.push({ lower: bounds[index - 1] ?? -Infinity, upper, count, isZeroBucket: false });
    }
    return buckets;
  }
  for (let i = negative.indexes.length - 1; i >= 0; i--) {
    const index = negative.indexes[i]!;
    const count = negative.counts[i]!;
    const lower = -exponentialBound(index, schema);
    const upper = -exponentialBound(index - 1, schema);
    if (count !== 0) buckets.push({ lower, upper, count, isZeroBucket: false });
  }
  // Prometheus passes over the zero bucket of a negated histogram.
  if (zeroCount > 0) {
    const hasNegative = negative.indexes.length > 0;
    const hasPositive = positive.indexes.length > 0;
    buckets.push({
      lower: hasPositive && !hasNegative ? 0 : -zeroThreshold,
      upper: hasNegative && !hasPositive ? 0 : zeroThreshold,
      count: zeroCount,
      isZeroBucket: true,
    });
  }
  for (const [i, index] of positive.indexes.entries()) {
    const count = positive.counts[i]!;
    const lower = exponentialBound(index - 1, schema);
    if (count !== 0)
      buckets.push({ lower, upper: exponentialBound(index, schema), count, isZeroBucket: false });
  }
  return buckets;
}
