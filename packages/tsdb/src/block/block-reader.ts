/** Reads the samples of series of one block. */
import { BinnacleError, wordsOf, type TimeRange } from "@binnacle/model";
import { ByteReader } from "../bytes.ts";
import { decodePresence, decodeStartTimes, decodeTimes } from "../codec/columns.ts";
import { readHistogram } from "../codec/histogram.ts";
import { decodeHistograms } from "../codec/histogram-columns.ts";
import { decodeValues, isCheap, isMarkerFree } from "../codec/values.ts";
import { CHUNK_ROWS_MAX } from "../limits.ts";
import { lowerBound, type FloatPiece, type SeriesPieces } from "../read/pieces.ts";
import type { RowColumn } from "../read/row-column.ts";
import { BlockFile, type Page } from "./block-file.ts";
import { BlockIndex, CHUNK_WORDS } from "./block-index.ts";
import { isCorrupt, type DamageSink } from "./damage.ts";
import type { ChunkEntry } from "./index-writer.ts";
import type { Kept, PageCache } from "./page-cache.ts";

/** Columns of times kept decoded for one block. */
const COLUMNS_MAX = 1024;

/** What of a column of times lies in a range: from row `from` on. */
interface RowsInRange {
  readonly rowCount: number;
  readonly from: number;
  readonly times: Float64Array;
}

/** A page of values, ready to be read entry by entry. */
interface ValuePage {
  readonly page: Page;
  readonly reader: ByteReader;
  /** Where each entry begins, and the end of the last. */
  readonly ends: Uint32Array;
  decoded: DecodedColumns | undefined;
}

/** Columns of a page that were asked for more than once, by entry. */
interface DecodedColumns extends Kept {
  readonly columns: (Float64Array | undefined)[];
  /** UNSEEN, SEEN_ONCE or NOT_KEPT: whether it is kept when it is read next. */
  readonly state: Uint8Array;
}

const UNSEEN = 0;
const SEEN_ONCE = 1;
const NOT_KEPT = 2;

export class BlockReader implements Disposable {
  readonly file: BlockFile;
  readonly index: BlockIndex;
  readonly #columns = new Map<number, Float64Array>();
  readonly #cache: PageCache;
  readonly #valuePages: (ValuePage | undefined)[] = [];
  #inRangeOf: { startMs: number; endMs: number; columns: Map<number, RowsInRange> } | undefined;
  readonly #frames = new WeakMap<Uint8Array, Uint32Array>();
  /** Parts of columns that the range of the current reading cuts out, so that series share them. */
  #cut: { startMs: number; endMs: number; parts: Map<Float64Array, Float64Array> } | undefined;

  constructor(path: string, cache: PageCache, onDamage?: DamageSink) {
    this.#cache = cache;
    this.file = new BlockFile(path, cache, onDamage);
    this.index = new BlockIndex(this.file);
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }

  /**
   * The series' samples in the range, chunk by chunk. A chunk whose page is damaged is left out, and
   * `onLoss` told of it with file and place. Throws CORRUPT_DATA when the index cannot say what there is.
   */
  read(series: number, range: TimeRange, onLoss?: (message: string) => void): SeriesPieces {
    const pieces: SeriesPieces = { floats: [], histograms: [] };
    for (const chunk of this.index.entry(series).chunks) {
      try {
        if (chunk.kind === "float") this.#readFloats(chunk, range, pieces);
        else this.#readHistograms(chunk, range, pieces);
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        this.file.report("values", error);
        onLoss?.(error.message);
      }
    }
    return pieces;
  }

  /**
   * Appends what a series has in the range, given the words of its chunks from `from` to `to`. False, and the
   * column is to be thrown away, when it is not all of whole rows, or when it is not known to have no marker
   * where no values are wanted.
   */
  appendRows(words: Uint32Array, from: number, to: number, range: TimeRange, column: RowColumn): boolean {
    for (let at = from; at < to; at += CHUNK_WORDS) {
      const columnId = words[at + 1]!;
      if (words[at] !== 0 || columnId === 0) return false;
      const rows = this.#rowsInRange(columnId, range);
      if (rows.times.length === 0) continue;
      if (rows.rowCount !== words[at + 4] || !column.takes(rows.times)) return false;
      if (!this.#appendChunk(words[at + 2]!, words[at + 3]!, rows, column)) return false;
    }
    return true;
  }

  #appendChunk(pageNumber: number, slot: number, rows: RowsInRange, column: RowColumn): boolean {
    const page = this.#valuePage(pageNumber);
    const { from, rowCount, times } = rows;
    column.reserve(rowCount);
    const known = page.decoded?.columns[slot];
    if (!column.wantsValues && known !== undefined) {
      column.append(times);
      return true;
    }
    if (known !== undefined) {
      page.decoded!.isUsed = true;
      const { values, end } = column;
      for (let i = 0; i < times.length; i++) values[end + i] = known[from + i]!;
      column.append(times);
      return true;
    }
    const { reader, ends } = page;
    if (slot + 1 >= ends.length) return false;
    reader.at = ends[slot]!;
    if (reader.varint() !== 0) return false;
    if (!column.wantsValues) {
      if (!isMarkerFree(reader)) return false;
      column.append(times);
      return true;
    }
    const codecAt = reader.at;
    // The first chunk may begin before the range: its values are left standing where they are decoded.
    const isFirst = column.count === 0;
    const at = isFirst ? 0 : column.end;
    decodeValues(reader, rowCount, column.words, at);
    if (reader.varint() !== 0 || reader.at > ends[slot + 1]!) return false;
    if (!isCheap(page.page.unpacked[codecAt]!)) this.#keepDecoded(page, slot, column.values, at, rowCount);
    if (isFirst) column.start = column.end = from;
    else if (from > 0) column.values.copyWithin(at, at + from, at + from + times.length);
    column.append(times);
    return true;
  }

  /** A column is kept once it is read a second time: whoever reads everything once displaces nothing. */
  #keepDecoded(page: ValuePage, slot: number, values: Float64Array, at: number, count: number): void {
    let { decoded } = page;
    if (decoded === undefined || decoded.isGone) {
      const entries = page.ends.length - 1;
      decoded = { columns: [], state: new Uint8Array(entries), bytes: entries, isUsed: false, isGone: false };
      page.decoded = decoded;
      this.#cache.keep(decoded);
    }
    const state = decoded.state[slot]!;
    if (state !== SEEN_ONCE) {
      if (state === UNSEEN) decoded.state[slot] = SEEN_ONCE;
      return;
    }
    decoded.state[slot] = NOT_KEPT;
    // Bits of a NaN may change when it is moved as a number, which is how kept columns are read.
    for (let i = at; i < at + count; i++) if (Number.isNaN(values[i])) return;
    const column = values.slice(at, at + count);
    decoded.columns[slot] = column;
    this.#cache.grow(decoded, column.byteLength);
  }

  #valuePage(number: number): ValuePage {
    const known = this.#valuePages[number];
    if (known !== undefined && !known.page.isGone) {
      known.page.isUsed = true;
      if (known.decoded?.isGone === true) known.decoded = undefined;
      return known;
    }
    const page = this.file.keptPage("values", number);
    const place = this.file.place("values", number);
    const reader = new ByteReader(page.unpacked, place);
    const opened = { page, reader, ends: readFrames(page.unpacked, place), decoded: undefined };
    this.#valuePages[number] = opened;
    return opened;
  }

  #rowsInRange(id: number, range: TimeRange): RowsInRange {
    const { startMs, endMs } = range;
    if (
      this.#inRangeOf === undefined ||
      this.#inRangeOf.startMs !== startMs ||
      this.#inRangeOf.endMs !== endMs
    ) {
      this.#inRangeOf = { startMs, endMs, columns: new Map() };
    }
    let rows = this.#inRangeOf.columns.get(id);
    if (rows === undefined) {
      const column = this.#column(id);
      const times = this.#cutColumn(column, range);
      rows = { rowCount: column.length, from: lowerBound(column, startMs), times };
      this.#inRangeOf.columns.set(id, rows);
    }
    return rows;
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
    const values =
      this.file.version === 1
        ? Array.from(times, () => readHistogram(reader))
        : decodeHistograms(reader, times.length);
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
