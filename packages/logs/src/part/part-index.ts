/**
 * The index of a part: its streams, its blocks, and the runs (lines of one stream within one block), in the
 * order they are stored: by stream, then by time. Unpacked, runs are columns, since a part has many.
 */
import { compareLabels, Labels } from "@binnacle/model";
import { ByteReader, ByteWriter, corrupt } from "../bytes.ts";
import type { PagePlace } from "./part-format.ts";

/** How a block's lines are packed: `block-codec.ts` has the table. */
export interface BlockEntry {
  readonly encoding: number;
  readonly lines: number;
  /** Bytes of the lines' text, unpacked. */
  readonly textBytes: number;
  /** What the times of the block are relative to, Unix ns. */
  readonly baseNs: bigint;
  readonly times: PagePlace;
  readonly text: PagePlace;
  /** Undefined where no line of the block has metadata. */
  readonly metadata: PagePlace | undefined;
}

export interface RunColumns {
  readonly stream: Uint32Array;
  readonly block: Uint32Array;
  /** The run's first row within its block. */
  readonly firstRow: Uint32Array;
  readonly lines: Uint32Array;
  readonly minNs: BigInt64Array;
  readonly maxNs: BigInt64Array;
}

export interface PartIndex {
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly lines: number;
  /** Bytes of the lines' text, unpacked. */
  readonly textBytes: number;
  /** Ascending as compareLabels orders them. */
  readonly streams: readonly Labels[];
  /** Runs of stream s are [runsOf[s], runsOf[s + 1]). */
  readonly runsOf: Uint32Array;
  readonly blocks: readonly BlockEntry[];
  readonly runs: RunColumns;
}

/** A run as the writer makes them; in the order of the part. */
export interface RunEntry {
  readonly stream: number;
  readonly block: number;
  readonly lines: number;
  readonly minNs: bigint;
  readonly maxNs: bigint;
}

export function encodeIndex(
  streams: readonly Labels[],
  blocks: readonly BlockEntry[],
  runs: readonly RunEntry[],
): Uint8Array {
  const writer = new ByteWriter(4096);
  const symbols = new Map<string, number>();
  for (const labels of streams) {
    for (const part of labels.pairs) if (!symbols.has(part)) symbols.set(part, symbols.size);
  }
  writer.varint(symbols.size);
  for (const symbol of symbols.keys()) writer.text(symbol);
  writer.varint(streams.length);
  for (const labels of streams) {
    writer.varint(labels.size);
    for (const part of labels.pairs) writer.varint(symbols.get(part)!);
  }
  writer.varint(blocks.length);
  for (const block of blocks) {
    writer.u8(block.encoding);
    writer.varint(block.lines);
    writer.varint(block.textBytes);
    writer.i64(block.baseNs);
    writer.u8(block.metadata === undefined ? 0 : 1);
    for (const page of [block.times, block.text, block.metadata]) {
      if (page === undefined) continue;
      writer.varint(page.offset);
      writer.varint(page.bytes);
    }
  }
  writer.varint(runs.length);
  let stream = 0;
  let block = 0;
  for (const run of runs) {
    const { baseNs } = blocks[run.block]!;
    writer.varint(run.stream - stream);
    writer.varint(run.block - block);
    writer.varint(run.lines);
    writer.varint(Number(run.minNs - baseNs));
    writer.varint(Number(run.maxNs - run.minNs));
    ({ stream, block } = run);
  }
  return writer.written();
}

/** Throws CORRUPT_DATA when a number cannot be, so that what reads by it need not ask. */
export function decodeIndex(bytes: Uint8Array, path: string): PartIndex {
  const what = `the index of ${path}`;
  const reader = new ByteReader(bytes, what);
  const symbols = Array.from({ length: reader.count(1) }, () => reader.text());
  const streams = readStreams(reader, symbols, what);
  const blocks = Array.from({ length: reader.count(14) }, () => readBlock(reader));
  const count = reader.count(5);
  const runs: RunColumns = {
    stream: new Uint32Array(count),
    block: new Uint32Array(count),
    firstRow: new Uint32Array(count),
    lines: new Uint32Array(count),
    minNs: new BigInt64Array(count),
    maxNs: new BigInt64Array(count),
  };
  const runsOf = new Uint32Array(streams.length + 1);
  let stream = 0;
  let block = 0;
  let row = 0;
  let minNs: bigint | undefined;
  let maxNs = 0n;
  for (let i = 0; i < count; i++) {
    stream += reader.varint();
    const blockStep = reader.varint();
    if (blockStep > 0) row = 0;
    block += blockStep;
    const entry = blocks[block];
    const lines = reader.varint();
    if (stream >= streams.length || entry === undefined || row + lines > entry.lines || lines === 0) {
      throw corrupt(what, `run ${i} points outside of its block or stream`);
    }
    const runMinNs = entry.baseNs + BigInt(reader.varint());
    const runMaxNs = runMinNs + BigInt(reader.varint());
    runs.stream[i] = stream;
    runs.block[i] = block;
    runs.firstRow[i] = row;
    runs.lines[i] = lines;
    runs.minNs[i] = runMinNs;
    runs.maxNs[i] = runMaxNs;
    runsOf[stream + 1] = i + 1;
    row += lines;
    if (minNs === undefined || runMinNs < minNs) minNs = runMinNs;
    if (i === 0 || runMaxNs > maxNs) maxNs = runMaxNs;
  }
  for (let s = 1; s <= streams.length; s++) if (runsOf[s] === 0) runsOf[s] = runsOf[s - 1]!;
  let lines = 0;
  let textBytes = 0;
  for (const entry of blocks) {
    lines += entry.lines;
    textBytes += entry.textBytes;
  }
  return { minNs: minNs ?? 0n, maxNs, lines, textBytes, streams, runsOf, blocks, runs };
}

function readStreams(reader: ByteReader, symbols: readonly string[], what: string): Labels[] {
  const streams: Labels[] = [];
  const count = reader.count(1);
  for (let i = 0; i < count; i++) {
    const pairs: string[] = [];
    const parts = reader.count(2) * 2;
    for (let k = 0; k < parts; k++) {
      const symbol = symbols[reader.varint()];
      if (symbol === undefined) throw corrupt(what, `stream ${i} names a symbol that is not there`);
      pairs.push(symbol);
    }
    streams.push(Labels.fromSortedPairs(pairs));
  }
  return streams;
}

function readBlock(reader: ByteReader): BlockEntry {
  const encoding = reader.u8();
  const lines = reader.varint();
  const textBytes = reader.varint();
  const baseNs = reader.i64();
  const hasMetadata = reader.u8() !== 0;
  const place = (): PagePlace => ({ offset: reader.varint(), bytes: reader.varint() });
  const times = place();
  const text = place();
  return { encoding, lines, textBytes, baseNs, times, text, metadata: hasMetadata ? place() : undefined };
}

/** The position of a stream in the index, or −1. */
export function findStream(index: PartIndex, labels: Labels): number {
  let low = 0;
  let high = index.streams.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareLabels(index.streams[middle]!, labels);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
