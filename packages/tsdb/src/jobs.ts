/**
 * The heavy work on blocks, in whichever thread the caller chooses: sealing a generation of the head, and
 * merging blocks. Jobs and results can be cloned; shared memory goes by reference. A job only writes its one
 * file.
 */
import type { Labels, TimeRange } from "@binnacle/model";
import { BlockReader } from "./block/block-reader.ts";
import { BlockWriter, type BlockSummary } from "./block/block-writer.ts";
import { isCorrupt, type Damage } from "./block/damage.ts";
import { PageCache } from "./block/page-cache.ts";
import { compareSeries } from "./block/series-order.ts";
import { sortedSeries } from "./head/sorted-series.ts";
import { DeletionFilter, withoutRanges, type Deletion } from "./deletion.ts";
import { LabelTableReader } from "./head/label-table.ts";
import { MERGE_CACHE_BYTES } from "./limits.ts";
import { HeadReader } from "./read/head-reader.ts";
import { mergeFloats, mergeHistograms, TimesJoiner, type SeriesPieces } from "./read/pieces.ts";
import type { BlockAddress, HeadSnapshot } from "./read/snapshot.ts";

export interface SealJob {
  readonly kind: "seal";
  /** The file to write. */
  readonly path: string;
  readonly head: HeadSnapshot;
  readonly labelSegments: readonly SharedArrayBuffer[];
}

export interface MergeJob {
  readonly kind: "merge";
  readonly path: string;
  /**
   * Oldest first: where two blocks have a sample at one time, the older one's stays. One alone is written
   * anew.
   */
  readonly inputs: readonly BlockAddress[];
  /** Left out of what is written. */
  readonly deletions: readonly Deletion[];
  /** What it writes will stand for long, so that it is worth packing well. */
  readonly isLasting: boolean;
  /** Samples before it are left out, Unix ms. */
  readonly minTimeMs: number;
}

export type Job = SealJob | MergeJob;

export interface JobResult {
  /** What was written; undefined when there was nothing to write, and no file. */
  readonly block: BlockSummary | undefined;
  /** What of the inputs could not be read, and is not in the block. */
  readonly damage: readonly Damage[];
}

/** Sealed blocks are small and soon merged. Level 15 saves 6 % of 3 for four times the time. */
const BRIEF_ZSTD_LEVEL = 3;
const LASTING_ZSTD_LEVEL = 15;

const ALL_TIME: TimeRange = { startMs: -(2 ** 52), endMs: 2 ** 52 };

interface SeriesSource {
  readonly labels: Labels;
  read(): SeriesPieces;
}

/** Throws what reading or writing throws; nothing is left then. */
export function runJob(job: Job): JobResult {
  return job.kind === "seal" ? seal(job) : merge(job);
}

function seal(job: SealJob): JobResult {
  const table = new LabelTableReader(job.labelSegments);
  const reader = new HeadReader(job.head, job.head.segments, ALL_TIME);
  const { addresses } = job.head;
  const order = sortedSeries(table, addresses);
  const block = write(
    job.path,
    { zstdLevel: BRIEF_ZSTD_LEVEL, oldestGeneration: job.head.generation },
    (function* sources() {
      for (const i of order) yield [{ labels: table.labelsOnce(addresses[i]!), read: () => reader.read(i) }];
    })(),
  );
  return { block, damage: [] };
}

function merge(job: MergeJob): JobResult {
  using blocks = new DisposableStack();
  const cache = new PageCache(MERGE_CACHE_BYTES);
  const damage: Damage[] = [];
  const open = (path: string): BlockReader => new BlockReader(path, cache, (found) => damage.push(found));
  const inputs = job.inputs.map(({ id, path }) => ({ id, reader: blocks.use(open(path)) }));
  const deletions = new DeletionFilter(job.deletions);
  const range = { ...ALL_TIME, startMs: job.minTimeMs };
  const zstdLevel = job.isLasting ? LASTING_ZSTD_LEVEL : BRIEF_ZSTD_LEVEL;
  const oldest = inputs.map(({ id, reader }) => reader.file.footer.oldestGeneration ?? id);
  const options = { zstdLevel, oldestGeneration: Math.min(...oldest) };
  const block = write(job.path, options, mergeSeries(inputs, range, deletions));
  return { block, damage };
}

/** Labels of the first series from `from` on whose page of the index can be read, and which that is. */
function labelsFrom({ file, index }: BlockReader, from: number): { series: number; labels?: Labels } {
  for (let series = from; series < index.seriesCount; series++) {
    try {
      return { series, labels: index.labels(series) };
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      file.report("series", error);
    }
  }
  return { series: index.seriesCount };
}

/** Series of all blocks in order, each with its sources, oldest block first. */
function* mergeSeries(
  inputs: readonly { readonly id: number; readonly reader: BlockReader }[],
  range: TimeRange,
  deletions: DeletionFilter,
): IterableIterator<SeriesSource[]> {
  const next = inputs.map(({ reader }) => labelsFrom(reader, 0));
  for (;;) {
    let least: Labels | undefined;
    for (const { labels } of next)
      if (labels !== undefined && (least === undefined || compareSeries(labels, least) < 0)) least = labels;
    if (least === undefined) return;
    const sources: SeriesSource[] = [];
    for (const [b, { id, reader }] of inputs.entries()) {
      const { series, labels } = next[b]!;
      if (labels === undefined || !labels.equals(least)) continue;
      const gone = deletions.rangesOf(least, id);
      sources.push({ labels: least, read: () => withoutRanges(reader.read(series, range), gone) });
      next[b] = labelsFrom(reader, series + 1);
    }
    yield sources;
  }
}

function write(
  path: string,
  options: { zstdLevel: number; oldestGeneration: number },
  all: Iterable<readonly SeriesSource[]>,
): BlockSummary | undefined {
  const writer = new BlockWriter(path, options);
  const joiner = new TimesJoiner();
  try {
    for (const sources of all) {
      const pieces = sources.map((source) => source.read());
      const floats = mergeFloats(
        pieces.flatMap((piece) => piece.floats),
        joiner,
      );
      const histograms = mergeHistograms(pieces.flatMap((piece) => piece.histograms));
      writer.add(sources[0]!.labels, floats, histograms);
    }
    if (!writer.isEmpty) return writer.finish();
  } catch (error) {
    writer.abort();
    throw error;
  }
  writer.abort();
  return undefined;
}
