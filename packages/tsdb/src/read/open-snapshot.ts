/**
 * Turns snapshots into readers. Keeps, a thread, what the next snapshot will want again: memory, labels,
 * files.
 */
import { BinnacleError, type TimeRange } from "@binnacle/model";
import type { BlockCache } from "../block/block-cache.ts";
import { DeletionFilter } from "../deletion.ts";
import { LabelTableReader } from "../head/label-table.ts";
import { HeadReader } from "./head-reader.ts";
import type { OpenBlock, OpenSnapshot } from "./selection.ts";
import type { KnownMemory, Snapshot } from "./snapshot.ts";

interface LabelMemory {
  readonly table: number;
  readonly segments: SharedArrayBuffer[];
  readonly reader: LabelTableReader;
}

export class SnapshotOpener {
  readonly #cache: BlockCache;
  readonly #generations = new Map<number, SharedArrayBuffer[]>();
  #labels: LabelMemory | undefined;

  constructor(cache: BlockCache) {
    this.#cache = cache;
  }

  /** What this side has, so that a snapshot need not bring it again. */
  get known(): KnownMemory {
    return {
      labelTable: this.#labels?.table ?? 0,
      labelSegments: this.#labels?.segments.length ?? 0,
      generations: new Map([...this.#generations].map(([id, segments]) => [id, segments.length])),
    };
  }

  /**
   * `release` is called once, when the snapshot is disposed. Throws CORRUPT_DATA, FatalError; then it is not
   * called.
   */
  open(snapshot: Snapshot, range: TimeRange, release: () => void): OpenSnapshot {
    this.#forget(snapshot);
    const labels = this.#openLabels(snapshot);
    const heads = snapshot.heads.map((head) => {
      const segments = this.#generations.get(head.generation) ?? [];
      extend(segments, head.segmentsFrom, head.segments);
      this.#generations.set(head.generation, segments);
      return new HeadReader(head, segments, range);
    });
    const acquired: string[] = [];
    const close = (): void => {
      for (const path of acquired.splice(0)) this.#cache.release(path);
    };
    const blocks: OpenBlock[] = [];
    try {
      for (const { id, path } of snapshot.blocks) {
        blocks.push({ id, reader: this.#cache.acquire(path) });
        acquired.push(path);
      }
    } catch (error) {
      close();
      throw error;
    }
    let isOpen = true;
    return {
      labels,
      heads,
      blocks,
      deletions: new DeletionFilter(snapshot.deletions),
      [Symbol.dispose]() {
        if (!isOpen) return;
        isOpen = false;
        close();
        release();
      },
    };
  }

  /** Lets go of memory and files that no later snapshot will name. */
  #forget({ generationsLive, pathsGone }: Snapshot): void {
    for (const id of this.#generations.keys())
      if (!generationsLive.includes(id)) this.#generations.delete(id);
    for (const path of pathsGone) this.#cache.forget(path);
  }

  #openLabels(snapshot: Snapshot): LabelTableReader {
    const { table, segmentsFrom, segments } = snapshot.labels;
    if (this.#labels === undefined || this.#labels.table !== table) {
      const own: SharedArrayBuffer[] = [];
      this.#labels = { table, segments: own, reader: new LabelTableReader(own) };
    }
    extend(this.#labels.segments, segmentsFrom, segments);
    return this.#labels.reader;
  }
}

/** Answers may overtake each other, so a snapshot may bring again what is here already. */
function extend(own: SharedArrayBuffer[], from: number, more: readonly SharedArrayBuffer[]): void {
  if (from > own.length) {
    throw new BinnacleError(
      "INTERNAL",
      `BUG: a snapshot begins at segment ${from}, of which ${own.length} are known`,
    );
  }
  for (let i = own.length - from; i < more.length; i++) own.push(more[i]!);
}
