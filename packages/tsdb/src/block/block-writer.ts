/**
 * Writes one sealed block: series come sorted, are cut into chunks of rows, and fill pages.
 *
 * A chunk is what one series has in at most CHUNK_ROWS_MAX rows. Chunks of like rows (window 0, 1, 2, … of
 * their group) share pages, so that a query of a short range unpacks little:
 *
 *     entry of a chunk   presence │ [own times] │ values │ start times
 *     presence           varint 0: every row of its column, else the number of runs that follow
 */
import { wordsOf, type HistogramColumn, type Labels } from "@binnacle/model";
import { ByteWriter } from "../bytes.ts";
import { encodePresence, encodeStartTimes, encodeTimes } from "../codec/columns.ts";
import { encodeHistograms } from "../codec/histogram-columns.ts";
import { encodeValues } from "../codec/values.ts";
import { CHUNK_ROWS_MAX, INDEX_PAGE_BYTES, VALUE_PAGE_BYTES } from "../limits.ts";
import { lowerBound, type FloatPiece } from "../read/pieces.ts";
import { IndexWriter, type ChunkFacts } from "./index-writer.ts";
import { PageWriter } from "./page-writer.ts";

export interface BlockSummary {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly fileBytes: number;
}

type EntryFacts = Omit<ChunkFacts, "slot">;

/** A page of values that still takes chunks. */
class ValuePage {
  readonly lengths: number[] = [];
  readonly data = new ByteWriter(VALUE_PAGE_BYTES + 4096);
  /** The page's number is known when it is written; until then its chunks wait here. */
  readonly waiting: number[] = [];
}

export class BlockWriter {
  readonly #pages: PageWriter;
  readonly #oldestGeneration: number;
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

  /** `oldestGeneration` of the head has samples in the block, and none before it has. */
  constructor(path: string, options: { zstdLevel: number; oldestGeneration: number }) {
    this.#oldestGeneration = options.oldestGeneration;
    this.#pages = new PageWriter(path, options.zstdLevel);
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

  /** Writes what is open and the index, and gives the file its name: it is durable then. */
  finish(): BlockSummary {
    for (const page of this.#windows) this.#closeValues(page);
    this.#closeValues(this.#histogramPage);
    this.#closeTimes();
    const bounds = { minTimeMs: this.#minTimeMs, maxTimeMs: this.#maxTimeMs };
    const symbolKeys = this.#index.write(bounds, (section, first, raw) =>
      this.#pages.write(section, first, raw),
    );
    const { seriesCount, symbolCount } = this.#index;
    const sampleCount = this.#sampleCount;
    const columnCount = this.#columnCount;
    const oldestGeneration = this.#oldestGeneration;
    const counts = { seriesCount, sampleCount, symbolCount, columnCount };
    const facts = { ...bounds, ...counts, oldestGeneration, symbolKeys };
    const fileBytes = this.#pages.finish(facts);
    return { ...bounds, seriesCount, sampleCount, fileBytes };
  }

  /** Gives up: nothing of the block is left. */
  abort(): void {
    this.#pages.abort();
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
      encodeHistograms(page.data, values.slice(from, to));
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
    const number = this.#pages.count("values");
    for (const chunk of page.waiting) this.#index.setPage(chunk, number);
    this.#pages.write("values", number, framed(page.lengths, page.data));
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
    this.#pages.write("times", first, framed(this.#timesLengths, this.#times));
    this.#times.clear();
    this.#timesLengths = [];
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
