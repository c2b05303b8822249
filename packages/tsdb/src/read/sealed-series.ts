/**
 * Which series of sealed blocks satisfy selectors, joined over the blocks by their labels. Blocks never
 * change, so what was found for a selector is true as long as it is asked of the same blocks: dashboards ask
 * again and again.
 */
import type { BinnacleError, Labels, Matcher, QueryContext } from "@binnacle/model";
import { CHUNK_WORDS } from "../block/block-index.ts";
import type { BlockReader } from "../block/block-reader.ts";
import { isCorrupt } from "../block/damage.ts";
import type { LabelTableReader } from "../head/label-table.ts";
import { U32List } from "../head/u32-list.ts";
import { FOUND_SERIES_MAX, LABELS_PER_SERIES_MAX } from "../limits.ts";
import { LabelSets } from "./label-sets.ts";

/** Columns: as objects, a hundred thousand series in several blocks would be a million of them. */
export class SealedSeries {
  readonly #sets = new LabelSets();
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
  readonly #numbers = new Uint32Array(2 * LABELS_PER_SERIES_MAX);
  #heads: { table: LabelTableReader; byAddress: Map<number, number> } | undefined;

  /**
   * Of each block the series that `found` gives, ascending; of one that is damaged those before the damage,
   * of which `onLoss` is told. Throws BAD_REGEXP and what `found` and the context throw.
   */
  constructor(
    readers: readonly BlockReader[],
    found: (reader: BlockReader) => readonly number[],
    {
      context,
      onLoss,
    }: { context: QueryContext; onLoss: (reader: BlockReader, error: BinnacleError) => void },
  ) {
    const set = new U32List(64);
    const block = new U32List(64);
    const series = new U32List(64);
    for (const [b, reader] of readers.entries()) {
      const numbers = new Map<number, number>();
      try {
        for (const each of found(reader)) {
          if (set.length % SERIES_BETWEEN_CHECKS === 0) context.check();
          reader.index.chunkWords(each);
          const added = this.#add(reader, each, numbers);
          set.push(added);
          block.push(b);
          series.push(each);
        }
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        onLoss(reader, error);
      }
    }
    const count = set.length;
    this.entryEnds = new Uint32Array(this.count);
    const order = inOrderOf(set.view(), this.entryEnds);
    this.blocks = new Uint32Array(count);
    this.series = new Uint32Array(count);
    this.minTimes = new Float64Array(count);
    this.maxTimes = new Float64Array(count);
    this.chunkEnds = new Uint32Array(count);
    const words = new U32List(count * CHUNK_WORDS);
    for (let e = 0; e < count; e++) {
      if (e % SERIES_BETWEEN_CHECKS === 0) context.check();
      const number = (this.series[e] = series.at(order[e]!));
      const { index } = readers[(this.blocks[e] = block.at(order[e]!))]!;
      const { minTimeMs, maxTimeMs } = index.bounds(number);
      this.minTimes[e] = minTimeMs;
      this.maxTimes[e] = maxTimeMs;
      for (const word of index.chunkWords(number)) words.push(word);
      this.chunkEnds[e] = words.length;
    }
    this.chunkWords = words.view().slice();
  }

  get count(): number {
    return this.#sets.count;
  }

  labels(series: number): Labels {
    return this.#sets.labels(series);
  }

  /** Index of the series of a head's label set, or −1. */
  indexOf(table: LabelTableReader, address: number): number {
    if (this.#heads?.table !== table) this.#heads = { table, byAddress: new Map() };
    const { byAddress } = this.#heads;
    let index = byAddress.get(address);
    if (index === undefined) byAddress.set(address, (index = this.#find(table, address)));
    return index;
  }

  #find(table: LabelTableReader, address: number): number {
    const words = table.words(address);
    for (let i = 1; i < words.length; i++) {
      const number = this.#sets.findNumber(table.text(words[i]!));
      if (number < 0) return -1;
      this.#numbers[i - 1] = number;
    }
    return this.#sets.find(this.#numbers, words.length - 1);
  }

  /** `known`: numbers of the block's symbols. */
  #add({ index }: BlockReader, series: number, known: Map<number, number>): number {
    const symbols = index.symbolsOf(series);
    for (let i = 0; i < symbols.length; i++) {
      const symbol = symbols[i]!;
      let number = known.get(symbol);
      if (number === undefined) known.set(symbol, (number = this.#sets.numberOf(index.symbol(symbol))));
      this.#numbers[i] = number;
    }
    return this.#sets.add(this.#numbers, symbols.length);
  }
}

/**
 * Positions of the sets, sorted by set and for one set as they stand; `ends`: where those of each end, to be
 * filled.
 */
function inOrderOf(sets: Uint32Array, ends: Uint32Array): Uint32Array {
  for (const set of sets) ends[set]!++;
  let end = 0;
  for (let i = 0; i < ends.length; i++) {
    const size = ends[i]!;
    ends[i] = end;
    end += size;
  }
  const order = new Uint32Array(sets.length);
  for (let i = 0; i < sets.length; i++) order[ends[sets[i]!]!++] = i;
  return order;
}

/** The newest selections of one thread, bounded in series. */
export class SealedSelections {
  readonly #known = new Map<string, SealedSeries>();
  #seriesCount = 0;

  /**
   * Series that damage hides are left out, with a warning. Throws BAD_REGEXP, and what the context throws.
   */
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
    const select = ({ index }: BlockReader): readonly number[] =>
      unionOf(selectors.map((matchers) => index.select(matchers)));
    const series = new SealedSeries(readers, select, {
      context,
      // Both copies of a page of its index: the rest of the answer is worth more than none.
      onLoss: ({ file }, error) => {
        isWhole = false;
        file.report("series", error);
        warnOfDamage(context, error.message);
      },
    });
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
const SERIES_BETWEEN_CHECKS = 1024;

export function warnOfDamage(context: QueryContext, message: string): void {
  context.warn(`some samples are missing, since their page is damaged: ${message}`);
}

function unionOf(lists: readonly (readonly number[])[]): readonly number[] {
  if (lists.length === 1) return lists[0]!;
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}
