/** What became of a push, for the answer to it. */
export interface PushSummary {
  /** Samples, series, lines or streams that were not taken. */
  readonly refused: number;
  /** The first few reasons, for people. */
  readonly reasons: readonly string[];
}
