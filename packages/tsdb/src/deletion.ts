/**
 * What is deleted, and of which samples. A deletion hides samples when they are read, and takes them away for
 * good when a block is rewritten.
 */
import { wordsOf, type HistogramColumn, type Labels, type Matcher, type TimeRange } from "@binnacle/model";
import { compileMatcher, type MatcherPredicate } from "@binnacle/re2";
import { overlaps, type FloatPiece, type SeriesPieces } from "./read/pieces.ts";

/** Both ends of its range are deleted. */
export interface Deletion extends TimeRange {
  /** Lists of matchers; a series is meant if it satisfies all of one list. */
  readonly selectors: readonly (readonly Matcher[])[];
  /** Newest generation of the head it is about: what arrives later at such a time is kept. */
  readonly through: number;
}

/** A deletion for whatever arrives. */
export const THROUGH_ALWAYS: number = Number.MAX_SAFE_INTEGER;

const NOTHING: readonly TimeRange[] = [];

interface CompiledDeletion {
  readonly deletion: Deletion;
  readonly selectors: readonly (readonly MatcherPredicate[])[];
}

/** Deletions, ready to be asked series by series. */
export class DeletionFilter {
  readonly #deletions: readonly CompiledDeletion[];

  /** Throws BAD_REGEXP. */
  constructor(deletions: readonly Deletion[]) {
    this.#deletions = deletions.map((deletion) => ({
      deletion,
      selectors: deletion.selectors.map((matchers) => matchers.map(compileMatcher)),
    }));
  }

  get isEmpty(): boolean {
    return this.#deletions.length === 0;
  }

  /**
   * What of a series is deleted in one source: a generation of the head or a block, whose id is that of its
   * newest generation. Ascending, apart from each other.
   */
  rangesOf(labels: Labels, source: number): readonly TimeRange[] {
    if (this.#deletions.length === 0) return NOTHING;
    const found: TimeRange[] = [];
    for (const { deletion, selectors } of this.#deletions) {
      if (source <= deletion.through && matchesOne(labels, selectors)) found.push(deletion);
    }
    return found.length <= 1 ? found : joined(found);
  }

  isDeleted(labels: Labels, source: number, timeMs: number): boolean {
    return this.#deletions.some(
      ({ deletion, selectors }) =>
        source <= deletion.through &&
        timeMs >= deletion.startMs &&
        timeMs <= deletion.endMs &&
        matchesOne(labels, selectors),
    );
  }
}

/** Whether a series satisfies all matchers of one of the lists. Throws BAD_REGEXP before it is asked. */
export function seriesTest(selectors: readonly (readonly Matcher[])[]): (labels: Labels) => boolean {
  const compiled = selectors.map((matchers) => matchers.map(compileMatcher));
  return (labels) => matchesOne(labels, compiled);
}

/** Whether all times from `minTimeMs` to `maxTimeMs` lie in one of the ranges. */
export function coversAll(ranges: readonly TimeRange[], minTimeMs: number, maxTimeMs: number): boolean {
  return ranges.some(({ startMs, endMs }) => startMs <= minTimeMs && maxTimeMs <= endMs);
}

/** The pieces without what lies in the ranges; the same object where nothing does. */
export function withoutRanges(pieces: SeriesPieces, ranges: readonly TimeRange[]): SeriesPieces {
  if (ranges.length === 0) return pieces;
  return {
    floats: pieces.floats.map((piece) => cutFloats(piece, ranges)),
    histograms: pieces.histograms.map((column) => cutHistograms(column, ranges)),
  };
}

function cutFloats(piece: FloatPiece, ranges: readonly TimeRange[]): FloatPiece {
  const kept = keptOf(piece.times, ranges);
  if (kept === undefined) return piece;
  const { times, values, startTimes, rowTimes } = piece;
  const words = wordsOf(values);
  const target = new Uint32Array(kept.length * 2);
  for (let i = 0; i < kept.length; i++) {
    target[2 * i] = words[2 * kept[i]!]!;
    target[2 * i + 1] = words[2 * kept[i]! + 1]!;
  }
  return {
    times: Float64Array.from(kept, (i) => times[i]!),
    values: new Float64Array(target.buffer),
    startTimes: startTimes && Float64Array.from(kept, (i) => startTimes[i]!),
    rowTimes,
  };
}

function cutHistograms(column: HistogramColumn, ranges: readonly TimeRange[]): HistogramColumn {
  const kept = keptOf(column.times, ranges);
  if (kept === undefined) return column;
  const { times, values, startTimes } = column;
  return {
    times: Float64Array.from(kept, (i) => times[i]!),
    values: kept.map((i) => values[i]!),
    startTimes: startTimes && Float64Array.from(kept, (i) => startTimes[i]!),
  };
}

/** Indexes of times outside of the ranges; undefined when that is all of them. */
function keptOf(times: Float64Array, ranges: readonly TimeRange[]): number[] | undefined {
  const first = times[0]!;
  const last = times.at(-1);
  if (!ranges.some((range) => overlaps(range, first, last))) return undefined;
  const kept: number[] = [];
  let next = 0;
  for (let i = 0; i < times.length; i++) {
    while (next < ranges.length && ranges[next]!.endMs < times[i]!) next++;
    if (next === ranges.length || times[i]! < ranges[next]!.startMs) kept.push(i);
  }
  return kept.length === times.length ? undefined : kept;
}

function matchesOne(labels: Labels, selectors: readonly (readonly MatcherPredicate[])[]): boolean {
  return selectors.some((predicates) =>
    predicates.every((predicate) => predicate.test(labels.get(predicate.matcher.name))),
  );
}

/** Ascending, with those that touch made one. */
function joined(ranges: readonly TimeRange[]): TimeRange[] {
  const sorted = [...ranges].sort((a, b) => a.startMs - b.startMs);
  const result: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of sorted) {
    const last = result.at(-1);
    if (last !== undefined && startMs <= last.endMs + 1) last.endMs = Math.max(last.endMs, endMs);
    else result.push({ startMs, endMs });
  }
  return result;
}
