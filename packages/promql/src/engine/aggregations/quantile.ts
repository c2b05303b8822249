/** Quantiles of plain numbers. */

/**
 * The value below which a share q of the values lies, between neighbours by their distance. NaN sorts below
 * all. q below 0 gives −Inf, above 1 +Inf, NaN gives NaN. Sorts its argument.
 */
export function quantileOf(q: number, values: Float64Array): number {
  // Without a comparing function typed arrays sort several times faster, with NaN last.
  values.sort();
  let count = values.length;
  while (count > 0 && Number.isNaN(values[count - 1])) count--;
  return interpolateRank(q, values, count, values.length - count);
}

/** The quantile of `nanCount` NaNs, which sort below all, and the first `count` numbers, which ascend. */
export function interpolateRank(q: number, numbers: Float64Array, count: number, nanCount: number): number {
  const length = count + nanCount;
  if (length === 0 || Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const rank = q * (length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(length - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  const below = lower < nanCount ? NaN : numbers[lower - nanCount]!;
  const above = upper < nanCount ? NaN : numbers[upper - nanCount]!;
  return below * (1 - weight) + above * weight;
}
