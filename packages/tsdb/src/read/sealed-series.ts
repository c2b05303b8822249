/**
 * Which series of sealed blocks satisfy selectors, joined over the blocks by their labels. Blocks never change, so
 * what was found for a selector is true as long as it is asked of the same blocks: dashboards ask again and again.
 */
import type { Labels, Matcher, QueryContext } from "@binnacle/model";
import { CHUNK_WORDS } from "../block/block-index.ts";
import type { BlockReader } from "../block/block-reader.ts";
import { isCorrupt } from "../block/damage.ts";
import type { LabelTableReader } from "../head/label-table.ts";
import { U32List } from "../head/u32-list.ts";
import { FOUND_SERIES_MAX } from "../limits.ts";

/** Columns: as objects, a hundred thousand series in several blocks would be a million of them. */
export class SealedSeries {
  readonly labels: Labels[] = [];
  /** Entries of series i, oldest block first, end at entryEnds[i]. */
  readonly entryEnds: Uint32Array;
  /** Of each entry: index of its block, the series' number there, its first and its last time. */
  readonly blocks: Uint32Array;
  readonly series: Uint32Array;
  readonly minTimes: Float64Array;
  readonly maxTimes: Float64Array;
  /** Words of the chunks of entry e end at chunkEnds[e]. */
  readonly chunkEnds: Uint32Array;
  readonly chunkWords: Uint32Array;
  #byKey: Map<string, number> | undefined;
  #heads: { table: LabelTableReader; byAddress: Map<number, number> } | undefined;

  /** Series of each block in `found`, ascending. Throws CORRUPT_DATA. */
  constructor(readers: readonly BlockReader[], found: readonly (readonly number[])[]) {
    const { order, entryEnds } = this.#join(readers, found);
    this.entryEnds = entryEnds;
    const count = order.length / 2;
    this.blocks = new Uint32Array(count);
    this.series = new Uint32Array(count);
    this.minTimes = new Float64Array(count);
    this.maxTimes = new Float64Array(count);
    this.chunkEnds = new Uint32Array(count);
    const words = new U32List(count * CHUNK_WORDS);
    for (let e = 0; e < count; e++) {
      const series = (this.series[e] = order[2 * e + 1]!);
      const { index } = readers[(this.blocks[e] = order[2 * e]!)]!;
      const { minTimeMs, maxTimeMs } = index.bounds(series);
      this.minTimes[e] = minTimeMs;
      this.maxTimes[e] = maxTimeMs;
      for (const word of index.chunkWords(series)) words.push(word);
      this.chunkEnds[e] = words.length;
    }
    this.chunkWords = words.view().slice();
  }

  get count(): number {
    return this.labels.length;
  }

  /** Index of the series of a head's label set, or −1. */
  indexOf(table: LabelTableReader, address: number): number {
    if (this.#heads?.table !== table) this.#heads = { table, byAddress: new Map() };
    const { byAddress } = this.#heads;
    let index = byAddress.get(address);
    if (index === undefined) {
      this.#byKey ??= new Map(this.labels.map((labels, i) => [labels.key(), i]));
      index = this.#byKey.get(table.labels(address).key()) ?? -1;
      byAddress.set(address, index);
    }
    return index;
  }

  /** block, series, block, series, … of all entries, series by series; and the labels of each. */
  #join(
    readers: readonly BlockReader[],
    found: readonly (readonly number[])[],
  ): { order: Uint32Array; entryEnds: Uint32Array } {
    const filled = [...found.keys()].filter((block) => found[block]!.length > 0);
    const places = new Map<string, number>();
    const lists: number[][] = [];
    for (const block of filled) {
      for (const series of found[block]!) {
        const labels = readers[block]!.index.labels(series);
        let place = this.labels.length;
        // One block alone has no series twice.
        if (filled.length > 1) {
          const key = labels.key();
          place = places.get(key) ?? place;
          if (place === this.labels.length) places.set(key, place);
        }
        if (place === this.labels.length) {
          this.labels.push(labels);
          lists.push([block, series]);
        } else lists[place]!.push(block, series);
      }
    }
    if (filled.length > 1) this.#byKey = places;
    const entryEnds = new Uint32Array(lists.length);
    let end = 0;
    for (let i = 0; i < lists.length; i++) entryEnds[i] = end += lists[i]!.length / 2;
    return { order: Uint32Array.from(lists.flat()), entryEnds };
  }
}

/** The newest selections of one thread, bounded in series. */
export class SealedSelections {
  readonly #known = new Map<string, SealedSeries>();
  #seriesCount = 0;

  /** Series that damage hides are left out, with a warning. Throws BAD_REGEXP, and what the context throws. */
  find(
    readers: readonly BlockReader[],
    selectors: readonly (readonly Matcher[])[],
    context: QueryContext,
  ): SealedSeries {
    const key = JSON.stringify([readers.map(({ file }) => file.path), selectors]);
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    let isWhole = true;
    const found = readers.map((reader) => {
      context.check();
      return readableSeries(reader, selectors, (message) => {
        isWhole = false;
        warnOfDamage(context, message);
      });
    });
    const series = new SealedSeries(readers, found);
    if (isWhole && series.count <= FOUND_SERIES_MAX) this.#keep(key, series);
    return series;
  }

  #keep(key: string, series: SealedSeries): void {
    this.#known.set(key, series);
    this.#seriesCount += series.count;
    for (const [oldest, { count }] of this.#known) {
      if (this.#seriesCount <= FOUND_SERIES_MAX && this.#known.size <= SELECTIONS_MAX) break;
      this.#known.delete(oldest);
      this.#seriesCount -= count;
    }
  }
}

/** Selections remembered, however small. */
const SELECTIONS_MAX = 256;

/** Up to a page of the index that is damaged in both copies: the rest of the answer is worth more than none. */
function readableSeries(
  { file, index }: BlockReader,
  selectors: readonly (readonly Matcher[])[],
  onLoss: (message: string) => void,
): readonly number[] {
  const readable: number[] = [];
  try {
    for (const series of unionOf(selectors.map((matchers) => index.select(matchers)))) {
      index.labels(series);
      index.chunkWords(series);
      readable.push(series);
    }
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    file.report("series", error);
    onLoss(error.message);
  }
  return readable;
}

export function warnOfDamage(context: QueryContext, message: string): void {
  context.warn(`some samples are missing, since their page is damaged: ${message}`);
}

function unionOf(lists: readonly (readonly number[])[]): readonly number[] {
  if (lists.length === 1) return lists[0]!;
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}
