/**
 * What start timestamps say of counters: when the counting began, and so whether it began anew between
 * samples.
 */

export interface StampedTime {
  readonly timeMs: number;
  /** 0 where unknown. */
  readonly startMs: number;
}

/**
 * Whether a counter was reset between two samples. A start at the previous sample's very time means a delta,
 * unless the previous start is unknown (or, as OTel writes "unknown", its own time): then the count only
 * begins to be known.
 */
export function isResetByStart(previous: StampedTime, current: StampedTime): boolean {
  if (current.startMs === 0 || current.startMs >= current.timeMs) return false;
  if (current.startMs !== previous.timeMs) return current.startMs > previous.timeMs;
  if (previous.startMs > previous.timeMs) return false;
  return previous.startMs !== 0 && previous.startMs !== previous.timeMs;
}

/** Whether a sample claims to have been counting already while another count was reported. */
export function startOverlaps(previous: StampedTime, current: StampedTime): boolean {
  const { startMs } = current;
  return startMs !== 0 && startMs < previous.timeMs && startMs !== previous.startMs;
}

export function stampedAt(
  times: Float64Array,
  startTimes: Float64Array | undefined,
  index: number,
): StampedTime {
  return { timeMs: times[index]!, startMs: startTimes?.[index] ?? 0 };
}
