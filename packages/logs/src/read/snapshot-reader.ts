/**
 * Reads snapshots: what a query thread has of the store, and what the store itself reads through on its own
 * thread.
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
    for (let i = 0; i < stream.parts.length; i += 2) {
      const part = this.#part(stream.parts[i]!);
      for (const run of partRuns(part, stream.parts[i + 1]!, i, this.#blocks)) runs.push(run);
    }
    for (const run of sectionRuns(this.#snapshot.arenas, stream.sections, stream.parts.length))
      runs.push(run);
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
