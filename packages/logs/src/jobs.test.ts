/** Merging: blocks that are copied as they are, and lines that are packed anew, say the same in the end. */
import { join } from "node:path";
import { Labels, seededRandom, type LogBlock, type Random } from "@binnacle/model";
import { expect, test } from "vitest";
import { runJob, type MergeJob } from "./jobs.ts";
import { BLOCK_CACHE_BYTES } from "./limits.ts";
import { Needle } from "./part/needle.ts";
import { PartFile } from "./part/part-file.ts";
import { PartWriter } from "./part/part-writer.ts";
import { BlockCache } from "./read/block-cache.ts";
import { mergeRuns } from "./read/merge-runs.ts";
import { readerOf } from "./read/part-reader.ts";
import { partRuns } from "./read/part-runs.ts";
import { DAY_NS, dayOf, dayDirectory, partFile, type PartName } from "./store/layout.ts";
import { NOON_MS, NOON_NS, TestFolder } from "./testing/fixtures.ts";

const DAY = dayOf(NOON_NS);
const WORDS = ["alpha", "beta", "gamma", "delta", "epsilon"];

function makeBlock(random: Random, labels: Labels, count: number, first: number): LogBlock {
  const lines = Array.from({ length: count }, () => {
    const word = WORDS[random.below(WORDS.length)]!;
    return Buffer.from(`${word} took ${random.below(1000)} ms of req-7${random.below(2 ** 31).toString(16)}`);
  });
  const offsets = new Uint32Array(count + 1);
  lines.forEach((line, i) => (offsets[i + 1] = offsets[i]! + line.length));
  const timesNs = BigInt64Array.from(lines, (_, i) => NOON_NS + BigInt(first + i) * 100_000_000n);
  return { labels, timesNs, bytes: Buffer.concat(lines), offsets, metadata: undefined };
}

/** Streams in the order of their labels; answers the part's path. */
function writePart(folder: string, generation: number, blocks: readonly LogBlock[]): string {
  const path = join(folder, `${generation}.part`);
  using writer = new PartWriter(path, 3);
  for (const block of blocks) {
    writer.beginStream(block.labels);
    writer.add(block, 0, block.timesNs.length);
  }
  expect(writer.finish()).toBe(true);
  return path;
}

/** Each stream's lines with their times, in order. */
function dump(paths: readonly string[]): Map<string, string[]> {
  const streams = new Map<string, string[]>();
  const parts = paths.map((path) => new PartFile(path));
  const cache = new BlockCache(BLOCK_CACHE_BYTES);
  const all = new Map(
    parts.flatMap(({ index }) => index.streams.map((labels) => [labels.key(), labels] as const)),
  );
  const range = {
    startNs: BigInt(DAY) * DAY_NS,
    endNs: BigInt(DAY + 1) * DAY_NS,
    direction: "forward" as const,
  };
  for (const labels of all.values()) {
    let sequence = 0;
    const runs = parts.flatMap((part) => {
      const position = part.index.streams.findIndex((known) => known.equals(labels));
      if (position < 0) return [];
      const found = partRuns(part, position, { sequence, cache, needles: [] });
      sequence += found.length;
      return found;
    });
    const lines: string[] = [];
    for (const { timesNs, bytes, offsets } of mergeRuns(labels, runs, range)) {
      timesNs.forEach((timeNs, i) => {
        lines.push(`${timeNs} ${Buffer.from(bytes.subarray(offsets[i], offsets[i + 1])).toString()}`);
      });
    }
    streams.set(labels.toString(), lines);
  }
  for (const part of parts) part[Symbol.dispose]();
  return streams;
}

function merge(folder: string, inputs: readonly string[]): { path: string; name: PartName } {
  const name: PartName = { day: DAY, firstGeneration: 1, lastGeneration: inputs.length, revision: 0 };
  const job: MergeJob = {
    kind: "merge",
    partsDir: folder,
    inputs: inputs.map((path, i) => ({ path, lastGeneration: i + 1 })),
    output: name,
    deletions: [],
    expiry: { retention: { retentionMs: undefined, bySelector: [] }, nowMs: NOON_MS },
    skipsDamage: false,
    onlyIfChanged: false,
  };
  expect(runJob(job).parts).toEqual([name]);
  return { path: join(folder, dayDirectory(DAY), partFile(name)), name };
}

test.each([
  ["full blocks are copied", 40_000, true],
  ["small ones are packed anew", 50, false],
])("%s, and say what they said", (_what, count, isCopied) => {
  using folder = new TestFolder();
  const random = seededRandom(count);
  const labels = ["a", "b", "c"].map((app) => Labels.fromObject({ app }));
  // Streams that are in both parts, in one, and whose lines overlap in time.
  const inputs = [
    writePart(folder.path, 1, [
      makeBlock(random, labels[0]!, count, 0),
      makeBlock(random, labels[1]!, count, 100),
    ]),
    writePart(folder.path, 2, [
      makeBlock(random, labels[0]!, count, count >> 1),
      makeBlock(random, labels[2]!, count, 0),
    ]),
  ];
  const wanted = dump(inputs);
  const blocksBefore = inputs.map((path) => {
    using part = new PartFile(path);
    return part.index.blocks.length;
  });
  const { path } = merge(folder.path, inputs);
  expect(dump([path])).toEqual(wanted);
  using part = new PartFile(path);
  const blocks = part.index.blocks.length;
  expect(blocks === blocksBefore[0]! + blocksBefore[1]!).toBe(isCopied);
  // Templates of both parts have one numbering now.
  expect(part.readTemplates().offsets.length - 1).toBe(1 + WORDS.length);
  const reader = readerOf(part, new BlockCache(BLOCK_CACHE_BYTES));
  const needle = new Needle(Buffer.from("gamma took 7"));
  let found = 0;
  for (let block = 0; block < blocks; block++) found += reader.block(block).find(needle).length;
  const lines = [...wanted.values()].flat();
  expect(found).toBe(lines.filter((line) => line.includes("gamma took 7")).length);
  expect(found).toBeGreaterThan(0);
});
