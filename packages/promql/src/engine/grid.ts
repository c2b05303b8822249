/** The times at which an expression is evaluated: evenly spaced, one for an instant query. */

export interface StepGrid {
  /** Unix ms of the first step. */
  readonly startMs: number;
  /** At least 1, also where there is one step only. */
  readonly stepMs: number;
  readonly count: number;
}

export function timeAt(grid: StepGrid, step: number): number {
  return grid.startMs + step * grid.stepMs;
}

export function lastTime(grid: StepGrid): number {
  return timeAt(grid, grid.count - 1);
}

export function gridOf(startMs: number, endMs: number, stepMs: number): StepGrid {
  return { startMs, stepMs, count: endMs < startMs ? 0 : Math.floor((endMs - startMs) / stepMs) + 1 };
}
