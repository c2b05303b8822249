/**
 * Answers selections from a snapshot: joins what heads and blocks have of each series. Runs in any thread.
 */
import {
  NO_SAMPLES,
  type HistogramColumn,
  type Labels,
  type QueryContext,
  type SeriesColumns,
  type SeriesSet,
  type SeriesUse,
  type TimeRange,
} from "@binnacle/model";
import type { BlockReader } from "../block/block-reader.ts";
import { isCorrupt } from "../block/damage.ts";
import { coversAll, withoutRanges, type DeletionFilter } from "../deletion.ts";
import type { LabelTableReader } from "../head/label-table.ts";
import type { HeadReader } from "./head-reader.ts";
import { mergeFloats, mergeHistograms, overlaps, TimesJoiner, type SeriesPieces } from "./pieces.ts";
import { RowColumn } from "./row-column.ts";
import { warnOfDamage, type SealedSeries } from "./sealed-series.ts";

/** Bytes a histogram sample is charged as: an object with a few arrays. */
const HISTOGRAM_BYTES = 512;
const SAMPLE_BYTES = 16;

/** What a snapshot becomes once its memory and files are at hand. */
export interface OpenSnapshot extends Disposable {
  readonly labels: LabelTableReader;
  readonly heads: readonly HeadReader[];
  /** Oldest first. */
  readonly blocks: readonly OpenBlock[];
  readonly deletions: DeletionFilter;
}

export interface OpenBlock {
  readonly id: number;
  readonly reader: BlockReader;
}

/** Series that satisfy a selection: those of the blocks first, then those that are in heads only. */
export class FoundSeries {
  readonly range: TimeRange;
  readonly #snapshot: OpenSnapshot;
  readonly #sealed: SealedSeries;
  /** Labels of the series that are in heads only. */
  readonly #fresh: Labels[] = [];
  /** By head, by series: its index in the head, or −1. */
  readonly #inHeads: Int32Array[] = [];

  /** The heads' series were matched when the snapshot was made. */
  constructor(snapshot: OpenSnapshot, sealed: SealedSeries, range: TimeRange) {
    this.#snapshot = snapshot;
    this.#sealed = sealed;
    this.range = range;
    const fresh = new Map<number, number>();
    for (const { snapshot: head } of snapshot.heads) {
      const { addresses } = head;
      const inHead = new Int32Array(sealed.count + fresh.size + addresses.length).fill(-1);
      for (let i = 0; i < addresses.length; i++) {
        const address = addresses[i]!;
        let series = sealed.indexOf(snapshot.labels, address);
        if (series < 0) {
          series = fresh.get(address) ?? this.count;
          if (series === this.count) {
            fresh.set(address, series);
            this.#fresh.push(snapshot.labels.labels(address));
          }
        }
        inHead[series] = i;
      }
      this.#inHeads.push(inHead);
    }
  }

  get count(): number {
    return this.#sealed.count + this.#fresh.length;
  }

  labels(series: number): Labels {
    const { count } = this.#sealed;
    return series < count ? this.#sealed.labels(series) : this.#fresh[series - count]!;
  }

  /** Appends all of a series to a column; false when it has to be read piece by piece. */
  appendRows(series: number, column: RowColumn): boolean {
    if (!this.#snapshot.deletions.isEmpty) return false;
    try {
      return this.#appendAll(series, column);
    } catch (error) {
      // What is damaged is left out piece by piece.
      if (!isCorrupt(error)) throw error;
      return false;
    }
  }

  #appendAll(series: number, column: RowColumn): boolean {
    const { entryEnds, blocks, minTimes, maxTimes, chunkEnds, chunkWords } = this.#sealed;
    if (series < entryEnds.length) {
      for (let e = series === 0 ? 0 : entryEnds[series - 1]!; e < entryEnds[series]!; e++) {
        if (!overlaps(this.range, minTimes[e]!, maxTimes[e]!)) continue;
        const { reader } = this.#snapshot.blocks[blocks[e]!]!;
        const from = e === 0 ? 0 : chunkEnds[e - 1]!;
        if (!reader.appendRows(chunkWords, from, chunkEnds[e]!, this.range, column)) return false;
      }
    }
    for (let h = 0; h < this.#inHeads.length; h++) {
      const index = this.#inHeads[h]![series] ?? -1;
      if (index >= 0 && !this.#snapshot.heads[h]!.appendRows(index, column)) return false;
    }
    return true;
  }

  /** What a series has in the range, less what is deleted of it: blocks first, oldest first. */
  readPieces(series: number, onLoss: (message: string) => void): SeriesPieces {
    const pieces: SeriesPieces = { floats: [], histograms: [] };
    const take = (more: SeriesPieces): void => {
      pieces.floats.push(...more.floats);
      pieces.histograms.push(...more.histograms);
    };
    for (const { block, number, gone } of this.#entriesOf(series))
      take(withoutRanges(block.reader.read(number, this.range, onLoss), gone));
    for (const { reader, index, gone } of this.#headsOf(series))
      take(withoutRanges(reader.read(index), gone));
    return pieces;
  }

  /** Whether a series has anything in the range, as far as can be told without reading what is sealed. */
  hasSamples(series: number): boolean {
    if (this.#entriesOf(series).next().done !== true) return true;
    for (const { reader, index, gone } of this.#headsOf(series)) {
      if (gone.length === 0) {
        if (reader.hasSamples(index)) return true;
        continue;
      }
      const { floats, histograms } = withoutRanges(reader.read(index), gone);
      if ([...floats, ...histograms].some(({ times }) => times.length > 0)) return true;
    }
    return false;
  }

  /** Entries in blocks that are in the range and not wholly deleted there. */
  *#entriesOf(
    series: number,
  ): IterableIterator<{ block: OpenBlock; number: number; gone: readonly TimeRange[] }> {
    const { entryEnds, blocks, series: numbers, minTimes, maxTimes } = this.#sealed;
    if (series >= entryEnds.length) return;
    const { range } = this;
    for (let e = series === 0 ? 0 : entryEnds[series - 1]!; e < entryEnds[series]!; e++) {
      if (!overlaps(range, minTimes[e]!, maxTimes[e]!)) continue;
      const block = this.#snapshot.blocks[blocks[e]!]!;
      const gone = this.#snapshot.deletions.rangesOf(this.labels(series), block.id);
      const isGone = coversAll(
        gone,
        Math.max(range.startMs, minTimes[e]!),
        Math.min(range.endMs, maxTimes[e]!),
      );
      if (!isGone) yield { block, number: numbers[e]!, gone };
    }
  }

  *#headsOf(
    series: number,
  ): IterableIterator<{ reader: HeadReader; index: number; gone: readonly TimeRange[] }> {
    for (let h = 0; h < this.#inHeads.length; h++) {
      const index = this.#inHeads[h]![series] ?? -1;
      if (index < 0) continue;
      const reader = this.#snapshot.heads[h]!;
      const gone = this.#snapshot.deletions.rangesOf(this.labels(series), reader.snapshot.generation);
      yield { reader, index, gone };
    }
  }
}

export class SelectedSeries implements SeriesSet {
  readonly #snapshot: OpenSnapshot;
  readonly #found: FoundSeries;
  readonly #joiner = new TimesJoiner();
  #charged: { context: QueryContext; samples: number; bytes: number } | undefined;

  constructor(snapshot: OpenSnapshot, found: FoundSeries) {
    this.#snapshot = snapshot;
    this.#found = found;
  }

  get seriesCount(): number {
    return this.#found.count;
  }

  *read(context: QueryContext, use: SeriesUse = "keep"): IterableIterator<SeriesColumns> {
    const column = new RowColumn(this.#joiner);
    for (let series = 0; series < this.#found.count; series++) {
      context.check();
      if (!this.#readRows(series, column, use)) {
        yield* this.#readPieces(series, context, use);
        continue;
      }
      const { count, times } = column;
      if (count === 0) continue;
      this.#charge(context, count, count * SAMPLE_BYTES);
      yield {
        labels: this.#found.labels(series),
        times,
        values: use === "keep" ? column.copy() : column.view(),
        startTimes: undefined,
        histograms: undefined,
        isPresenceOnly: !column.wantsValues,
      };
      if (use !== "keep") this.#release(count, count * SAMPLE_BYTES);
    }
  }

  #readRows(series: number, column: RowColumn, use: SeriesUse): boolean {
    column.wantsValues = use !== "presence";
    column.clear();
    if (this.#found.appendRows(series, column)) return true;
    if (column.wantsValues) return false;
    column.wantsValues = true;
    column.clear();
    return this.#found.appendRows(series, column);
  }

  /** A series as the rarer ones are read: none or one. */
  *#readPieces(series: number, context: QueryContext, use: SeriesUse): IterableIterator<SeriesColumns> {
    const pieces = this.#found.readPieces(series, (message) => warnOfDamage(context, message));
    const floats = mergeFloats(pieces.floats, this.#joiner);
    const histograms = withoutTimesOf(mergeHistograms(pieces.histograms), floats?.times);
    const floatCount = floats?.times.length ?? 0;
    const histogramCount = histograms?.times.length ?? 0;
    const count = floatCount + histogramCount;
    if (count === 0) return;
    const bytes = floatCount * SAMPLE_BYTES + histogramCount * HISTOGRAM_BYTES;
    this.#charge(context, count, bytes);
    yield {
      labels: this.#found.labels(series),
      times: floats?.times ?? NO_SAMPLES,
      values: floats?.values ?? NO_SAMPLES,
      startTimes: floats?.startTimes,
      histograms,
    };
    if (use !== "keep") this.#release(count, bytes);
  }

  #charge(context: QueryContext, samples: number, bytes: number): void {
    const charged = (this.#charged ??= { context, samples: 0, bytes: 0 });
    charged.samples += samples;
    charged.bytes += bytes;
    context.chargeSamples(samples);
    context.chargeBytes(bytes);
  }

  #release(samples: number, bytes: number): void {
    const charged = this.#charged;
    if (charged === undefined) return;
    charged.samples -= samples;
    charged.bytes -= bytes;
    charged.context.release({ samples, bytes });
  }

  [Symbol.dispose](): void {
    this.#charged?.context.release(this.#charged);
    this.#charged = undefined;
    this.#snapshot[Symbol.dispose]();
  }
}

/**
 * A time belongs to one column: where both have it, which only a repeat over a restart can bring about,
 * floats win.
 */
function withoutTimesOf(
  histograms: HistogramColumn | undefined,
  floatTimes: Float64Array | undefined,
): HistogramColumn | undefined {
  if (histograms === undefined || floatTimes === undefined) return histograms;
  const taken = new Set(floatTimes);
  const kept = [...histograms.times.keys()].filter((i) => !taken.has(histograms.times[i]!));
  if (kept.length === histograms.times.length) return histograms;
  return {
    times: Float64Array.from(kept, (i) => histograms.times[i]!),
    values: kept.map((i) => histograms.values[i]!),
    startTimes: histograms.startTimes && Float64Array.from(kept, (i) => histograms.startTimes![i]!),
  };
}
