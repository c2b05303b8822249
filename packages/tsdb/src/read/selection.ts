/**
 * Answers selections from a snapshot: joins what heads and blocks have of each series. Runs in any thread.
 */
import {
  NO_SAMPLES,
  type HistogramColumn,
  type Labels,
  type Matcher,
  type QueryContext,
  type SeriesColumns,
  type SeriesSet,
  type TimeRange,
} from "@binnacle/model";
import type { BlockReader } from "../block/block-reader.ts";
import { coversAll, withoutRanges, type DeletionFilter } from "../deletion.ts";
import type { LabelTableReader } from "../head/label-table.ts";
import type { HeadReader } from "./head-reader.ts";
import { mergeFloats, mergeHistograms, overlaps, TimesJoiner, type SeriesPieces } from "./pieces.ts";

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

export interface SeriesPlace {
  readonly labels: Labels;
  /** Blocks first, then heads: oldest first. `gone` is what is deleted there. */
  readonly blocks: { reader: BlockReader; series: number; gone: readonly TimeRange[] }[];
  readonly heads: { reader: HeadReader; index: number; gone: readonly TimeRange[] }[];
}

/** Series that satisfy one of the lists of matchers. The heads' were matched when the snapshot was made. */
export function findSeries(
  snapshot: OpenSnapshot,
  selectors: readonly (readonly Matcher[])[],
  range: TimeRange,
  context: QueryContext,
): SeriesPlace[] {
  const places = new Map<string, SeriesPlace>();
  const place = (labels: Labels): SeriesPlace => {
    const key = labels.key();
    let known = places.get(key);
    if (known === undefined) places.set(key, (known = { labels, blocks: [], heads: [] }));
    return known;
  };
  const { deletions } = snapshot;
  for (const { id, reader } of snapshot.blocks) {
    context.check();
    for (const series of unionOf(selectors.map((matchers) => reader.index.select(matchers)))) {
      const { minTimeMs, maxTimeMs } = reader.index.entry(series);
      if (!overlaps(range, minTimeMs, maxTimeMs)) continue;
      const labels = reader.index.labels(series);
      const gone = deletions.rangesOf(labels, id);
      const isGone = coversAll(gone, Math.max(range.startMs, minTimeMs), Math.min(range.endMs, maxTimeMs));
      if (!isGone) place(labels).blocks.push({ reader, series, gone });
    }
  }
  for (const reader of snapshot.heads) {
    context.check();
    const { addresses, generation } = reader.snapshot;
    for (let index = 0; index < addresses.length; index++) {
      const labels = snapshot.labels.labels(addresses[index]!);
      place(labels).heads.push({ reader, index, gone: deletions.rangesOf(labels, generation) });
    }
  }
  return [...places.values()];
}

export class SelectedSeries implements SeriesSet {
  readonly #snapshot: OpenSnapshot;
  readonly #places: readonly SeriesPlace[];
  readonly #range: TimeRange;
  readonly #joiner = new TimesJoiner();
  #charged: { context: QueryContext; samples: number; bytes: number } | undefined;

  constructor(snapshot: OpenSnapshot, places: readonly SeriesPlace[], range: TimeRange) {
    this.#snapshot = snapshot;
    this.#places = places;
    this.#range = range;
  }

  get seriesCount(): number {
    return this.#places.length;
  }

  *read(context: QueryContext, use: "keep" | "pass" = "keep"): IterableIterator<SeriesColumns> {
    const charged = (this.#charged ??= { context, samples: 0, bytes: 0 });
    for (const place of this.#places) {
      context.check();
      const pieces = this.#readPieces(place);
      const floats = mergeFloats(pieces.floats, this.#joiner);
      const histograms = withoutTimesOf(mergeHistograms(pieces.histograms), floats?.times);
      const floatCount = floats?.times.length ?? 0;
      const histogramCount = histograms?.times.length ?? 0;
      if (floatCount + histogramCount === 0) continue;
      const bytes = floatCount * SAMPLE_BYTES + histogramCount * HISTOGRAM_BYTES;
      charged.samples += floatCount + histogramCount;
      charged.bytes += bytes;
      context.chargeSamples(floatCount + histogramCount);
      context.chargeBytes(bytes);
      yield {
        labels: place.labels,
        times: floats?.times ?? NO_SAMPLES,
        values: floats?.values ?? NO_SAMPLES,
        startTimes: floats?.startTimes,
        histograms,
      };
      if (use === "keep") continue;
      charged.samples -= floatCount + histogramCount;
      charged.bytes -= bytes;
      context.release({ samples: floatCount + histogramCount, bytes });
    }
  }

  [Symbol.dispose](): void {
    this.#charged?.context.release(this.#charged);
    this.#charged = undefined;
    this.#snapshot[Symbol.dispose]();
  }

  #readPieces(place: SeriesPlace): SeriesPieces {
    const pieces: SeriesPieces = { floats: [], histograms: [] };
    const take = (more: SeriesPieces): void => {
      pieces.floats.push(...more.floats);
      pieces.histograms.push(...more.histograms);
    };
    for (const { reader, series, gone } of place.blocks)
      take(withoutRanges(reader.read(series, this.#range), gone));
    for (const { reader, index, gone } of place.heads) take(withoutRanges(reader.read(index), gone));
    return pieces;
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

function unionOf(lists: readonly (readonly number[])[]): readonly number[] {
  return lists.length === 1 ? lists[0]! : [...new Set(lists.flat())];
}
