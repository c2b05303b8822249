/** Finding the samples of a stretch of time by halving. */

export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

/** The samples in (afterMs, untilMs]. */
export function indexRange(times: Float64Array, afterMs: number, untilMs: number): IndexRange {
  return { from: firstAfter(times, afterMs), to: firstAfter(times, untilMs) };
}

function firstAfter(times: Float64Array, timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
