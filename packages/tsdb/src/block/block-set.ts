/**
 * The live blocks: what queries may read. A block that goes while a query holds it is removed when it is let
 * go.
 */
import { linkSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Labels, Logger } from "@binnacle/model";
import { wordsOf } from "@binnacle/model";
import { histogramToBytes } from "../codec/histogram.ts";
import type { Deletion, DeletionFilter } from "../deletion.ts";
import type { StoredValue } from "../head/head.ts";
import type { BlockMeta } from "../plan.ts";
import { overlaps } from "../read/pieces.ts";
import { DAMAGED_FILES_MAX } from "../limits.ts";
import type { BlockCache } from "./block-cache.ts";
import { isCorrupt } from "./damage.ts";

export class BlockSet {
  readonly dir: string;
  readonly #cache: BlockCache;
  #blocks: BlockMeta[] = [];
  readonly #pins = new Map<string, number>();
  readonly #leaving = new Set<string>();
  /** Told of each file that was removed. */
  readonly #onRemoved: (path: string) => void;

  constructor(dir: string, cache: BlockCache, onRemoved: (path: string) => void) {
    this.dir = dir;
    this.#cache = cache;
    this.#onRemoved = onRemoved;
  }

  /** Ascending by id, which is the order of arrival. */
  get all(): readonly BlockMeta[] {
    return this.#blocks;
  }

  get maxTimeMs(): number {
    return this.#blocks.reduce((max, block) => Math.max(max, block.maxTimeMs), Number.NEGATIVE_INFINITY);
  }

  path(block: BlockMeta): string {
    return join(this.dir, block.file);
  }

  /**
   * Takes up the blocks of the manifest. Removes what a crash left unfinished or already replaced. A damaged
   * block is logged and left out of queries, its file kept.
   */
  load(blocks: readonly BlockMeta[], logger: Logger): void {
    const known = new Set(blocks.map((block) => block.file));
    for (const file of readdirSync(this.dir))
      if (!known.has(file)) rmSync(join(this.dir, file), { force: true });
    for (const block of blocks) {
      const path = this.path(block);
      try {
        this.#cache.acquire(path);
        this.#cache.release(path);
        this.#blocks.push(block);
      } catch (error) {
        logger.error({ path, err: error }, "a block is damaged and left out of queries; its file is kept");
      }
    }
    this.#blocks.sort((a, b) => a.id - b.id);
  }

  /**
   * Keeps the files of damaged blocks, which are about to be replaced by what could be read of them, in
   * `damaged/` beside the blocks' folder, for whoever wants to look at them.
   */
  keepAside(files: Iterable<string>): void {
    const folder = join(this.dir, "..", "damaged");
    mkdirSync(folder, { recursive: true });
    for (const file of files) {
      rmSync(join(folder, file), { force: true });
      linkSync(join(this.dir, file), join(folder, file));
    }
    const kept = readdirSync(folder).map((file) => ({ file, sinceMs: statSync(join(folder, file)).ctimeMs }));
    kept.sort((a, b) => b.sinceMs - a.sinceMs);
    for (const { file } of kept.slice(DAMAGED_FILES_MAX)) rmSync(join(folder, file), { force: true });
  }

  /** Puts blocks in the place of others, at once. */
  replace(gone: readonly BlockMeta[], come: readonly BlockMeta[]): void {
    const leaving = new Set(gone);
    this.#blocks = [...this.#blocks.filter((block) => !leaving.has(block)), ...come].sort(
      (a, b) => a.id - b.id,
    );
    for (const block of gone) {
      this.#leaving.add(block.file);
      this.#removeIfFree(block.file);
    }
  }

  overlapping(startMs: number, endMs: number): readonly BlockMeta[] {
    return this.#blocks.filter((block) => overlaps({ startMs, endMs }, block.minTimeMs, block.maxTimeMs));
  }

  pin(blocks: readonly BlockMeta[]): void {
    for (const { file } of blocks) this.#pins.set(file, (this.#pins.get(file) ?? 0) + 1);
  }

  unpin(blocks: readonly BlockMeta[]): void {
    for (const { file } of blocks) {
      const left = this.#pins.get(file)! - 1;
      if (left > 0) this.#pins.set(file, left);
      else this.#pins.delete(file);
      this.#removeIfFree(file);
    }
  }

  /** Newest sealed time of a series, −Infinity where it has none that can be read. */
  lastTimeOf(labels: Labels): number {
    let last = Number.NEGATIVE_INFINITY;
    for (const block of this.#blocks) {
      if (block.maxTimeMs <= last) continue;
      this.#lookUp(block, labels, (reader, series) => {
        last = Math.max(last, reader.index.entry(series).maxTimeMs);
      });
    }
    return last;
  }

  /** The sealed sample of a series at exactly this time, unless it is deleted or cannot be read. */
  find(labels: Labels, timeMs: number, deletions: DeletionFilter): StoredValue | undefined {
    let found: StoredValue | undefined;
    for (const block of this.overlapping(timeMs, timeMs)) {
      if (found !== undefined) break;
      if (deletions.isDeleted(labels, block.id, timeMs)) continue;
      this.#lookUp(block, labels, (reader, series) => {
        const { floats, histograms } = reader.read(series, { startMs: timeMs, endMs: timeMs });
        if (floats.length > 0) {
          const words = wordsOf(floats[0]!.values);
          found = { low: words[0]!, high: words[1]! };
        } else if (histograms.length > 0) {
          found = histogramToBytes(histograms[0]!.values[0]!);
        }
      });
    }
    return found;
  }

  /** Whether a block has series that a deletion is about. Throws CORRUPT_DATA, BAD_REGEXP. */
  hasSeries(block: BlockMeta, { selectors, startMs, endMs }: Omit<Deletion, "through">): boolean {
    if (!overlaps({ startMs, endMs }, block.minTimeMs, block.maxTimeMs)) return false;
    const path = this.path(block);
    const { index } = this.#cache.acquire(path);
    try {
      return selectors.some((matchers) =>
        index.select(matchers).some((series) => {
          const { minTimeMs, maxTimeMs } = index.entry(series);
          return overlaps({ startMs, endMs }, minTimeMs, maxTimeMs);
        }),
      );
    } finally {
      this.#cache.release(path);
    }
  }

  #lookUp(
    block: BlockMeta,
    labels: Labels,
    use: (reader: ReturnType<BlockCache["acquire"]>, series: number) => void,
  ): void {
    const path = this.path(block);
    const reader = this.#cache.acquire(path);
    try {
      const series = reader.index.findSeries(labels);
      if (series >= 0) use(reader, series);
    } catch (error) {
      // A damaged block must not keep new samples out.
      if (!isCorrupt(error)) throw error;
      reader.file.report("series", error);
    } finally {
      this.#cache.release(path);
    }
  }

  #removeIfFree(file: string): void {
    if (!this.#leaving.has(file) || this.#pins.has(file)) return;
    this.#leaving.delete(file);
    const path = join(this.dir, file);
    this.#cache.forget(path);
    rmSync(path, { force: true });
    this.#onRemoved(path);
  }
}
