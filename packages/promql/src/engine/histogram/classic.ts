/** Quantiles and fractions of classic histograms: cumulative counts under upper bounds. */

export interface ClassicBucket {
  readonly upper: number;
  count: number;
}

/** Differences smaller than this share of a count come from rounding and are evened out silently. */
const SMALL_DELTA = 1e-12;
const SMALLEST_NORMAL = 2.2250738585072014e-308;

export interface ClassicQuantile {
  readonly value: number;
  /** Counts had to be raised because they fell from a bucket to the next. */
  readonly isForced: boolean;
}

function plain(value: number): ClassicQuantile {
  return { value, isForced: false };
}

export function classicQuantile(q: number, unordered: readonly ClassicBucket[]): ClassicQuantile {
  if (Number.isNaN(q)) return plain(NaN);
  if (q < 0) return plain(-Infinity);
  if (q > 1) return plain(Infinity);
  const ordered = orderedBuckets(unordered);
  if (ordered === undefined) return plain(NaN);
  const { buckets, isForced } = ordered;
  const last = buckets.length - 1;
  const total = buckets[last]!.count;
  if (last < 1 || total === 0) return { value: NaN, isForced };
  let rank = q * total;
  let index = buckets.findIndex((bucket) => bucket.count >= rank);
  if (index < 0) index = last;
  if (index === last) return { value: buckets[last - 1]!.upper, isForced };
  const { upper } = buckets[index]!;
  if (index === 0 && upper <= 0) return { value: upper, isForced };
  let lower = 0;
  let { count } = buckets[index]!;
  if (index > 0) {
    const below = buckets[index - 1]!;
    lower = below.upper;
    count -= below.count;
    rank -= below.count;
  }
  return { value: lower + (upper - lower) * (rank / count), isForced };
}

/** The share of observations between two values. */
export function classicFraction(lower: number, upper: number, unordered: readonly ClassicBucket[]): number {
  const ordered = orderedBuckets(unordered);
  if (ordered === undefined) return NaN;
  const { buckets } = ordered;
  const total = buckets.at(-1).count;
  if (total === 0 || Number.isNaN(total) || Number.isNaN(lower) || Number.isNaN(upper)) return NaN;
  if (lower >= upper) return 0;
  return (countBelow(upper, buckets) - countBelow(lower, buckets)) / total;
}

function countBelow(value: number, buckets: readonly ClassicBucket[]): number {
  let below = 0;
  let lower = buckets[0]!.upper > 0 ? 0 : -Infinity;
  for (const { upper, count } of buckets) {
    if (lower >= value) return below;
    if (upper > value) {
      // A bucket without an end is not looked into: nothing of the highest lies below, all of the lowest
      // does.
      if (upper === Infinity) return below;
      if (lower === -Infinity) return count;
      return below + ((count - below) * (value - lower)) / (upper - lower);
    }
    below = count;
    lower = upper;
  }
  return below;
}

/** Ascending, equal bounds merged, counts made monotonic. Undefined without a bucket for +Inf. */
function orderedBuckets(
  unordered: readonly ClassicBucket[],
): { readonly buckets: ClassicBucket[]; readonly isForced: boolean } | undefined {
  const buckets: ClassicBucket[] = [];
  for (const { upper, count } of isOrdered(unordered) ? unordered : unordered.toSorted(byUpper)) {
    const last = buckets.at(-1);
    if (last?.upper === upper) last.count += count;
    else buckets.push({ upper, count });
  }
  if (buckets.at(-1)?.upper !== Infinity) return undefined;
  let isForced = false;
  let previous = buckets[0]!.count;
  for (const bucket of buckets) {
    if (bucket.count === previous) continue;
    if (isNearlyEqual(previous, bucket.count)) bucket.count = previous;
    else if (bucket.count < previous) {
      bucket.count = previous;
      isForced = true;
    } else previous = bucket.count;
  }
  return { buckets, isForced };
}

function isOrdered(buckets: readonly ClassicBucket[]): boolean {
  for (let i = 1; i < buckets.length; i++) if (!(buckets[i - 1]!.upper <= buckets[i]!.upper)) return false;
  return true;
}

function byUpper(a: ClassicBucket, b: ClassicBucket): number {
  return a.upper - b.upper;
}

function isNearlyEqual(a: number, b: number): boolean {
  const difference = Math.abs(a - b);
  const sum = Math.abs(a) + Math.abs(b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < SMALL_DELTA * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < SMALL_DELTA;
}
