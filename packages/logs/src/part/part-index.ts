/**
 * The index of a part: its streams, its blocks, and the runs (lines of one stream within one block), in
 * the order of streams and, within a stream, of arrival. Unpacked, runs are columns, since a part has
 * many.
 */
import { compareLabels, Labels } from "@binnacle/model";
import { ByteReader, ByteWriter, corrupt } from "../bytes.ts";
import { BLOCK_LINES_MAX, BLOCK_TEXT_BYTES_MAX } from "../limits.ts";
import { PLAIN, TEMPLATED } from "./block-codec.ts";
import type { PagePlace } from "./part-format.ts";

/** A block: how its lines are packed, and where its pages lie. */
export interface BlockEntry {
  /** PLAIN or TEMPLATED. */
  readonly encoding: number;
  readonly lines: number;
  /** Bytes of the lines' text, unpacked. */
  readonly textBytes: number;
  /** What the times of the block are relative to, Unix ns. */
  readonly baseNs: bigint;
  /** The part's numbers of the templates that the block has, by the block's own numbers. */
  readonly templates: Uint32Array;
  readonly times: PagePlace;
  readonly directory: PagePlace;
  readonly rows: PagePlace;
  /** The groups of columns, or of a plain block its text. */
  readonly text: readonly PagePlace[];
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
  /** Of each block: the first row of each of its runs. */
  readonly runStarts: readonly ReadonlySet<number>[];
  /** The texts of the templates. */
  readonly templates: PagePlace;
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
  templates: PagePlace,
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
    writer.varint(block.templates.length);
    let previous = 0;
    for (const template of block.templates) {
      writer.varint(zigzag(template - previous));
      previous = template;
    }
    writer.u8(block.metadata === undefined ? 0 : 1);
    writer.varint(block.text.length);
    // The pages of a block lie end to end.
    writer.varint(block.times.offset);
    for (const page of pagesOf(block)) writer.varint(page.bytes);
  }
  writer.varint(templates.offset);
  writer.varint(templates.bytes);
  writer.varint(runs.length);
  let stream = 0;
  let block = 0;
  for (const run of runs) {
    const { baseNs } = blocks[run.block]!;
    writer.varint(run.stream - stream);
    writer.varint(zigzag(run.block - block));
    writer.varint(run.lines);
    writer.varint(Number(run.minNs - baseNs));
    writer.varint(Number(run.maxNs - run.minNs));
    ({ stream, block } = run);
  }
  return writer.written();
}

/** In the order in which they lie in the file. */
export function pagesOf({ times, directory, rows, text, metadata }: BlockEntry): PagePlace[] {
  const pages = [times, directory, rows, ...text];
  return metadata === undefined ? pages : [...pages, metadata];
}

function zigzag(step: number): number {
  return step < 0 ? -2 * step - 1 : 2 * step;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Throws CORRUPT_DATA when a number cannot be, so that what reads by it need not ask. */
export function decodeIndex(bytes: Uint8Array, path: string): PartIndex {
  const what = `the index of ${path}`;
  const reader = new ByteReader(bytes, what);
  const symbols = Array.from({ length: reader.count(1) }, () => reader.text());
  const streams = readStreams(reader, symbols, what);
  const blocks = Array.from({ length: reader.count(16) }, () => readBlock(reader, what));
  const templates: PagePlace = { offset: reader.varint(), bytes: reader.varint() };
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
  const runStarts = blocks.map(() => new Set<number>());
  const rowsUsed = new Uint32Array(blocks.length);
  let minNs: bigint | undefined;
  let maxNs = 0n;
  for (let i = 0; i < count; i++) {
    stream += reader.varint();
    block += unzigzag(reader.varint());
    const entry = blocks[block];
    const lines = reader.varint();
    const row = rowsUsed[block] ?? 0;
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
    runStarts[block]!.add(row);
    rowsUsed[block] = row + lines;
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
  return { minNs: minNs ?? 0n, maxNs, lines, textBytes, streams, runsOf, blocks, runs, runStarts, templates };
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

function readBlock(reader: ByteReader, what: string): BlockEntry {
  const encoding = reader.u8();
  const lines = reader.varint();
  const textBytes = reader.varint();
  const baseNs = reader.i64();
  if (encoding !== PLAIN && encoding !== TEMPLATED) {
    throw corrupt(what, `a block's text has encoding ${encoding}, which this program does not know`);
  }
  // Memory is taken by these numbers.
  if (lines > BLOCK_LINES_MAX) throw corrupt(what, `a block says that it has ${lines} lines`);
  if (textBytes > BLOCK_TEXT_BYTES_MAX) throw corrupt(what, `a block says that it has ${textBytes} bytes`);
  const templates = new Uint32Array(reader.count(1));
  let template = 0;
  for (let t = 0; t < templates.length; t++) templates[t] = template += unzigzag(reader.varint());
  const hasMetadata = reader.u8() !== 0;
  const texts = reader.count(1);
  let offset = reader.varint();
  const place = (): PagePlace => {
    const bytes = reader.varint();
    offset += bytes;
    return { offset: offset - bytes, bytes };
  };
  return {
    encoding,
    lines,
    textBytes,
    baseNs,
    templates,
    times: place(),
    directory: place(),
    rows: place(),
    text: Array.from({ length: texts }, place),
    metadata: hasMetadata ? place() : undefined,
  };
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
