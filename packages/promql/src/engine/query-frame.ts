/** What a query asks, whatever its expression: its time or range, its step, how far it looks back. */

/** The query as a whole: the functions start(), end(), step() and range() speak of it wherever they stand. */
export interface QueryFrame {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
  readonly isRange: boolean;
  readonly lookbackDeltaMs: number;
  readonly subqueryStepMs: number;
}
