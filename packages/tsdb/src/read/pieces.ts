/**
 * A series comes in pieces: from sealed blocks, from generations of the head, from its late samples. Here
 * they become one pair of columns.
 */
import { wordsOf, type Histogram, type HistogramColumn, type TimeRange } from "@binnacle/model";

/** Samples of one series from one place, times strictly ascending. */
export interface FloatPiece {
  /** The same object for series of one group that have a sample in each of its rows. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly startTimes: Float64Array | undefined;
  /**
   * Times of all rows of the group it comes from, in the range; undefined where the series brought its own.
   */
  readonly rowTimes: Float64Array | undefined;
}

export interface SeriesPieces {
  readonly floats: FloatPiece[];
  readonly histograms: HistogramColumn[];
}

/**
 * Joins arrays of times so that equal joins give the same object: series of a group go on sharing their
 * times.
 */
export class TimesJoiner {
  readonly #joins = new Map<Float64Array, Map<Float64Array, Float64Array>>();
  /** Bytes of the arrays made here. */
  bytes = 0;

  join(a: Float64Array, b: Float64Array): Float64Array {
    let byNext = this.#joins.get(a);
    if (byNext === undefined) this.#joins.set(a, (byNext = new Map()));
    let joined = byNext.get(b);
    if (joined === undefined) {
      joined = new Float64Array(a.length + b.length);
      joined.set(a);
      joined.set(b, a.length);
      this.bytes += joined.byteLength;
      byNext.set(b, joined);
    }
    return joined;
  }
}

/**
 * One piece of many, given oldest source first. Where two have a sample at one time the older source's
 * stands: the later one was a repeat that could not be seen as one when it came.
 */
export function mergeFloats(pieces: FloatPiece[], joiner: TimesJoiner): FloatPiece | undefined {
  const filled = pieces.filter((piece) => piece.times.length > 0);
  if (filled.length <= 1) return filled[0];
  const ordered = [...filled].sort((a, b) => a.times[0]! - b.times[0]!);
  const isDisjoint = ordered.every((piece, i) => i === 0 || ordered[i - 1]!.times.at(-1) < piece.times[0]!);
  return isDisjoint ? concatenate(ordered, joiner) : interleave(filled);
}

function concatenate(pieces: readonly FloatPiece[], joiner: TimesJoiner): FloatPiece {
  let count = 0;
  for (const piece of pieces) count += piece.times.length;
  const values = new Float64Array(count);
  const hasStarts = pieces.some((piece) => piece.startTimes !== undefined);
  const startTimes = hasStarts ? new Float64Array(count) : undefined;
  let times = pieces[0]!.times;
  let rowTimes = pieces[0]!.rowTimes;
  let at = 0;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!;
    values.set(piece.values, at);
    if (startTimes !== undefined && piece.startTimes !== undefined) startTimes.set(piece.startTimes, at);
    at += piece.times.length;
    if (i === 0) continue;
    times = joiner.join(times, piece.times);
    if (rowTimes === undefined || piece.rowTimes === undefined) rowTimes = undefined;
    else if (rowTimes.at(-1) < piece.rowTimes[0]!) rowTimes = joiner.join(rowTimes, piece.rowTimes);
    else rowTimes = undefined;
  }
  return { times, values, startTimes, rowTimes };
}

function interleave(pieces: readonly FloatPiece[]): FloatPiece {
  const order = timeOrder(pieces.map((piece) => piece.times));
  const times = new Float64Array(order.length);
  const words = new Uint32Array(order.length * 2);
  const hasStarts = pieces.some((piece) => piece.startTimes !== undefined);
  const startTimes = hasStarts ? new Float64Array(order.length) : undefined;
  const sources = pieces.map((piece) => wordsOf(piece.values));
  for (let i = 0; i < order.length; i++) {
    const { piece, index } = order[i]!;
    times[i] = pieces[piece]!.times[index]!;
    words[2 * i] = sources[piece]![2 * index]!;
    words[2 * i + 1] = sources[piece]![2 * index + 1]!;
    if (startTimes !== undefined) startTimes[i] = pieces[piece]!.startTimes?.[index] ?? 0;
  }
  return { times, values: new Float64Array(words.buffer), startTimes, rowTimes: widestRows(pieces) };
}

/** Late samples mostly fill gaps of rows: then the rows' times still serve. Whoever uses them checks. */
function widestRows(pieces: readonly FloatPiece[]): Float64Array | undefined {
  let widest: Float64Array | undefined;
  for (const { rowTimes } of pieces) {
    if (rowTimes !== undefined && rowTimes.length > (widest?.length ?? 0)) widest = rowTimes;
  }
  return widest;
}

export function mergeHistograms(pieces: readonly HistogramColumn[]): HistogramColumn | undefined {
  const filled = pieces.filter((piece) => piece.times.length > 0);
  if (filled.length <= 1) return filled[0];
  const order = timeOrder(filled.map((piece) => piece.times));
  const hasStarts = filled.some((piece) => piece.startTimes !== undefined);
  const times = new Float64Array(order.length);
  const startTimes = hasStarts ? new Float64Array(order.length) : undefined;
  const values: Histogram[] = [];
  for (let i = 0; i < order.length; i++) {
    const { piece, index } = order[i]!;
    times[i] = filled[piece]!.times[index]!;
    values.push(filled[piece]!.values[index]!);
    if (startTimes !== undefined) startTimes[i] = filled[piece]!.startTimes?.[index] ?? 0;
  }
  return { times, values, startTimes };
}

/** Where the samples stand, by time, each time once; of equals the one of the earliest piece. */
function timeOrder(columns: readonly Float64Array[]): { piece: number; index: number }[] {
  const order: { piece: number; index: number; timeMs: number }[] = [];
  for (let piece = 0; piece < columns.length; piece++) {
    const times = columns[piece]!;
    for (let index = 0; index < times.length; index++) order.push({ piece, index, timeMs: times[index]! });
  }
  order.sort((a, b) => a.timeMs - b.timeMs || a.piece - b.piece);
  return order.filter((entry, i) => i === 0 || order[i - 1]!.timeMs !== entry.timeMs);
}

/** Index of the first time that is at least `timeMs`. */
export function lowerBound(times: Float64Array, timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function overlaps(a: TimeRange, minTimeMs: number, maxTimeMs: number): boolean {
  return a.startMs <= maxTimeMs && minTimeMs <= a.endMs;
}
