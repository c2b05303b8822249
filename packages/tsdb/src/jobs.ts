/**
 * The heavy work on blocks, in whichever thread the caller chooses: sealing a generation of the head, and
 * merging blocks. Jobs and results can be cloned; shared memory goes by reference. A job only writes its one
 * file.
 */
import { rmSync } from "node:fs";
import type { Labels, TimeRange } from "@binnacle/model";
import { BlockReader } from "./block/block-reader.ts";
import { BlockWriter, type BlockSummary } from "./block/block-writer.ts";
import { PageCache } from "./block/page-cache.ts";
import { compareSeries } from "./block/series-order.ts";
import { sortedSeries } from "./head/sorted-series.ts";
import { DeletionFilter, withoutRanges, type Deletion } from "./deletion.ts";
import { LabelTableReader } from "./head/label-table.ts";
import { PAGE_CACHE_BYTES } from "./limits.ts";
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
/** What was written; undefined when there was nothing to write, and no file. */
export type JobResult = BlockSummary | undefined;

/** Sealed blocks are small and soon merged. Level 15 saves 6 % of 3 for four times the time. */
const BRIEF_ZSTD_LEVEL = 3;
const LASTING_ZSTD_LEVEL = 15;

const ALL_TIME: TimeRange = { startMs: -(2 ** 52), endMs: 2 ** 52 };

interface SeriesSource {
  readonly labels: Labels;
  read(): SeriesPieces;
}

/** Throws what reading or writing throws; an unfinished file keeps its name ending in `.tmp`. */
export function runJob(job: Job): JobResult {
  return job.kind === "seal" ? seal(job) : merge(job);
}

function seal(job: SealJob): JobResult {
  const table = new LabelTableReader(job.labelSegments);
  const reader = new HeadReader(job.head, job.head.segments, ALL_TIME);
  const { addresses } = job.head;
  const order = sortedSeries(table, addresses);
  return write(
    job.path,
    BRIEF_ZSTD_LEVEL,
    (function* sources() {
      for (const i of order) yield [{ labels: table.labelsOnce(addresses[i]!), read: () => reader.read(i) }];
    })(),
  );
}

function merge(job: MergeJob): JobResult {
  using blocks = new DisposableStack();
  const cache = new PageCache(PAGE_CACHE_BYTES);
  const inputs = job.inputs.map(({ id, path }) => ({ id, reader: blocks.use(new BlockReader(path, cache)) }));
  const deletions = new DeletionFilter(job.deletions);
  const range = { ...ALL_TIME, startMs: job.minTimeMs };
  const zstdLevel = job.isLasting ? LASTING_ZSTD_LEVEL : BRIEF_ZSTD_LEVEL;
  return write(job.path, zstdLevel, mergeSeries(inputs, range, deletions));
}

/** Series of all blocks in order, each with its sources, oldest block first. */
function* mergeSeries(
  inputs: readonly { readonly id: number; readonly reader: BlockReader }[],
  range: TimeRange,
  deletions: DeletionFilter,
): IterableIterator<SeriesSource[]> {
  const next = inputs.map(() => 0);
  for (;;) {
    let least: Labels | undefined;
    for (const [b, { reader }] of inputs.entries()) {
      const { index } = reader;
      if (next[b]! >= index.seriesCount) continue;
      const labels = index.labels(next[b]!);
      if (least === undefined || compareSeries(labels, least) < 0) least = labels;
    }
    if (least === undefined) return;
    const sources: SeriesSource[] = [];
    for (const [b, { id, reader }] of inputs.entries()) {
      const series = next[b]!;
      if (series >= reader.index.seriesCount || !reader.index.labels(series).equals(least)) continue;
      const gone = deletions.rangesOf(least, id);
      sources.push({ labels: least, read: () => withoutRanges(reader.read(series, range), gone) });
      next[b]!++;
    }
    yield sources;
  }
}

function write(path: string, zstdLevel: number, all: Iterable<readonly SeriesSource[]>): JobResult {
  const writer = new BlockWriter(path, { zstdLevel });
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
  } catch (error) {
    writer.abort();
    throw error;
  }
  if (!writer.isEmpty) return writer.finish();
  writer.abort();
  rmSync(`${path}.tmp`, { force: true });
  return undefined;
}
