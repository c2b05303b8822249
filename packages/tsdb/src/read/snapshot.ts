/**
 * What a reader in any thread needs to answer one selection: made by the store in one turn, so that it is
 * consistent, and pinned until the reader releases it. All of it can be cloned; shared memory is handed over
 * by reference.
 */

import type { Deletion } from "../deletion.ts";

/** Matched series of one generation of the head. Parallel columns, one entry a series. */
export interface HeadSnapshot {
  readonly generation: number;
  /** Number of the first of `segments`: the reader has those before it from earlier snapshots. */
  readonly segmentsFrom: number;
  readonly segments: readonly SharedArrayBuffer[];
  /** Address of each series' label set. */
  readonly addresses: Uint32Array;
  /** End of each series' entries in `places`. */
  readonly placeEnds: Uint32Array;
  /** group (index into `groups`), column, group, column, …. */
  readonly places: Uint32Array;
  /** Newest loose record of each series, plus one. */
  readonly chains: Uint32Array;
  /** Of each group: segment, offset, capacity, rows of its tiles. */
  readonly groups: readonly Uint32Array[];
  /** segment, offset of each chunk of the loose log. */
  readonly looseChunks: Uint32Array;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

export interface LabelSnapshot {
  /** Changes when the head rewrites its label sets; addresses belong to one table. */
  readonly table: number;
  readonly segmentsFrom: number;
  readonly segments: readonly SharedArrayBuffer[];
}

/** A sealed block that may hold matching series. */
export interface BlockAddress {
  readonly id: number;
  readonly path: string;
}

export interface Snapshot {
  /** To release it by. */
  readonly id: number;
  readonly labels: LabelSnapshot;
  /** Oldest first. */
  readonly heads: readonly HeadSnapshot[];
  /** Oldest first. */
  readonly blocks: readonly BlockAddress[];
  /** What is deleted of all that in the range asked for. */
  readonly deletions: readonly Deletion[];
  /** Generations that later snapshots may name. */
  readonly generationsLive: readonly number[];
  /** Block files removed since this reader's snapshot before. */
  readonly pathsGone: readonly string[];
}

/** Shared memory a reader has from earlier snapshots. */
export interface KnownMemory {
  readonly labelTable: number;
  readonly labelSegments: number;
  /** Segments by generation. */
  readonly generations: ReadonlyMap<number, number>;
}
