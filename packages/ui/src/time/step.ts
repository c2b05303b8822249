/** How far apart the points of a range query stand. */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const NICE_STEPS_MS: readonly number[] = [
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
];

/** The server refuses more points a series than this, as Prometheus does. */
export const POINTS_MAX = 11_000;

/** The smallest round step by which a span needs no more than `pointsMax` points. */
export function niceStepMs(spanMs: number, pointsMax: number): number {
  const exact = spanMs / pointsMax;
  return NICE_STEPS_MS.find((step) => step >= exact) ?? Math.ceil(exact / DAY) * DAY;
}

/** A window whose ends are multiples of the step, so that points stay where they were when it moves on. */
export function alignWindow(fromMs: number, toMs: number, stepMs: number): { fromMs: number; toMs: number } {
  return { fromMs: Math.ceil(fromMs / stepMs) * stepMs, toMs: Math.floor(toMs / stepMs) * stepMs };
}
