/** Native histograms, as Prometheus defines them. */

export type CounterResetHint = "unknown" | "reset" | "not_reset" | "gauge";

/**
 * A run of buckets: the first begins `offset` buckets after the end of the run before it (or after index 0).
 */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Schema of custom bucket boundaries (a classic histogram stored as a native one). */
export const CUSTOM_BUCKETS_SCHEMA = -53;

/**
 * One native histogram sample. Bucket counts are absolute, whether they came as deltas or not; a histogram of
 * integer counts says so with isInteger, and its counts then are whole numbers below 2^53.
 */
export interface Histogram {
  /**
   * −4…8: bucket boundaries grow by 2^(2^−schema). −53: boundaries are `customBounds`, ascending, +Inf left
   * out.
   */
  readonly schema: number;
  readonly isInteger: boolean;
  readonly counterResetHint: CounterResetHint;
  readonly count: number;
  readonly sum: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positiveSpans: readonly Span[];
  readonly positiveCounts: Float64Array;
  readonly negativeSpans: readonly Span[];
  readonly negativeCounts: Float64Array;
  readonly customBounds: Float64Array | undefined;
}
