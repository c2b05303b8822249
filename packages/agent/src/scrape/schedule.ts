/**
 * When a target is scraped: on a grid of its own, spread over the interval by its hash, so that targets take
 * turns.
 */

/**
 * Own scrapes this near to their grid are given the grid's time, in ms: regular times cost a store nothing.
 */
export const GRID_TOLERANCE_MS = 2;

export interface Grid {
  readonly intervalMs: number;
  /** Unix ms modulo intervalMs. */
  readonly offsetMs: number;
}

export function gridOf(intervalMs: number, hash: number): Grid {
  return { intervalMs, offsetMs: hash % intervalMs };
}

/** The first point of the grid after a moment. */
export function nextOnGrid(grid: Grid, nowMs: number): number {
  const { intervalMs, offsetMs } = grid;
  return (Math.floor((nowMs - offsetMs) / intervalMs) + 1) * intervalMs + offsetMs;
}

/**
 * The time a scrape's samples get: the grid's where it is within the tolerance, else the real one. Whole ms.
 */
export function alignToGrid(grid: Grid, timeMs: number): number {
  const { intervalMs, offsetMs } = grid;
  const nearest = Math.round((timeMs - offsetMs) / intervalMs) * intervalMs + offsetMs;
  const toleranceMs = Math.min(GRID_TOLERANCE_MS, intervalMs / 100);
  return Math.abs(nearest - timeMs) <= toleranceMs ? nearest : Math.round(timeMs);
}
