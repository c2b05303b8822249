/**
 * Sealing and merging: the work that a maintenance thread does for the store. A job names all it needs,
 * and its result the parts it made; only the store decides what becomes of them.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { compareLabels, Labels } from "@binnacle/model";
import { BLOCK_BYTES_MAX, BLOCK_CACHE_BYTES, BLOCK_LINES_MAX, TEMPLATES_MAX } from "./limits.ts";
import { PartFile } from "./part/part-file.ts";
import { findStream } from "./part/part-index.ts";
import { PartWriter } from "./part/part-writer.ts";
import { BlockCache } from "./read/block-cache.ts";
import { mergeRuns, type MergeRange } from "./read/merge-runs.ts";
import { partRuns } from "./read/part-runs.ts";
import type { Run } from "./read/run.ts";
import { sectionRuns } from "./read/section-runs.ts";
import { DAY_NS, dayDirectory, dayOf, partFile, type PartName } from "./store/layout.ts";
import { readSection } from "./store/section.ts";

/** Makes parts, one a day, of a head's lines. */
export interface SealJob {
  readonly kind: "seal";
  /** The folder of all parts. */
  readonly partsDir: string;
  readonly generation: number;
  readonly arenas: readonly SharedArrayBuffer[];
  readonly streams: readonly { readonly pairs: readonly string[]; readonly sections: Uint32Array }[];
}

/** Makes one part of several neighbours of a day, in the order in which their lines came. */
export interface MergeJob {
  readonly kind: "merge";
  readonly partsDir: string;
  readonly inputs: readonly string[];
  readonly output: PartName;
}

export type LogJob = SealJob | MergeJob;

export interface LogJobResult {
  readonly parts: readonly PartName[];
}

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
  // Day by day, so that only one part's buffers are held however late some lines came.
  for (const day of [...days].sort((a, b) => a - b)) {
    const part = { day, firstGeneration: job.generation, lastGeneration: job.generation };
    using writer = createPart(job.partsDir, part, SEAL_LEVEL);
    const startNs = BigInt(day) * DAY_NS;
    const range: MergeRange = { startNs, endNs: startNs + DAY_NS, direction: "forward" };
    for (const { labels, sections } of streams) {
      writeStream(writer, labels, sectionRuns(job.arenas, sections, 0), range);
    }
    if (writer.finish()) parts.push(part);
  }
  return { parts };
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
  const inputs = job.inputs.map((path) => new PartFile(path));
  try {
    if (areBlocksFull(inputs)) {
      using copier = createPart(job.partsDir, job.output, MERGE_LEVEL);
      copier.copy(inputs);
      copier.finish();
      return { parts: [job.output] };
    }
    const cache = new BlockCache(BLOCK_CACHE_BYTES);
    const streams = new Map<string, Labels>();
    for (const { index } of inputs) for (const labels of index.streams) streams.set(labels.key(), labels);
    using writer = createPart(job.partsDir, job.output, MERGE_LEVEL);
    const startNs = BigInt(job.output.day) * DAY_NS;
    const range: MergeRange = { startNs, endNs: startNs + DAY_NS, direction: "forward" };
    for (const labels of [...streams.values()].sort(compareLabels)) {
      const runs: Run[] = [];
      for (const part of inputs) {
        const position = findStream(part.index, labels);
        if (position < 0) continue;
        runs.push(...partRuns(part, position, { sequence: runs.length, cache, needles: [] }));
      }
      writeStream(writer, labels, runs, range);
    }
    writer.finish();
    return { parts: [job.output] };
  } finally {
    for (const part of inputs) part[Symbol.dispose]();
  }
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
