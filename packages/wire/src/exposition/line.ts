/**
 * One line of an exposition text, in either dialect.
 *
 * Prometheus's text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
 * OpenMetrics 1.0: https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
import type { Labels } from "@binnacle/model";
import { readComment, type Comment } from "./comment.ts";
import type { Dialect } from "./content-type.ts";
import { HASH, isDigit, LINE_FEED, type LineCursor, SPACE, TAB } from "./cursor.ts";
import { parseFloatBytes } from "./float.ts";
import { readLabelSet, skipSeries } from "./series.ts";

export interface LineExemplar {
  readonly labels: Labels;
  readonly value: number;
  /** Unix ms, or NaN where the text gives none. */
  readonly timeMs: number;
}

export type LineKind = "sample" | "comment" | "nothing" | "end";

/** What a line says. One object serves all lines of a text; a field holds only where the kind has it. */
export class Line {
  kind: LineKind = "nothing";
  /** Of a sample: its series is text[seriesStart, seriesEnd), and its value begins at valueStart. */
  seriesStart = 0;
  seriesEnd = 0;
  valueStart = 0;
  value = 0;
  /** Unix ms, or NaN where the text gives none. */
  timeMs = Number.NaN;
  exemplar: LineExemplar | undefined;
  comment: Comment | undefined;
}

/** Reads the line at the cursor. Throws BAD_EXPOSITION. */
export function readLine(cursor: LineCursor, dialect: Dialect, line: Line): void {
  if (dialect === "text") cursor.skipBlanks();
  line.exemplar = undefined;
  line.comment = undefined;
  line.timeMs = Number.NaN;
  if (cursor.at === cursor.end) {
    if (dialect === "openmetrics") cursor.failWith("OpenMetrics has no empty lines");
    line.kind = "nothing";
  } else if (cursor.peek() === HASH) {
    const comment = readComment(cursor, dialect);
    if (comment === "end") line.kind = "end";
    else if (comment === undefined) line.kind = "nothing";
    else {
      line.kind = "comment";
      line.comment = comment;
    }
  } else {
    line.kind = "sample";
    if (dialect === "text") readTextSample(cursor, line);
    else readOpenMetricsSample(cursor, line);
  }
}

function readTextSample(cursor: LineCursor, line: Line): void {
  line.seriesStart = cursor.at;
  skipSeries(cursor);
  line.seriesEnd = cursor.at;
  cursor.skipBlanks();
  line.valueStart = cursor.at;
  line.value = readNumber(cursor, "a value");
  cursor.skipBlanks();
  if (cursor.at === cursor.end) return;
  line.timeMs = readMilliseconds(cursor);
  cursor.skipBlanks();
  if (cursor.at < cursor.end) cursor.fail("the end of the line");
}

/** Whole milliseconds, as the text format has them. */
function readMilliseconds(cursor: LineCursor): number {
  const from = cursor.at;
  if (cursor.peek() === 0x2d) cursor.at++;
  const hasDigits = cursor.skipWhile(isDigit);
  const ms = Number(cursor.slice(from, cursor.at));
  if (!hasDigits || !Number.isSafeInteger(ms)) {
    cursor.at = from;
    cursor.fail("a timestamp in whole milliseconds");
  }
  return ms;
}

function readOpenMetricsSample(cursor: LineCursor, line: Line): void {
  line.seriesStart = cursor.at;
  skipSeries(cursor);
  line.seriesEnd = cursor.at;
  skipSpace(cursor);
  line.valueStart = cursor.at;
  line.value = readNumber(cursor, "a value");
  if (cursor.at === cursor.end) return;
  skipSpace(cursor);
  if (cursor.peek() !== HASH) {
    line.timeMs = readSeconds(cursor);
    if (cursor.at === cursor.end) return;
    skipSpace(cursor);
    if (cursor.peek() !== HASH) cursor.fail("an exemplar or the end of the line");
  }
  cursor.at++;
  skipSpace(cursor);
  const labels = readLabelSet(cursor);
  skipSpace(cursor);
  const value = readNumber(cursor, "an exemplar's value");
  let timeMs = Number.NaN;
  if (cursor.at < cursor.end) {
    skipSpace(cursor);
    timeMs = readSeconds(cursor);
  }
  if (cursor.at < cursor.end) cursor.fail("the end of the line");
  line.exemplar = { labels, value, timeMs };
}

function skipSpace(cursor: LineCursor): void {
  if (cursor.peek() !== SPACE) cursor.fail("a space");
  cursor.at++;
}

/** A moment in seconds, as OpenMetrics has them; answers milliseconds, cut towards zero. */
function readSeconds(cursor: LineCursor): number {
  const from = cursor.at;
  const ms = Math.trunc(readNumber(cursor, "a timestamp in seconds") * 1000);
  if (!Number.isSafeInteger(ms)) {
    cursor.at = from;
    cursor.fail("a timestamp in seconds");
  }
  return ms;
}

function readNumber(cursor: LineCursor, what: string): number {
  const from = cursor.at;
  cursor.skipWhile(isNumberByte);
  const value = parseFloatBytes(cursor.text, from, cursor.at);
  if (value === undefined) {
    cursor.at = from;
    cursor.fail(what);
  }
  return value;
}

function isNumberByte(byte: number): boolean {
  return byte !== SPACE && byte !== TAB && byte !== LINE_FEED;
}
