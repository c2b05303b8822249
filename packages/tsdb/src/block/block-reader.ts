/** Reads the samples of series of one block. */
import { BinnacleError, wordsOf, type Histogram, type TimeRange } from "@binnacle/model";
import { ByteReader } from "../bytes.ts";
import { decodePresence, decodeStartTimes, decodeTimes } from "../codec/columns.ts";
import { readHistogram } from "../codec/histogram.ts";
import { decodeValues } from "../codec/values.ts";
import { CHUNK_ROWS_MAX } from "../limits.ts";
import { lowerBound, type FloatPiece, type SeriesPieces } from "../read/pieces.ts";
import { BlockFile } from "./block-file.ts";
import { BlockIndex } from "./block-index.ts";
import type { ChunkEntry } from "./index-writer.ts";
import type { PageCache } from "./page-cache.ts";

/** Columns of times kept decoded for one block. */
const COLUMNS_MAX = 1024;

export class BlockReader implements Disposable {
  readonly file: BlockFile;
  readonly index: BlockIndex;
  readonly #columns = new Map<number, Float64Array>();
  readonly #frames = new WeakMap<Uint8Array, Uint32Array>();
  /** Parts of columns that the range of the current reading cuts out, so that series share them. */
  #cut: { startMs: number; endMs: number; parts: Map<Float64Array, Float64Array> } | undefined;

  constructor(path: string, cache: PageCache) {
    this.file = new BlockFile(path, cache);
    this.index = new BlockIndex(this.file);
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }

  /** The series' samples in the range, chunk by chunk. Throws CORRUPT_DATA with file and place. */
  read(series: number, range: TimeRange): SeriesPieces {
    const pieces: SeriesPieces = { floats: [], histograms: [] };
    for (const chunk of this.index.entry(series).chunks) {
      if (chunk.kind === "float") this.#readFloats(chunk, range, pieces);
      else this.#readHistograms(chunk, range, pieces);
    }
    return pieces;
  }

  #readFloats(chunk: ChunkEntry, range: TimeRange, pieces: SeriesPieces): void {
    const rows = chunk.column === 0 ? undefined : this.#column(chunk.column);
    if (rows !== undefined && (rows.length === 0 || rows[0]! > range.endMs || rows.at(-1) < range.startMs))
      return;
    const reader = this.#entry(chunk);
    let times: Float64Array;
    if (rows === undefined) times = decodeTimes(reader, this.#checkedCount(chunk, reader));
    else times = readPresence(reader, rows);
    if (times.length !== chunk.count)
      reader.fail(`${times.length} times where the index says ${chunk.count}`);
    const values = new Float64Array(times.length);
    decodeValues(reader, times.length, wordsOf(values), 0);
    const startTimes = decodeStartTimes(reader, times.length);
    const piece = { times, values, startTimes, rowTimes: rows };
    const inRange = this.#inRange(piece, range);
    if (inRange.times.length > 0) pieces.floats.push(inRange);
  }

  #readHistograms(chunk: ChunkEntry, range: TimeRange, pieces: SeriesPieces): void {
    const reader = this.#entry(chunk);
    const times = decodeTimes(reader, this.#checkedCount(chunk, reader));
    const values: Histogram[] = [];
    for (let i = 0; i < times.length; i++) values.push(readHistogram(reader));
    const startTimes = decodeStartTimes(reader, times.length);
    const from = lowerBound(times, range.startMs);
    const to = lowerBound(times, range.endMs + 1);
    if (from === to) return;
    pieces.histograms.push({
      times: times.subarray(from, to),
      values: values.slice(from, to),
      startTimes: startTimes?.subarray(from, to),
    });
  }

  #checkedCount(chunk: ChunkEntry, reader: ByteReader): number {
    if (chunk.count > CHUNK_ROWS_MAX)
      reader.fail(`a chunk of ${chunk.count} rows, at most ${CHUNK_ROWS_MAX} are possible`);
    return chunk.count;
  }

  /** Cuts a piece to the range; equal columns are cut once, so that they stay shared. */
  #inRange(piece: FloatPiece, range: TimeRange): FloatPiece {
    const { times, values, startTimes, rowTimes } = piece;
    const from = lowerBound(times, range.startMs);
    const to = lowerBound(times, range.endMs + 1);
    if (from === 0 && to === times.length && rowTimes === times) return piece;
    return {
      times: times === rowTimes ? this.#cutColumn(times, range) : times.subarray(from, to),
      values: values.subarray(from, to),
      startTimes: startTimes?.subarray(from, to),
      rowTimes: rowTimes === undefined ? undefined : this.#cutColumn(rowTimes, range),
    };
  }

  #cutColumn(column: Float64Array, range: TimeRange): Float64Array {
    const { startMs, endMs } = range;
    if (this.#cut === undefined || this.#cut.startMs !== startMs || this.#cut.endMs !== endMs) {
      this.#cut = { startMs, endMs, parts: new Map() };
    }
    let part = this.#cut.parts.get(column);
    if (part === undefined) {
      const from = lowerBound(column, startMs);
      const to = lowerBound(column, endMs + 1);
      part = from === 0 && to === column.length ? column : column.subarray(from, to);
      this.#cut.parts.set(column, part);
    }
    return part;
  }

  #column(id: number): Float64Array {
    const known = this.#columns.get(id);
    if (known !== undefined) return known;
    const number = this.file.pageOf("times", id);
    const first = this.file.footer.sections.times.firsts[number] ?? 0;
    const reader = this.#frame("times", number, id - first);
    const times = decodeTimes(reader, reader.count(CHUNK_ROWS_MAX, "rows"));
    if (this.#columns.size >= COLUMNS_MAX) this.#columns.clear();
    this.#columns.set(id, times);
    return times;
  }

  #entry(chunk: ChunkEntry): ByteReader {
    return this.#frame("values", chunk.page, chunk.slot);
  }

  /** The bytes of one entry of a framed page. */
  #frame(section: "values" | "times", number: number, slot: number): ByteReader {
    const page = this.file.page(section, number);
    let ends = this.#frames.get(page);
    if (ends === undefined)
      this.#frames.set(page, (ends = readFrames(page, this.file.place(section, number))));
    if (slot < 0 || slot + 1 >= ends.length) {
      throw new BinnacleError(
        "CORRUPT_DATA",
        `${this.file.place(section, number)}: no entry ${slot}, of ${ends.length - 1}`,
      );
    }
    const place = `${this.file.place(section, number)}, entry ${slot}`;
    return new ByteReader(page.subarray(ends[slot], ends[slot + 1]), place);
  }
}

/** Where each entry of a framed page begins, and the end of the last. */
function readFrames(page: Uint8Array, place: string): Uint32Array {
  const reader = new ByteReader(page, place);
  const count = reader.count(page.length, "entries");
  const ends = new Uint32Array(count + 1);
  let end = 0;
  for (let i = 0; i < count; i++) ends[i + 1] = end += reader.varint();
  for (let i = 0; i <= count; i++) ends[i]! += reader.at;
  if (ends[count] !== page.length) reader.fail(`entries end at byte ${ends[count]}`);
  return ends;
}

/** varint 0 says every row; otherwise the presence's runs. */
function readPresence(reader: ByteReader, rows: Float64Array): Float64Array {
  const at = reader.at;
  if (reader.varint() === 0) return rows;
  reader.at = at;
  return decodePresence(reader, rows);
}
