/**
 * Reads snapshots: what a query thread has of the store, and what the store itself reads through on its
 * own thread.
 */
import { existsSync } from "node:fs";
import {
  BinnacleError,
  Labels,
  type LogBlock,
  type LogHorizon,
  type LogSet,
  type LogSelection,
  type QueryContext,
} from "@binnacle/model";
import { DeletionFilter } from "../deletion/deletion-filter.ts";
import { withoutDeleted } from "../deletion/masked-run.ts";
import { BLOCK_CACHE_BYTES, INDEX_CACHE_PARTS } from "../limits.ts";
import { Needle } from "../part/needle.ts";
import { PartFile } from "../part/part-file.ts";
import type { PartIndex } from "../part/part-index.ts";
import { BlockCache } from "./block-cache.ts";
import { mergeRuns } from "./merge-runs.ts";
import { partRuns } from "./part-runs.ts";
import type { Run } from "./run.ts";
import { sectionRuns } from "./section-runs.ts";
import { DAMAGED_SUFFIX, DOOMED_SUFFIX } from "../store/layout.ts";
import type { Snapshot, SnapshotStream } from "./snapshot.ts";

/** What a thread keeps between queries: indexes and unpacked blocks of parts. */
export class SnapshotReader {
  readonly #blocks = new BlockCache(BLOCK_CACHE_BYTES);
  readonly #indexes = new Map<string, PartIndex>();
  readonly #onDamage: (path: string) => void;

  /** `onDamage` is told of the part in which a query meets what it cannot read. */
  constructor(onDamage: (path: string) => void) {
    this.#onDamage = onDamage;
  }

  /** The set takes the snapshot over: disposing it calls `release`. */
  open(snapshot: Snapshot, selection: LogSelection, release: () => void): LogSet {
    return new SnapshotSet(snapshot, selection, release, this.#blocks, (path) => this.#openPart(path));
  }

  #openPart(path: string): PartFile {
    const part = openUnderAnyName(path, this.#indexes.get(path), () => this.#onDamage(path));
    this.#indexes.delete(path);
    this.#indexes.set(path, part.index);
    for (const oldest of this.#indexes.keys()) {
      if (this.#indexes.size <= INDEX_CACHE_PARTS && existsSync(oldest)) break;
      this.#indexes.delete(oldest);
      this.#blocks.drop(oldest);
    }
    return part;
  }
}

/** One that left the store while the snapshot had it lies there under another name. */
function openUnderAnyName(path: string, index: PartIndex | undefined, onDamage: () => void): PartFile {
  for (const suffix of ["", DOOMED_SUFFIX]) {
    try {
      return new PartFile(path + suffix, index, onDamage);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return new PartFile(path + DAMAGED_SUFFIX, index);
}

class SnapshotSet implements LogSet {
  readonly streams: readonly Labels[];
  readonly #snapshot: Snapshot;
  readonly #selection: LogSelection;
  readonly #release: () => void;
  readonly #blocks: BlockCache;
  readonly #openPart: (path: string) => PartFile;
  readonly #parts = new Map<number, PartFile>();
  /** What every wanted line holds. */
  readonly #needles: readonly Needle[];
  readonly #deletions: DeletionFilter;
  #isDisposed = false;

  constructor(
    snapshot: Snapshot,
    selection: LogSelection,
    release: () => void,
    blocks: BlockCache,
    openPart: (path: string) => PartFile,
  ) {
    this.#snapshot = snapshot;
    this.#selection = selection;
    this.#release = release;
    this.#blocks = blocks;
    this.#openPart = openPart;
    this.#needles = selection.hints
      .filter(({ kind, text }) => kind === "contains" && text.length > 0)
      .map(({ text }) => new Needle(text));
    this.#deletions = new DeletionFilter(snapshot.deletions);
    this.streams = snapshot.streams.map((stream) => Labels.fromSortedPairs(stream.pairs));
  }

  *read(stream: number, context: QueryContext, horizon?: LogHorizon): Iterable<LogBlock> {
    if (this.#isDisposed) throw new BinnacleError("UNAVAILABLE", "the log snapshot is already released");
    const labels = this.streams[stream]!;
    const asked = this.#snapshot.streams[stream]!;
    const { direction } = this.#selection;
    const range = { startNs: asked.startNs, endNs: this.#snapshot.endNs, direction };
    for (const block of mergeRuns(labels, this.#runs(asked, labels), range, horizon)) {
      context.check();
      yield block;
    }
  }

  #runs(stream: SnapshotStream, labels: Labels): Run[] {
    const runs: Run[] = [];
    const needles = this.#needles;
    const deletions = this.#deletions.of(labels);
    const { arenas, partGenerations, arenaGenerations } = this.#snapshot;
    let sequence = 0;
    for (let i = 0; i < stream.parts.length; i += 2) {
      const part = this.#part(stream.parts[i]!);
      const ordinal = stream.parts[i + 1]!;
      const generation = partGenerations[stream.parts[i]!]!;
      const found = partRuns(part, ordinal, { sequence, cache: this.#blocks, needles });
      for (const run of withoutDeleted(found, labels, generation, deletions)) runs.push(run);
      sequence += part.index.runsOf[ordinal + 1]! - part.index.runsOf[ordinal]!;
    }
    // Where something is deleted, no run may hold sections of two generations.
    for (const { places, generation } of deletions.length === 0
      ? [{ places: stream.sections, generation: 0 }]
      : byGeneration(stream.sections, arenaGenerations)) {
      const found = sectionRuns(arenas, places, sequence);
      for (const run of withoutDeleted(found, labels, generation, deletions)) runs.push(run);
      sequence += found.length;
    }
    return runs;
  }

  #part(ordinal: number): PartFile {
    let part = this.#parts.get(ordinal);
    if (part === undefined) {
      part = this.#openPart(this.#snapshot.parts[ordinal]!);
      this.#parts.set(ordinal, part);
    }
    return part;
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const part of this.#parts.values()) part[Symbol.dispose]();
    this.#parts.clear();
    this.#release();
  }
}

/** Sections of one generation lie next to each other. */
function byGeneration(
  sections: Uint32Array,
  generations: Uint32Array,
): { places: Uint32Array; generation: number }[] {
  const groups: { places: Uint32Array; generation: number }[] = [];
  for (let from = 0, i = 0; i <= sections.length; i += 2) {
    const generation = generations[sections[from]!]!;
    if (i === from || (i < sections.length && generations[sections[i]!] === generation)) continue;
    groups.push({ places: sections.subarray(from, i), generation });
    from = i;
  }
  return groups;
}
