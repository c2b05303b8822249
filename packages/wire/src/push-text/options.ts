/** What all pushed texts take beside their body. */

export interface PushTextOptions {
  /** The time of samples that bring none, Unix ms. */
  readonly nowMs: number;
  /** Labels that every series gets; they go before its own. */
  readonly extraLabels: readonly (readonly [string, string])[];
}
