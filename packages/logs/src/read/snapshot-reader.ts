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
import { BLOCK_CACHE_BYTES, INDEX_CACHE_PARTS } from "../limits.ts";
import { Needle } from "../part/needle.ts";
import { PartFile } from "../part/part-file.ts";
import type { PartIndex } from "../part/part-index.ts";
import { BlockCache } from "./block-cache.ts";
import { mergeRuns } from "./merge-runs.ts";
import { partRuns } from "./part-runs.ts";
import type { Run } from "./run.ts";
import { sectionRuns } from "./section-runs.ts";
import type { Snapshot, SnapshotStream } from "./snapshot.ts";

/** What a thread keeps between queries: indexes and unpacked blocks of parts. */
export class SnapshotReader {
  readonly #blocks = new BlockCache(BLOCK_CACHE_BYTES);
  readonly #indexes = new Map<string, PartIndex>();

  /** The set takes the snapshot over: disposing it calls `release`. */
  open(snapshot: Snapshot, selection: LogSelection, release: () => void): LogSet {
    return new SnapshotSet(snapshot, selection, release, this.#blocks, (path) => this.#openPart(path));
  }

  #openPart(path: string): PartFile {
    const part = new PartFile(path, this.#indexes.get(path));
    this.#indexes.delete(path);
    this.#indexes.set(path, part.index);
    for (const oldest of this.#indexes.keys()) {
      if (this.#indexes.size <= INDEX_CACHE_PARTS && existsSync(oldest)) break;
      this.#indexes.delete(oldest);
    }
    return part;
  }
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
    this.streams = snapshot.streams.map((stream) => Labels.fromSortedPairs(stream.pairs));
  }

  *read(stream: number, context: QueryContext, horizon?: LogHorizon): Iterable<LogBlock> {
    if (this.#isDisposed) throw new BinnacleError("UNAVAILABLE", "the log snapshot is already released");
    const { startNs, endNs } = this.#snapshot;
    const runs = this.#runs(this.#snapshot.streams[stream]!);
    const { direction } = this.#selection;
    const range = { startNs, endNs, direction };
    for (const block of mergeRuns(this.streams[stream]!, runs, range, horizon)) {
      context.check();
      yield block;
    }
  }

  #runs(stream: SnapshotStream): Run[] {
    const runs: Run[] = [];
    const needles = this.#needles;
    let sequence = 0;
    for (let i = 0; i < stream.parts.length; i += 2) {
      const part = this.#part(stream.parts[i]!);
      const ordinal = stream.parts[i + 1]!;
      for (const run of partRuns(part, ordinal, { sequence, cache: this.#blocks, needles })) runs.push(run);
      sequence += part.index.runsOf[ordinal + 1]! - part.index.runsOf[ordinal]!;
    }
    for (const run of sectionRuns(this.#snapshot.arenas, stream.sections, sequence)) runs.push(run);
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
