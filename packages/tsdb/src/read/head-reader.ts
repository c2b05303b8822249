/** Reads series of one generation of the head from shared memory, in whichever thread holds its snapshot. */
import { STALE_NAN_HIGH, STALE_NAN_LOW, wordsOf, type TimeRange } from "@binnacle/model";
import { decodeHistogram } from "../codec/histogram.ts";
import {
  histogramBytes,
  LOOSE_FLOAT,
  LOOSE_HISTOGRAM,
  LOOSE_START,
  type LooseRecord,
  readLooseChain,
} from "../head/loose-log.ts";
import { viewTile, type TileViews } from "../head/tile.ts";
import { TILE_ROWS } from "../limits.ts";
import { lowerBound, type FloatPiece, type SeriesPieces } from "./pieces.ts";
import type { RowColumn } from "./row-column.ts";
import type { HeadSnapshot } from "./snapshot.ts";

/** The rows of one tile that lie in the range. */
interface TileRun {
  readonly views: TileViews;
  readonly capacity: number;
  readonly from: number;
  readonly to: number;
  /** Bits of the rows from `from` to `to`. */
  readonly mask: number;
}

interface GroupRows {
  readonly times: Float64Array;
  readonly runs: readonly TileRun[];
}

export class HeadReader {
  readonly snapshot: HeadSnapshot;
  readonly #segments: readonly SharedArrayBuffer[];
  readonly #range: TimeRange;
  readonly #groups: (GroupRows | undefined)[];

  /** `segments` are all of the generation's, those of earlier snapshots included. */
  constructor(snapshot: HeadSnapshot, segments: readonly SharedArrayBuffer[], range: TimeRange) {
    this.snapshot = snapshot;
    this.#segments = segments;
    this.#range = range;
    this.#groups = snapshot.groups.map(() => undefined);
  }

  /** Whether series i has a sample in the range. */
  hasSamples(i: number): boolean {
    const { floats, histograms } = this.read(i);
    return floats.length > 0 || histograms.length > 0;
  }

  read(i: number): SeriesPieces {
    const { placeEnds, places, chains } = this.snapshot;
    const pieces: SeriesPieces = { floats: [], histograms: [] };
    for (let at = i === 0 ? 0 : placeEnds[i - 1]!; at < placeEnds[i]!; at += 2) {
      const piece = readColumn(this.#group(places[at]!), places[at + 1]!);
      if (piece !== undefined) pieces.floats.push(piece);
    }
    if (chains[i] !== 0) this.#readChain(chains[i]!, pieces);
    return pieces;
  }

  /**
   * Appends what series i has in the range. False, and the column is to be thrown away, when it is not in all
   * rows of one group: then `read` is the way.
   */
  appendRows(i: number, column: RowColumn): boolean {
    const { placeEnds, places, chains } = this.snapshot;
    if (chains[i] !== 0) return false;
    const at = i === 0 ? 0 : placeEnds[i - 1]!;
    const placeCount = (placeEnds[i]! - at) / 2;
    if (placeCount !== 1) return placeCount === 0;
    const group = this.#group(places[at]!);
    const { times } = group;
    if (times.length === 0) return true;
    if (!column.takes(times)) return false;
    if (column.wantsValues) {
      column.reserve(times.length);
      if (!copyWholeRows(group, places[at + 1]!, column.words, 2 * column.end)) return false;
    } else if (!areWholeRows(group, places[at + 1]!)) return false;
    column.append(times);
    return true;
  }

  #group(index: number): GroupRows {
    return (this.#groups[index] ??= this.#openGroup(this.snapshot.groups[index]!));
  }

  #openGroup(tiles: Uint32Array): GroupRows {
    const runs: TileRun[] = [];
    let count = 0;
    for (let t = 0; t < tiles.length; t += 4) {
      const capacity = tiles[t + 2]!;
      const address = { segment: tiles[t]!, offset: tiles[t + 1]!, capacity };
      const views = viewTile(this.#segments[address.segment]!, address);
      const times = views.times.subarray(0, tiles[t + 3]);
      const from = lowerBound(times, this.#range.startMs);
      const to = lowerBound(times, this.#range.endMs + 1);
      if (from < to) runs.push({ views, capacity, from, to, mask: bitsBetween(from, to) });
      count += to - from;
    }
    const times = new Float64Array(count);
    let at = 0;
    for (const { views, from, to } of runs) {
      times.set(views.times.subarray(from, to), at);
      at += to - from;
    }
    return { times, runs };
  }

  #readChain(chain: number, pieces: SeriesPieces): void {
    const { startMs, endMs } = this.#range;
    const floats: LooseRecord[] = [];
    const histograms: LooseRecord[] = [];
    const starts: LooseRecord[] = [];
    for (const record of readLooseChain(this.#segments, this.snapshot.looseChunks, chain)) {
      if (record.kind === LOOSE_START) starts.push(record);
      else if (record.timeMs < startMs || record.timeMs > endMs) continue;
      else if (record.kind === LOOSE_FLOAT) floats.push(record);
      else if (record.kind === LOOSE_HISTOGRAM) histograms.push(record);
    }
    if (starts.length > 0) {
      starts.sort(byTime);
      for (let p = 0; p < pieces.floats.length; p++) pieces.floats[p] = withStarts(pieces.floats[p]!, starts);
    }
    if (floats.length > 0) pieces.floats.push(loosePiece(floats.sort(byTime)));
    if (histograms.length === 0) return;
    histograms.sort(byTime);
    pieces.histograms.push({
      times: Float64Array.from(histograms, (record) => record.timeMs),
      values: histograms.map((record) => decodeHistogram(histogramBytes(this.#segments, record))),
      startTimes: startColumn(histograms),
    });
  }
}

function byTime(a: LooseRecord, b: LooseRecord): number {
  return a.timeMs - b.timeMs;
}

/** Bits from `from` up to and without `to`, of 32. */
function bitsBetween(from: number, to: number): number {
  const below = to === 32 ? -1 : (1 << to) - 1;
  return below & ~((1 << from) - 1);
}

/** Whether the series has a sample in each row; then all are copied. */
function copyWholeRows(group: GroupRows, column: number, target: Uint32Array, at: number): boolean {
  let word = at;
  for (const { views, capacity, from, to, mask } of group.runs) {
    if (column >= capacity || (Atomics.load(views.presence, column) & mask) !== mask) return false;
    const source = views.words;
    const end = 2 * (column * TILE_ROWS + to);
    for (let i = 2 * (column * TILE_ROWS + from); i < end; i++) target[word++] = source[i]!;
  }
  return true;
}

/** Whether the series has a sample in each row, none of which is a stale marker. */
function areWholeRows(group: GroupRows, column: number): boolean {
  for (const { views, capacity, from, to, mask } of group.runs) {
    if (column >= capacity || (Atomics.load(views.presence, column) & mask) !== mask) return false;
    const { words } = views;
    for (let row = column * TILE_ROWS + from; row < column * TILE_ROWS + to; row++) {
      if (words[2 * row + 1] === STALE_NAN_HIGH && words[2 * row] === STALE_NAN_LOW) return false;
    }
  }
  return true;
}

function readColumn(group: GroupRows, column: number): FloatPiece | undefined {
  const rows = group.times.length;
  const values = new Float64Array(rows);
  const words = wordsOf(values);
  let present = 0;
  let times = group.times;
  let isWhole = true;
  let row = 0;
  for (const { views, capacity, from, to } of group.runs) {
    const bits = column < capacity ? Atomics.load(views.presence, column) : 0;
    const source = views.words;
    const base = column * TILE_ROWS;
    for (let r = from; r < to; r++, row++) {
      if (((bits >>> r) & 1) === 0) {
        if (isWhole) {
          isWhole = false;
          times = group.times.slice();
        }
        continue;
      }
      words[2 * present] = source[2 * (base + r)]!;
      words[2 * present + 1] = source[2 * (base + r) + 1]!;
      if (!isWhole) times[present] = group.times[row]!;
      present++;
    }
  }
  if (present === 0) return undefined;
  return {
    times: isWhole ? times : times.subarray(0, present),
    values: isWhole ? values : values.subarray(0, present),
    startTimes: undefined,
    rowTimes: group.times,
  };
}

/** A change of the start time holds from its row on. */
function withStarts(piece: FloatPiece, changes: readonly LooseRecord[]): FloatPiece {
  const startTimes = new Float64Array(piece.times.length);
  let next = 0;
  let current = 0;
  for (let i = 0; i < startTimes.length; i++) {
    while (next < changes.length && changes[next]!.timeMs <= piece.times[i]!)
      current = changes[next++]!.startMs;
    startTimes[i] = current;
  }
  return { ...piece, startTimes };
}

function loosePiece(records: readonly LooseRecord[]): FloatPiece {
  const words = new Uint32Array(records.length * 2);
  for (let i = 0; i < records.length; i++) {
    words[2 * i] = records[i]!.low;
    words[2 * i + 1] = records[i]!.high;
  }
  return {
    times: Float64Array.from(records, (record) => record.timeMs),
    values: new Float64Array(words.buffer),
    startTimes: startColumn(records),
    rowTimes: undefined,
  };
}

function startColumn(records: readonly LooseRecord[]): Float64Array | undefined {
  if (records.every((record) => record.startMs === 0)) return undefined;
  return Float64Array.from(records, (record) => record.startMs);
}
