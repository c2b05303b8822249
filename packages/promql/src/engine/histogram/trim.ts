/**
 * Trims: what of a histogram lies below or above a value. A bucket that the value cuts is shared out as
 * quantiles would interpolate it, and the sum is estimated anew from the middles of what is left.
 */
import { populatedBuckets, type Bucket } from "./buckets.ts";
import { hasCustomBuckets, type Buckets, type NativeHistogram } from "./native-histogram.ts";
import { shareBelow } from "./quantile.ts";

/** What is kept of one bucket: how many observations, and what they are on average. */
interface Kept {
  readonly count: number;
  readonly middle: number;
}
const NOTHING: Kept = { count: 0, middle: 0 };

export function trimHistogram(
  histogram: NativeHistogram,
  bound: number,
  drop: "above" | "below",
): NativeHistogram {
  if (bound === (drop === "above" ? Infinity : -Infinity)) return histogram;
  const isCustom = hasCustomBuckets(histogram);
  const keep = (bucket: Bucket): Kept =>
    isCustom ? keepOfCustom(bucket, bound, drop) : keepOfExponential(bucket, bound, drop);
  let total = 0;
  let sum = 0;
  let removed = 0;
  const counts = new Map<string, number>();
  for (const bucket of populatedBuckets(histogram)) {
    const { count, middle } = keep(bucket);
    counts.set(keyOf(bucket), count);
    total += count;
    sum += count * middle;
    removed += bucket.count - count;
  }
  if (removed === 0) return histogram;
  return withCounts(histogram, (bucket) => counts.get(keyOf(bucket)) ?? 0, { count: total, sum });
}

function keyOf(bucket: Bucket): string {
  return bucket.isZeroBucket ? "zero" : `${bucket.lower} ${bucket.upper}`;
}

function keepOfExponential(bucket: Bucket, bound: number, drop: "above" | "below"): Kept {
  const { lower, upper, count, isZeroBucket } = bucket;
  const isAbove = drop === "above";
  if (isAbove ? bound <= lower : bound >= upper) return NOTHING;
  const isCut = bound > lower && bound < upper;
  const from = isCut && !isAbove ? bound : lower;
  const to = isCut && isAbove ? bound : upper;
  const below = isCut ? shareBelow(bound, bucket, false) : 0;
  const share = !isCut ? 1 : isAbove ? below : 1 - below;
  const middle = isZeroBucket ? (from + to) / 2 : Math.sqrt(from * to) * (to <= 0 ? -1 : 1);
  return { count: count * share, middle };
}

/**
 * The outermost custom buckets have no end: the highest is left out whole when all above a value goes, and
 * stands at its lower end (or the value, where that is higher) else. The lowest begins at zero where it ends
 * above zero.
 */
function keepOfCustom(bucket: Bucket, bound: number, drop: "above" | "below"): Kept {
  const { lower, upper, count } = bucket;
  const isAbove = drop === "above";
  if (upper === Infinity) {
    const isDropped = isAbove || bound === Infinity || lower === -Infinity;
    return isDropped ? NOTHING : { count, middle: Math.max(lower, bound) };
  }
  if (lower === -Infinity && upper <= 0) {
    return isAbove && bound !== -Infinity ? { count, middle: Math.min(upper, bound) } : NOTHING;
  }
  // Below zero there is nothing of a lowest bucket that begins there, and it is not looked into either.
  if (lower === -Infinity && bound < 0) return NOTHING;
  const from = lower === -Infinity ? 0 : lower;
  if (isAbove ? bound <= from : bound >= upper) return NOTHING;
  const cut = Math.min(Math.max(bound, from), upper);
  const below = (cut - from) / (upper - from);
  return isAbove
    ? { count: count * below, middle: (from + cut) / 2 }
    : { count: count * (1 - below), middle: (cut + upper) / 2 };
}

/** The same buckets with other counts. */
function withCounts(
  histogram: NativeHistogram,
  countOf: (bucket: Bucket) => number,
  totals: { readonly count: number; readonly sum: number },
): NativeHistogram {
  const rebuild = (side: "positive" | "negative"): Buckets => {
    const buckets = histogram[side];
    const counts = buckets.counts.map((count, i) => {
      if (count === 0) return 0;
      const alone = { ...histogram, zeroCount: 0, positive: NONE, negative: NONE };
      const [bucket] = populatedBuckets({
        ...alone,
        [side]: { indexes: [buckets.indexes[i]!], counts: [count] },
      });
      return countOf(bucket!);
    });
    return { indexes: buckets.indexes, counts };
  };
  const zeroCount =
    histogram.zeroCount === 0
      ? 0
      : countOf({ lower: 0, upper: 0, count: histogram.zeroCount, isZeroBucket: true });
  return {
    ...histogram,
    ...totals,
    zeroCount,
    positive: rebuild("positive"),
    negative: rebuild("negative"),
  };
}

const NONE: Buckets = { indexes: [], counts: [] };
