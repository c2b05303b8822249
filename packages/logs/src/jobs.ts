/**
 * Sealing and merging: the work that a maintenance thread does for the store. A job names all it needs,
 * and its result the parts it made; only the store decides what becomes of them.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { compareLabels, Labels } from "@binnacle/model";
import { DeletionFilter } from "./deletion/deletion-filter.ts";
import type { LineDeletion } from "./deletion/line-deletion.ts";
import { withoutDeleted } from "./deletion/masked-run.ts";
import { BLOCK_BYTES_MAX, BLOCK_CACHE_BYTES, BLOCK_LINES_MAX, TEMPLATES_MAX } from "./limits.ts";
import { PartFile } from "./part/part-file.ts";
import { findFault } from "./read/find-fault.ts";
import { findStream, type PartIndex } from "./part/part-index.ts";
import { PartWriter } from "./part/part-writer.ts";
import { BlockCache } from "./read/block-cache.ts";
import { mergeRuns, type MergeRange } from "./read/merge-runs.ts";
import { partRuns } from "./read/part-runs.ts";
import type { Run } from "./read/run.ts";
import { sectionRuns } from "./read/section-runs.ts";
import { DAY_NS, dayDirectory, dayOf, partFile, type PartName } from "./store/layout.ts";
import { Retention, type RetentionOptions } from "./store/retention.ts";
import { readSection } from "./store/section.ts";

/** Makes parts, one a day, of a head's lines. */
export interface SealJob {
  readonly kind: "seal";
  /** The folder of all parts. */
  readonly partsDir: string;
  readonly generation: number;
  readonly arenas: readonly SharedArrayBuffer[];
  readonly streams: readonly { readonly pairs: readonly string[]; readonly sections: Uint32Array }[];
  readonly expiry: Expiry;
}

/** Makes one part of several neighbours of a day, in the order in which their lines came; or one anew. */
export interface MergeJob {
  readonly kind: "merge";
  readonly partsDir: string;
  readonly inputs: readonly { readonly path: string; readonly lastGeneration: number }[];
  readonly output: PartName;
  /** What is left out for good. */
  readonly deletions: readonly LineDeletion[];
  readonly expiry: Expiry;
  /** Whether blocks that cannot be read are left out; else the first one ends the job. */
  readonly skipsDamage: boolean;
  /** Whether nothing is made where the deletions mean no line. */
  readonly onlyIfChanged: boolean;
}

/** Lines that were past retention at some moment are left out. */
export interface Expiry {
  readonly retention: RetentionOptions;
  readonly nowMs: number;
}

export type LogJob = SealJob | MergeJob;

export interface LogJobResult {
  readonly parts: readonly PartName[];
  /** Lines of blocks that could not be read. */
  readonly lostLines: number;
  /** What was wrong with each, with file and place. */
  readonly damage: readonly string[];
  /** Nothing was made, since the deletions mean no line: the input stays. */
  readonly isUnchanged: boolean;
}

const BEGINNING_NS = -(1n << 63n);

/** zstd's levels. Columns are small, so that a higher one than its usual 3 costs little. */
const SEAL_LEVEL = 5;
const MERGE_LEVEL = 6;

/** Does a job, on whatever thread. Throws CORRUPT_DATA when a part it must read is damaged. */
export function runJob(job: LogJob): LogJobResult {
  return job.kind === "seal" ? seal(job) : merge(job);
}

function seal(job: SealJob): LogJobResult {
  const streams = job.streams
    .map(({ pairs, sections }) => ({ labels: Labels.fromSortedPairs(pairs), sections }))
    .sort((a, b) => compareLabels(a.labels, b.labels));
  const days = new Set<number>();
  for (const { sections } of streams) collectDays(job.arenas, sections, days);
  const parts: PartName[] = [];
  const rangeOf = keptRanges(job.expiry);
  // Day by day, so that only one part's buffers are held however late some lines came.
  for (const day of [...days].sort((a, b) => a - b)) {
    const part = { day, firstGeneration: job.generation, lastGeneration: job.generation, revision: 0 };
    using writer = createPart(job.partsDir, part, SEAL_LEVEL);
    for (const { labels, sections } of streams) {
      writeStream(writer, labels, sectionRuns(job.arenas, sections, 0), rangeOf(labels, day));
    }
    if (writer.finish()) parts.push(part);
  }
  return { parts, lostLines: 0, damage: [], isUnchanged: false };
}

/** The times of a day that retention keeps, stream by stream. */
function keptRanges({ retention, nowMs }: Expiry): (labels: Labels, day: number) => MergeRange {
  const kept = new Retention(retention);
  return (labels, day) => {
    const startNs = BigInt(day) * DAY_NS;
    const oldestNs = kept.oldestNs(labels, nowMs) ?? BEGINNING_NS;
    return {
      startNs: oldestNs > startNs ? oldestNs : startNs,
      endNs: startNs + DAY_NS,
      direction: "forward",
    };
  };
}

function collectDays(arenas: readonly SharedArrayBuffer[], sections: Uint32Array, days: Set<number>): void {
  for (let i = 0; i < sections.length; i += 2) {
    const section = readSection(arenas[sections[i]!]!, sections[i + 1]!, "the head of the log store");
    const first = dayOf(section.minNs);
    days.add(first);
    if (dayOf(section.maxNs) === first) continue;
    for (const timeNs of section.timesNs) days.add(dayOf(timeNs));
  }
}

function merge(job: MergeJob): LogJobResult {
  const inputs = job.inputs.map(({ path }) => new PartFile(path));
  try {
    const damaged = job.skipsDamage ? inputs.map(findDamagedBlocks) : inputs.map(() => NO_DAMAGE);
    const lostLines = damaged.reduce((sum, found) => sum + found.lines, 0);
    const damage = damaged.flatMap((found) => found.messages);
    const rangeOf = keptRanges(job.expiry);
    const filter = new DeletionFilter(job.deletions);
    if (job.onlyIfChanged && lostLines === 0 && !inputs.some((part, i) => meansLines(filter, part, job, i))) {
      return { parts: [], lostLines, damage, isUnchanged: true };
    }
    using writer = createPart(job.partsDir, job.output, MERGE_LEVEL);
    const isAllKept = inputs.every(({ index }, i) => isKeptWhole(index, job, { filter, rangeOf }, i));
    if (isAllKept && !job.skipsDamage && areBlocksFull(inputs)) writer.copy(inputs);
    else {
      const cache = new BlockCache(BLOCK_CACHE_BYTES);
      const streams = new Map<string, Labels>();
      for (const { index } of inputs) for (const labels of index.streams) streams.set(labels.key(), labels);
      for (const labels of [...streams.values()].sort(compareLabels)) {
        const runs: Run[] = [];
        const deletions = filter.of(labels);
        let sequence = 0;
        for (const [i, part] of inputs.entries()) {
          const position = findStream(part.index, labels);
          if (position < 0) continue;
          const { blocks: skipped } = damaged[i]!;
          const found = partRuns(part, position, { sequence, cache, needles: [], skipped });
          sequence += part.index.runsOf[position + 1]! - part.index.runsOf[position]!;
          runs.push(...withoutDeleted(found, labels, job.inputs[i]!.lastGeneration, deletions));
        }
        writeStream(writer, labels, runs, rangeOf(labels, job.output.day));
      }
    }
    return { parts: writer.finish() ? [job.output] : [], lostLines, damage, isUnchanged: false };
  } finally {
    for (const part of inputs) part[Symbol.dispose]();
  }
}

/** Whether neither a deletion nor retention takes a line of a part. */
function isKeptWhole(
  { streams, minNs, maxNs }: PartIndex,
  job: MergeJob,
  kept: { filter: DeletionFilter; rangeOf: ReturnType<typeof keptRanges> },
  input: number,
): boolean {
  const { lastGeneration } = job.inputs[input]!;
  return streams.every((labels) => {
    if (minNs < kept.rangeOf(labels, job.output.day).startNs) return false;
    return !kept.filter
      .of(labels)
      .some(({ through, startNs, endNs }) => lastGeneration <= through && startNs <= maxNs && endNs >= minNs);
  });
}

/** Whether a deletion means any line of a part. */
function meansLines(filter: DeletionFilter, part: PartFile, job: MergeJob, input: number): boolean {
  const cache = new BlockCache(BLOCK_CACHE_BYTES);
  const { lastGeneration } = job.inputs[input]!;
  return part.index.streams.some((labels, position) => {
    const deletions = filter.of(labels);
    if (deletions.length === 0) return false;
    const runs = partRuns(part, position, { sequence: 0, cache, needles: [] });
    const left = withoutDeleted(runs, labels, lastGeneration, deletions);
    if (left.length < runs.length) return true;
    return left.some(
      (run, i) => run !== runs[i] && run.open().timesNs.length < runs[i]!.open().timesNs.length,
    );
  });
}

interface DamagedBlocks {
  readonly blocks: ReadonlySet<number>;
  readonly lines: number;
  readonly messages: readonly string[];
}

const NO_DAMAGE: DamagedBlocks = { blocks: new Set(), lines: 0, messages: [] };

/** Reads every page of a part; its index was read before. */
function findDamagedBlocks(part: PartFile): DamagedBlocks {
  const blocks = new Set<number>();
  const messages: string[] = [];
  let lines = 0;
  for (const [block, entry] of part.index.blocks.entries()) {
    const fault = findFault(part, block);
    if (fault === undefined) continue;
    blocks.add(block);
    messages.push(fault);
    lines += entry.lines;
  }
  return { blocks, lines, messages };
}

/**
 * Whether the parts' blocks are so full that packing their lines anew would gain little: then they are
 * copied as they are, which takes a fraction of the time.
 */
function areBlocksFull(inputs: readonly PartFile[]): boolean {
  let full = 0;
  let blocks = 0;
  let templates = 0;
  for (const part of inputs) {
    for (const { textBytes, lines } of part.index.blocks) {
      full += Math.max(textBytes / BLOCK_BYTES_MAX, lines / BLOCK_LINES_MAX);
      blocks++;
    }
    templates += part.readTemplates().offsets.length;
  }
  return full * 2 > blocks && templates < TEMPLATES_MAX;
}

function createPart(partsDir: string, part: PartName, level: number): PartWriter {
  const directory = join(partsDir, dayDirectory(part.day));
  mkdirSync(directory, { recursive: true });
  return new PartWriter(join(directory, partFile(part)), level);
}

function writeStream(writer: PartWriter, labels: Labels, runs: readonly Run[], range: MergeRange): void {
  writer.beginStream(labels);
  for (const block of mergeRuns(labels, runs, range)) writer.add(block, 0, block.timesNs.length);
}
