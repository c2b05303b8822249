/** Quantiles and fractions of native histograms, interpolated inside a bucket as its kind has it. */
import { populatedBuckets, type Bucket } from "./buckets.ts";
import { hasCustomBuckets, type NativeHistogram } from "./native-histogram.ts";

export interface HistogramQuantile {
  readonly value: number;
  /** NaN observations count without being in a bucket: they make the result NaN, or push it up. */
  readonly nanEffect: "none" | "skewed" | "nan";
}

function plain(value: number): HistogramQuantile {
  return { value, nanEffect: "none" };
}

export function histogramQuantile(q: number, histogram: NativeHistogram): HistogramQuantile {
  if (q < 0) return plain(-Infinity);
  if (q > 1) return plain(Infinity);
  if (histogram.count === 0 || Number.isNaN(q)) return plain(NaN);
  const hasNaNs = Number.isNaN(histogram.sum);
  // Counting from the nearer end loses less; with NaNs about, only the lower end is known.
  const isForward = hasNaNs || q < 0.5;
  const buckets = populatedBuckets(histogram);
  if (!isForward) buckets.reverse();
  let rank = (isForward ? q : 1 - q) * histogram.count;
  let count = 0;
  let bucket: Bucket = { lower: 0, upper: 0, count: 0, isZeroBucket: true };
  for (const candidate of buckets) {
    bucket = candidate;
    count += bucket.count;
    if (count >= rank) break;
  }
  const isCustom = hasCustomBuckets(histogram);
  if (isCustom) {
    if (bucket.lower === -Infinity) {
      if (bucket.upper <= 0) return withNaNs(bucket.upper, hasNaNs, histogram);
      bucket.lower = 0;
    } else if (bucket.upper === Infinity) return withNaNs(bucket.lower, hasNaNs, histogram);
  }
  count = Math.min(count, histogram.count);
  if (count < rank) return hasNaNs ? { value: NaN, nanEffect: "nan" } : plain(bucket.upper);
  rank = isForward ? rank - (count - bucket.count) : count - rank;
  const fraction = rank / bucket.count;
  return withNaNs(interpolate(bucket, fraction, isCustom), hasNaNs, histogram);
}

function withNaNs(value: number, hasNaNs: boolean, histogram: NativeHistogram): HistogramQuantile {
  if (!hasNaNs) return { value, nanEffect: "none" };
  // A sum that is NaN because of infinities of both signs does not make an observation NaN.
  const inBuckets = populatedBuckets(histogram).reduce((sum, bucket) => sum + bucket.count, 0);
  return { value, nanEffect: inBuckets < histogram.count ? "skewed" : "none" };
}

function interpolate({ lower, upper, isZeroBucket }: Bucket, fraction: number, isCustom: boolean): number {
  if (isCustom || isZeroBucket || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

/** The share of observations between two values. NaN observations are in no share. */
export function histogramFraction(
  lower: number,
  upper: number,
  histogram: NativeHistogram,
): { readonly value: number; readonly hasNaNs: boolean } {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper))
    return { value: NaN, hasNaNs: false };
  const buckets = populatedBuckets(histogram);
  const inBuckets = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const hasNaNs = Number.isNaN(histogram.sum) && inBuckets < histogram.count;
  if (lower >= upper) return { value: 0, hasNaNs };
  const isCustom = hasCustomBuckets(histogram);
  const below = (value: number): number => Math.min(countBelow(value, buckets, isCustom), inBuckets);
  return { value: (below(upper) - below(lower)) / histogram.count, hasNaNs };
}

function countBelow(value: number, buckets: readonly Bucket[], isCustom: boolean): number {
  let count = 0;
  for (const bucket of buckets) {
    if (bucket.lower >= value) return count;
    if (bucket.upper > value) return count + bucket.count * shareBelow(value, bucket, isCustom);
    count += bucket.count;
  }
  return count;
}

/** The share of a bucket's observations below a value inside it. */
export function shareBelow(value: number, bucket: Bucket, isCustom: boolean): number {
  let { lower } = bucket;
  const { upper } = bucket;
  if (isCustom && lower === -Infinity) {
    // The lowest custom bucket is taken to begin at zero; one that ends there or below is not looked into.
    if (upper <= 0) return 1;
    if (value <= 0) return 0;
    lower = 0;
  }
  if (upper === Infinity) return 0;
  if (isCustom || bucket.isZeroBucket) return (value - lower) / (upper - lower);
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logValue = Math.log2(Math.abs(value));
  return value > 0
    ? (logValue - logLower) / (logUpper - logLower)
    : 1 - (logValue - logUpper) / (logLower - logUpper);
}
