/** How a difference between two samples is taken to go on to the edges of its window. */

/** Gaps up to this many times the average count as the sampling going on to the window's edge. */
const EXTRAPOLATION_GAPS = 1.1;

/** The window and the samples in it. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
}

export interface Extrapolation {
  /** What the difference is to be multiplied with. */
  readonly factor: number;
  /** Taken on before the first sample. */
  readonly startSeconds: number;
  /** From the first sample (or the beginning of its counting) to the last. */
  readonly sampledSeconds: number;
}

/**
 * How much longer the window is, as far as the samples speak for it, than the time between first and last
 * sample. Towards an edge that is near the difference is taken to go on; towards a far one by half a gap; and
 * no counter is taken to have been below zero (`zeroAt`: how many spans before the first sample it was zero).
 */
export function extrapolationFactor(
  span: Span,
  countingSinceMs: number | undefined,
  zeroAt: number | undefined,
): Extrapolation {
  const { startMs, endMs, firstMs, lastMs, count } = span;
  let toStart = (firstMs - startMs) / 1000;
  let toEnd = (endMs - lastMs) / 1000;
  let sampled = (lastMs - firstMs) / 1000;
  const gap = count > 1 ? sampled / (count - 1) : 0;
  const threshold = gap * EXTRAPOLATION_GAPS;
  if (countingSinceMs === undefined) {
    if (toStart >= threshold) toStart = gap / 2;
    if (zeroAt !== undefined) toStart = Math.min(toStart, sampled * zeroAt);
  } else {
    toStart = 0;
    sampled = (lastMs - countingSinceMs) / 1000;
  }
  if (toEnd >= threshold) toEnd = gap / 2;
  const factor = sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
  return { factor, startSeconds: toStart, sampledSeconds: sampled };
}
