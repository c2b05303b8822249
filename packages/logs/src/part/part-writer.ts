/**
 * Writes a part: streams in the order of compareLabels, their lines in the order of time. It appears
 * under its name only when it is whole and on disk, so a crash leaves nothing but a temporary file.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
// Not the whole package: a thread that writes sealed files has no LMDB.
import { syncDirectory } from "@binnacle/lmdb-file/durable-file";
import { compareLabels, type Labels, type LineMetadata, type LogBlock } from "@binnacle/model";
import { BLOCK_BYTES_MAX, BLOCK_LINES_MAX, BLOCK_RUNS_MAX } from "../limits.ts";
import { compress, encodeMetadata, encodeTimes, PLAIN, TEMPLATED } from "./block-codec.ts";
import { BlockEncoder } from "./block-templates.ts";
import { encodeHeader, encodePage, encodeTrailer, type PagePlace } from "./part-format.ts";
import { encodeIndex, type BlockEntry, type RunEntry } from "./part-index.ts";
import type { PartFile } from "./part-file.ts";
import { RAW, TemplateTable } from "./template-table.ts";
import type { TextColumn } from "./text-column.ts";
import { encodePlain } from "./text-plain.ts";

/** A block with more than a template to so many lines is tried without templates too. */
const MANY_TEMPLATES = 8;

export const TEMPORARY_SUFFIX = ".tmp";

export class PartWriter implements Disposable {
  readonly #path: string;
  readonly #level: number;
  readonly #streams: Labels[] = [];
  readonly #blocks: BlockEntry[] = [];
  readonly #runs: RunEntry[] = [];
  readonly #templates = new TemplateTable();
  readonly #encoder = new BlockEncoder();
  #file: number | undefined;
  #at = 0;
  #streamLines = 0;

  // The block that is being filled.
  #text: Uint8Array<ArrayBuffer> = new Uint8Array(BLOCK_BYTES_MAX + 65_536);
  readonly #offsets = new Uint32Array(BLOCK_LINES_MAX + 1);
  readonly #timesNs = new BigInt64Array(BLOCK_LINES_MAX);
  #metadata: (LineMetadata | undefined)[] | undefined;
  #lines = 0;
  #runFirstRows: number[] = [];

  /** `level` is zstd's. */
  constructor(path: string, level: number) {
    this.#path = path;
    this.#level = level;
    this.#file = openSync(path + TEMPORARY_SUFFIX, "w");
    this.#write(encodeHeader());
  }

  get lines(): number {
    return this.#blocks.reduce((sum, block) => sum + block.lines, this.#lines);
  }

  /** Begins the next stream. A stream to which nothing is added leaves no trace. */
  beginStream(labels: Labels): void {
    if (this.#streams.length > 0 && this.#streamLines === 0) this.#streams.pop();
    else if (this.#runFirstRows.length >= BLOCK_RUNS_MAX) this.#flushBlock();
    this.#streams.push(labels);
    this.#streamLines = 0;
  }

  /** Adds lines [from, to) of a block, which do not come before what the stream has. */
  add(block: LogBlock, from: number, to: number): void {
    const { bytes, offsets, timesNs, metadata } = block;
    for (let i = from; i < to; i++) {
      const start = offsets[i]!;
      const length = offsets[i + 1]! - start;
      const isFull =
        this.#lines === BLOCK_LINES_MAX || this.#offsets[this.#lines]! + length > BLOCK_BYTES_MAX;
      if (isFull && this.#lines > 0) this.#flushBlock();
      if (this.#streamLines === 0 || this.#runFirstRows.length === 0) this.#beginRun();
      const at = this.#offsets[this.#lines]!;
      if (at + length > this.#text.length) this.#growText(at + length);
      this.#text.set(bytes.subarray(start, start + length), at);
      this.#timesNs[this.#lines] = timesNs[i]!;
      const pairs = metadata?.[i];
      if (pairs !== undefined) {
        this.#metadata ??= [];
        this.#metadata[this.#lines] = pairs;
      }
      this.#offsets[++this.#lines] = at + length;
      this.#streamLines++;
    }
  }

  #growText(bytes: number): void {
    const grown = new Uint8Array(bytes);
    grown.set(this.#text.subarray(0, this.#offsets[this.#lines]));
    this.#text = grown;
  }

  #beginRun(): void {
    this.#runFirstRows.push(this.#lines);
    const stream = this.#streams.length - 1;
    this.#runs.push({ stream, block: this.#blocks.length, lines: 0, minNs: 0n, maxNs: 0n });
  }

  #flushBlock(): void {
    const lines = this.#lines;
    const timesNs = this.#timesNs.subarray(0, lines);
    const runStarts = this.#runFirstRows;
    // Times ascend within a run, so each run's first is its least.
    let baseNs = timesNs[0]!;
    for (const row of runStarts) if (timesNs[row]! < baseNs) baseNs = timesNs[row]!;
    const firstRun = this.#runs.length - runStarts.length;
    for (let k = 0; k < runStarts.length; k++) {
      const row = runStarts[k]!;
      const end = runStarts[k + 1] ?? lines;
      const { stream, block } = this.#runs[firstRun + k]!;
      const bounds = { minNs: timesNs[row]!, maxNs: timesNs[end - 1]! };
      this.#runs[firstRun + k] = { stream, block, lines: end - row, ...bounds };
    }
    const relativeNs = new Float64Array(lines);
    for (let i = 0; i < lines; i++) relativeNs[i] = Number(timesNs[i]! - baseNs);
    const column = { bytes: this.#text, offsets: this.#offsets.subarray(0, lines + 1) };
    const times = this.#page(encodeTimes(relativeNs, new Set(runStarts)));
    const text = this.#textPages(column);
    let metadata: PagePlace | undefined;
    if (this.#metadata !== undefined) {
      this.#metadata.length = lines;
      metadata = this.#page(encodeMetadata(this.#metadata));
    }
    const textBytes = this.#offsets[lines]!;
    this.#blocks.push({ ...text, lines, textBytes, baseNs, times, metadata });
    this.#lines = 0;
    this.#runFirstRows = [];
    this.#metadata = undefined;
  }

  #textPages(column: TextColumn): Pick<BlockEntry, "encoding" | "templates" | "directory" | "rows" | "text"> {
    const split = this.#templates.split(column);
    const { templates, directory, rows, groups } = this.#encoder.encode(column, split);
    const packed = groups.map((group) => compress(group, this.#level));
    const packedDirectory = compress(directory, this.#level);
    if (templates.length * MANY_TEMPLATES > split.templates.length) {
      const plain = compress(encodePlain(column), this.#level);
      const bytes = packed.reduce((sum, group) => sum + group.length, packedDirectory.length);
      if (plain.length < bytes) {
        const counts = compress(this.#encoder.encodeCounts(split), this.#level);
        const pages = { directory: this.#rawPage(counts), rows: this.#page(rows) };
        return { encoding: PLAIN, templates, ...pages, text: [this.#rawPage(plain)] };
      }
    }
    const pages = { directory: this.#rawPage(packedDirectory), rows: this.#page(rows) };
    return { encoding: TEMPLATED, templates, ...pages, text: packed.map((group) => this.#rawPage(group)) };
  }

  #page(bytes: Uint8Array): PagePlace {
    return this.#rawPage(compress(bytes, this.#level));
  }

  #rawPage(payload: Uint8Array): PagePlace {
    const place = { offset: this.#at, bytes: 0 };
    const page = encodePage(payload);
    this.#write(page);
    return { ...place, bytes: page.length };
  }

  /** The place of the first of the two. */
  #pageTwice(payload: Uint8Array): PagePlace {
    const place = this.#rawPage(payload);
    this.#rawPage(payload);
    return place;
  }

  #write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file!, bytes, done);
    this.#at += bytes.length;
  }

  /**
   * Takes whole parts over, in the order in which their lines came, without unpacking their text: only
   * the numbers of streams and templates change. Nothing else may be added before or after.
   */
  copy(parts: readonly PartFile[]): void {
    const union = new Map<string, Labels>();
    for (const { index } of parts) for (const labels of index.streams) union.set(labels.key(), labels);
    const numbers = new Map<string, number>();
    for (const labels of [...union.values()].sort(compareLabels)) {
      numbers.set(labels.key(), this.#streams.push(labels) - 1);
    }
    for (const part of parts) this.#copyPart(part, numbers);
    this.#runs.sort((a, b) => a.stream - b.stream);
    this.#streamLines = 1;
  }

  #copyPart(part: PartFile, numbers: ReadonlyMap<string, number>): void {
    const { streams, blocks, runs } = part.index;
    const { bytes, offsets } = part.readTemplates();
    const templateOf = Uint32Array.from({ length: offsets.length - 1 }, (_, template) =>
      template === RAW
        ? RAW
        : this.#templates.intern(bytes.subarray(offsets[template], offsets[template + 1])),
    );
    const streamOf = streams.map((labels) => numbers.get(labels.key())!);
    const firstBlock = this.#blocks.length;
    for (let i = 0; i < runs.stream.length; i++) {
      this.#runs.push({
        stream: streamOf[runs.stream[i]!]!,
        block: firstBlock + runs.block[i]!,
        lines: runs.lines[i]!,
        minNs: runs.minNs[i]!,
        maxNs: runs.maxNs[i]!,
      });
    }
    for (const block of blocks) {
      const copyPage = (place: PagePlace): PagePlace => this.#rawPage(part.readPage(place));
      this.#blocks.push({
        ...block,
        templates: block.templates.map((template) => templateOf[template]!),
        times: copyPage(block.times),
        directory: copyPage(block.directory),
        rows: copyPage(block.rows),
        text: block.text.map(copyPage),
        metadata: block.metadata === undefined ? undefined : copyPage(block.metadata),
      });
    }
  }

  /** Completes the file and gives it its name. A part without a line is not made: then false. */
  finish(): boolean {
    if (this.#lines > 0) this.#flushBlock();
    if (this.#streamLines === 0) this.#streams.pop();
    if (this.#blocks.length === 0) return false;
    const templates = this.#pageTwice(compress(this.#templates.encode(), this.#level));
    const raw = encodeIndex(this.#streams, this.#blocks, this.#runs, templates);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, raw.length, true);
    const index = this.#pageTwice(Buffer.concat([length, compress(raw, this.#level)]));
    const trailer = encodeTrailer(index);
    this.#write(trailer);
    this.#write(trailer);
    fsyncSync(this.#file!);
    closeSync(this.#file!);
    this.#file = undefined;
    renameSync(this.#path + TEMPORARY_SUFFIX, this.#path);
    syncDirectory(dirname(this.#path));
    return true;
  }

  /** Gives up what is not finished. */
  [Symbol.dispose](): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    rmSync(this.#path + TEMPORARY_SUFFIX, { force: true });
  }
}
