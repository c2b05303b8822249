/**
 * What the store gives a reader in another thread: where the lines of the selected streams lie. Parts are
 * named by path and read by position; unsealed lines lie in shared memory. The store keeps all of it
 * until the snapshot is released.
 */

export interface Snapshot {
  readonly id: number;
  /** The selection's range, narrowed to what retention keeps; half-open, Unix ns. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly arenas: readonly SharedArrayBuffer[];
  readonly parts: readonly string[];
  /** In the order of compareLabels. */
  readonly streams: readonly SnapshotStream[];
}

export interface SnapshotStream {
  /** Labels' pairs. */
  readonly pairs: readonly string[];
  /** part, position of the stream in the part's index, …: parts in order of arrival, oldest first. */
  readonly parts: Uint32Array;
  /** arena, byte offset, …: sections in order of arrival, all later than the parts' lines. */
  readonly sections: Uint32Array;
}
