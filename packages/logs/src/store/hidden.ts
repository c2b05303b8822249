/** What of the store's lines is not shown at a moment: what is past retention, and what was deleted. */
import type { Labels } from "@binnacle/model";
import type { DeletionFilter } from "../deletion/deletion-filter.ts";
import type { LineDeletion } from "../deletion/line-deletion.ts";

export interface Hidden {
  /** The time before which nothing of a stream is shown; undefined: all is. */
  oldestNs(labels: Labels): bigint | undefined;
  readonly deletions: readonly LineDeletion[];
  readonly filter: DeletionFilter;
}

/** The start of a range as a stream has it, which retention may have cut. */
export function shownFrom(hidden: Hidden, labels: Labels, startNs: bigint): bigint {
  const oldestNs = hidden.oldestNs(labels);
  return oldestNs !== undefined && oldestNs > startNs ? oldestNs : startNs;
}
