/** Quantiles of plain numbers. */

/**
 * The value below which a share q of the values lies, between neighbours by their distance. NaN sorts below
 * all. q below 0 gives −Inf, above 1 +Inf, NaN gives NaN. Sorts its argument.
 */
export function quantileOf(q: number, values: Float64Array): number {
  const { length } = values;
  if (length === 0 || Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  // Without a comparing function typed arrays sort several times faster, with NaN last.
  values.sort();
  let nanCount = 0;
  while (nanCount < length && Number.isNaN(values[length - 1 - nanCount])) nanCount++;
  const at = (i: number): number => (i < nanCount ? NaN : values[i - nanCount]!);
  const rank = q * (length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(length - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return at(lower) * (1 - weight) + at(upper) * weight;
}
