/** Cuts a line where searched words begin and end. */
import type { Highlight } from "./log-query.ts";

export interface TextPiece {
  readonly text: string;
  readonly isMarked: boolean;
}

/** Marks in one line; a line of nothing but hits is not made readable by a thousand elements. */
const MARKS_MAX = 200;

export function markedPieces(line: string, highlights: readonly Highlight[]): readonly TextPiece[] {
  const spans: [start: number, end: number][] = [];
  const lower = highlights.some(({ isCaseSensitive }) => !isCaseSensitive) ? line.toLowerCase() : line;
  for (const { text, isCaseSensitive } of highlights) {
    // Lower case may change a text's length; then its places are not the line's.
    const haystack = isCaseSensitive || lower.length !== line.length ? line : lower;
    const needle = haystack === line ? text : text.toLowerCase();
    for (
      let at = haystack.indexOf(needle);
      at !== -1 && spans.length < MARKS_MAX;
      at = haystack.indexOf(needle, at + needle.length)
    ) {
      spans.push([at, at + needle.length]);
    }
  }
  if (spans.length === 0) return [{ text: line, isMarked: false }];
  spans.sort((a, b) => a[0] - b[0]);
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const [from, to] of spans) {
    if (to <= end) continue;
    if (from > end) pieces.push({ text: line.slice(end, from), isMarked: false });
    pieces.push({ text: line.slice(Math.max(from, end), to), isMarked: true });
    end = to;
  }
  if (end < line.length) pieces.push({ text: line.slice(end), isMarked: false });
  return pieces;
}
