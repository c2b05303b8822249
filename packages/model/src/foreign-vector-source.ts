/**
 * How an engine evaluates an expression of another language inside its own: `logs(…)` in PromQL, whose
 * argument is LogQL. The server puts the two together; neither engine knows the other.
 */
import type { SeriesSet } from "./metric-source.ts";
import type { QueryContext } from "./query-context.ts";

/** Evenly spaced times. */
export interface ForeignGrid {
  /** Unix ms. */
  readonly startMs: number;
  readonly stepMs: number;
  /** At least 1. */
  readonly count: number;
}

export interface ForeignVectorSource {
  /**
   * The vector that an expression gives at each time of the grid. A series has a sample for every one of
   * them: a stale marker where it has no value, so that nothing is taken from an earlier step. Throws
   * PARSE_ERROR for what is no expression that gives a vector.
   */
  select(query: string, grid: ForeignGrid, context: QueryContext): Promise<SeriesSet>;
}
