/**
 * What the store gives a reader in another thread: where the lines of the selected streams lie. Parts are
 * named by path and read by position; unsealed lines lie in shared memory. The store keeps all of it
 * until the snapshot is released.
 */
import type { LineDeletion } from "../deletion/line-deletion.ts";

export interface Snapshot {
  readonly id: number;
  /** The selection's end, Unix ns, itself excluded. */
  readonly endNs: bigint;
  readonly arenas: readonly SharedArrayBuffer[];
  /** The generation of the head that each arena is of. */
  readonly arenaGenerations: Uint32Array;
  readonly parts: readonly string[];
  /** The newest generation that each part has lines of. */
  readonly partGenerations: Uint32Array;
  /** What hides lines of some streams: to be asked of every line that is read. */
  readonly deletions: readonly LineDeletion[];
  /** In the order of compareLabels. */
  readonly streams: readonly SnapshotStream[];
}

export interface SnapshotStream {
  /** Labels' pairs. */
  readonly pairs: readonly string[];
  /** The selection's start, or the time from which retention keeps the stream's lines. */
  readonly startNs: bigint;
  /** part, position of the stream in the part's index, …: parts in order of arrival, oldest first. */
  readonly parts: Uint32Array;
  /** arena, byte offset, …: sections in order of arrival, all later than the parts' lines. */
  readonly sections: Uint32Array;
}
