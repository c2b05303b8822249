/**
 * Writes one sealed block: series come sorted, are cut into chunks of rows, and fill pages; the index
 * follows.
 *
 * A chunk is what one series has in at most CHUNK_ROWS_MAX rows. Chunks of like rows (window 0, 1, 2, … of
 * their group) share pages, so that a query of a short range unpacks little:
 *
 *     entry of a chunk   presence │ [own times] │ values │ start times
 *     presence           varint 0: every row of its column, else the number of runs that follow
 *
 * The file appears under its name only once it is whole and synced.
 */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { wordsOf, type HistogramColumn, type Labels } from "@binnacle/model";
import { ByteWriter } from "../bytes.ts";
import { encodePresence, encodeStartTimes, encodeTimes } from "../codec/columns.ts";
import { encodeHistogram } from "../codec/histogram.ts";
import { encodeValues } from "../codec/values.ts";
import { CHUNK_ROWS_MAX, INDEX_PAGE_BYTES, VALUE_PAGE_BYTES } from "../limits.ts";
import { lowerBound, type FloatPiece } from "../read/pieces.ts";
import {
  encodeFooter,
  encodeHeader,
  encodeTrailer,
  SECTIONS,
  type Section,
  type SectionName,
} from "./footer.ts";
import { IndexWriter, type ChunkFacts } from "./index-writer.ts";
import { encodePage } from "./page.ts";

export interface BlockSummary {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly fileBytes: number;
}

type EntryFacts = Omit<ChunkFacts, "slot">;

interface OpenSection {
  offsets: number[];
  lengths: number[];
  firsts: number[];
}

/** A page of values that still takes chunks. */
class ValuePage {
  readonly lengths: number[] = [];
  readonly data = new ByteWriter(VALUE_PAGE_BYTES + 4096);
  /** The page's number is known when it is written; until then its chunks wait here. */
  readonly waiting: number[] = [];
}

export class BlockWriter {
  readonly #path: string;
  readonly #fd: number;
  readonly #zstdLevel: number;
  #fileBytes = 0;
  readonly #sections: Record<SectionName, OpenSection>;
  readonly #windows: ValuePage[] = [];
  #histogramPage = new ValuePage();
  readonly #index = new IndexWriter();
  /** Column ids by the array of times they hold: series of a group share it. Column 0 means own times. */
  readonly #columns = new Map<Float64Array, number[]>();
  readonly #times = new ByteWriter(INDEX_PAGE_BYTES);
  #timesLengths: number[] = [];
  #columnCount = 1;
  #minTimeMs = Number.POSITIVE_INFINITY;
  #maxTimeMs = Number.NEGATIVE_INFINITY;
  #sampleCount = 0;

  constructor(path: string, options: { zstdLevel: number }) {
    this.#path = path;
    this.#zstdLevel = options.zstdLevel;
    this.#fd = openSync(`${path}.tmp`, "w");
    this.#sections = Object.fromEntries(
      SECTIONS.map((name) => [name, { offsets: [], lengths: [], firsts: [] }]),
    ) as unknown as Record<SectionName, OpenSection>;
    this.#write(encodeHeader());
  }

  /** Series must come ascending as compareSeries orders them, each once. */
  add(labels: Labels, floats: FloatPiece | undefined, histograms: HistogramColumn | undefined): void {
    let minTimeMs = Number.POSITIVE_INFINITY;
    let maxTimeMs = Number.NEGATIVE_INFINITY;
    for (const column of [floats, histograms]) {
      if (column === undefined || column.times.length === 0) continue;
      minTimeMs = Math.min(minTimeMs, column.times[0]!);
      maxTimeMs = Math.max(maxTimeMs, column.times.at(-1));
      this.#sampleCount += column.times.length;
    }
    if (minTimeMs > maxTimeMs) return;
    if (floats !== undefined) this.#addFloats(floats);
    if (histograms !== undefined) this.#addHistograms(histograms);
    this.#index.endSeries(labels, { minTimeMs, maxTimeMs });
    this.#minTimeMs = Math.min(this.#minTimeMs, minTimeMs);
    this.#maxTimeMs = Math.max(this.#maxTimeMs, maxTimeMs);
  }

  /** Whether nothing was added that has a sample: such a block cannot be finished. */
  get isEmpty(): boolean {
    return this.#sampleCount === 0;
  }

  /** Writes what is open and the index, syncs, and gives the file its name. */
  finish(): BlockSummary {
    for (const page of this.#windows) this.#closeValues(page);
    this.#closeValues(this.#histogramPage);
    this.#closeTimes();
    const bounds = { minTimeMs: this.#minTimeMs, maxTimeMs: this.#maxTimeMs };
    const symbolKeys = this.#index.write(bounds, (section, first, raw) =>
      this.#writePage(section, first, raw),
    );
    const footer = {
      ...bounds,
      seriesCount: this.#index.seriesCount,
      sampleCount: this.#sampleCount,
      symbolCount: this.#index.symbolCount,
      columnCount: this.#columnCount,
      sections: this.#sections as Record<SectionName, Section>,
      symbolKeys,
    };
    const footerOffset = this.#fileBytes;
    const footerPage = encodePage(encodeFooter(footer), this.#zstdLevel);
    this.#write(footerPage);
    this.#write(encodeTrailer(footerOffset, footerPage.length));
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    renameSync(`${this.#path}.tmp`, this.#path);
    syncDirectory(dirname(this.#path));
    const { seriesCount, sampleCount } = footer;
    return { ...bounds, seriesCount, sampleCount, fileBytes: this.#fileBytes };
  }

  /** Gives up: closes the file and leaves the unfinished one to be removed. */
  abort(): void {
    closeSync(this.#fd);
  }

  #addFloats(floats: FloatPiece): void {
    const { rowTimes } = floats;
    if (rowTimes !== undefined && this.#addRows(floats, rowTimes)) return;
    for (let from = 0; from < floats.times.length; from += CHUNK_ROWS_MAX) {
      const to = Math.min(from + CHUNK_ROWS_MAX, floats.times.length);
      const page = this.#page(from / CHUNK_ROWS_MAX);
      const start = page.data.length;
      encodeTimes(page.data, floats.times.subarray(from, to));
      this.#addValues(page, floats, from, to);
      this.#closeEntry(page, start, from / CHUNK_ROWS_MAX, { kind: "float", column: 0, count: to - from });
    }
  }

  /**
   * Stores a series by the rows of its group. False, with nothing written, when some of its times are no
   * rows.
   */
  #addRows(floats: FloatPiece, rowTimes: Float64Array): boolean {
    const { times } = floats;
    if (times !== rowTimes && !isSubset(times, rowTimes)) return false;
    const columns = this.#columnsOf(rowTimes);
    for (let window = 0; window < columns.length; window++) {
      const rows = rowTimes.subarray(window * CHUNK_ROWS_MAX, (window + 1) * CHUNK_ROWS_MAX);
      const from = lowerBound(times, rows[0]!);
      const to = lowerBound(times, rows.at(-1) + 1);
      if (from === to) continue;
      const page = this.#page(window);
      const start = page.data.length;
      if (to - from === rows.length) page.data.varint(0);
      else encodePresence(page.data, times.subarray(from, to), rows);
      this.#addValues(page, floats, from, to);
      this.#closeEntry(page, start, window, { kind: "float", column: columns[window]!, count: to - from });
    }
    return true;
  }

  #addValues(page: ValuePage, floats: FloatPiece, from: number, to: number): void {
    encodeValues(page.data, wordsOf(floats.values.subarray(from, to)), to - from);
    encodeStartTimes(page.data, floats.startTimes?.subarray(from, to));
  }

  #addHistograms(histograms: HistogramColumn): void {
    const { times, values, startTimes } = histograms;
    for (let from = 0; from < times.length; from += CHUNK_ROWS_MAX) {
      const to = Math.min(from + CHUNK_ROWS_MAX, times.length);
      const page = this.#histogramPage;
      const start = page.data.length;
      encodeTimes(page.data, times.subarray(from, to));
      for (let i = from; i < to; i++) encodeHistogram(page.data, values[i]!);
      encodeStartTimes(page.data, startTimes?.subarray(from, to));
      this.#noteEntry(page, start, { kind: "histogram", column: 0, count: to - from });
      if (page.data.length < VALUE_PAGE_BYTES) continue;
      this.#closeValues(page);
      this.#histogramPage = new ValuePage();
    }
  }

  #page(window: number): ValuePage {
    return (this.#windows[window] ??= new ValuePage());
  }

  #closeEntry(page: ValuePage, start: number, window: number, facts: EntryFacts): void {
    this.#noteEntry(page, start, facts);
    if (page.data.length < VALUE_PAGE_BYTES) return;
    this.#closeValues(page);
    this.#windows[window] = new ValuePage();
  }

  #noteEntry(page: ValuePage, start: number, facts: EntryFacts): void {
    page.waiting.push(this.#index.addChunk({ slot: page.lengths.length, ...facts }));
    page.lengths.push(page.data.length - start);
  }

  #closeValues(page: ValuePage): void {
    if (page.lengths.length === 0) return;
    const number = this.#sections.values.offsets.length;
    for (const chunk of page.waiting) this.#index.setPage(chunk, number);
    this.#writePage("values", number, framed(page.lengths, page.data));
  }

  #columnsOf(rowTimes: Float64Array): readonly number[] {
    const known = this.#columns.get(rowTimes);
    if (known !== undefined) return known;
    const columns: number[] = [];
    for (let from = 0; from < rowTimes.length; from += CHUNK_ROWS_MAX) {
      const rows = rowTimes.subarray(from, from + CHUNK_ROWS_MAX);
      const start = this.#times.length;
      this.#times.varint(rows.length);
      encodeTimes(this.#times, rows);
      this.#timesLengths.push(this.#times.length - start);
      columns.push(this.#columnCount++);
      if (this.#times.length >= INDEX_PAGE_BYTES) this.#closeTimes();
    }
    this.#columns.set(rowTimes, columns);
    return columns;
  }

  #closeTimes(): void {
    if (this.#timesLengths.length === 0) return;
    const first = this.#columnCount - this.#timesLengths.length;
    this.#writePage("times", first, framed(this.#timesLengths, this.#times));
    this.#times.clear();
    this.#timesLengths = [];
  }

  #writePage(section: SectionName, first: number, raw: Uint8Array): void {
    const page = encodePage(raw, this.#zstdLevel);
    const { offsets, lengths, firsts } = this.#sections[section];
    offsets.push(this.#fileBytes);
    lengths.push(page.length);
    firsts.push(first);
    this.#write(page);
  }

  #write(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    this.#fileBytes += bytes.length;
  }
}

/** varint entries │ varint length … │ the entries. */
function framed(lengths: readonly number[], data: ByteWriter): Uint8Array {
  const writer = new ByteWriter(data.length + lengths.length * 3 + 8);
  writer.varint(lengths.length);
  for (const length of lengths) writer.varint(length);
  writer.bytes(data.view());
  return writer.view();
}

function isSubset(times: Float64Array, rowTimes: Float64Array): boolean {
  let row = 0;
  for (let i = 0; i < times.length; i++) {
    while (row < rowTimes.length && rowTimes[row]! < times[i]!) row++;
    if (rowTimes[row] !== times[i]) return false;
  }
  return true;
}

export function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
