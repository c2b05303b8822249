/** The identity of a series as its line spells it: `name{label="value", …}` or `{"a name in quotes", …}`. */
import { isUtf8 } from "node:buffer";
import { Labels, METRIC_NAME } from "@binnacle/model";
import { LABEL_NAME_BYTES_MAX, LABEL_VALUE_BYTES_MAX, LABELS_MAX } from "../limits.ts";
import {
  BACKSLASH,
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  EQUALS,
  isLabelNameByte,
  isLabelNameStart,
  isNameByte,
  isNameStart,
  type LineCursor,
  QUOTE,
} from "./cursor.ts";

/**
 * Moves behind a series without reading its labels, which is enough to know it again by its bytes. What is
 * between the braces is only looked at for quotes.
 */
export function skipSeries(cursor: LineCursor): void {
  const from = cursor.at;
  const isNamed = isNameStart(cursor.peek());
  if (isNamed) cursor.skipWhile(isNameByte);
  const nameEnd = cursor.at;
  cursor.skipBlanks();
  if (cursor.peek() !== BRACE_OPEN) {
    if (!isNamed) cursor.fail("a metric name, { or #");
    cursor.at = nameEnd;
    return;
  }
  const { text, end } = cursor;
  let at = cursor.at + 1;
  let isQuoted = false;
  for (; at < end; at++) {
    const byte = text[at]!;
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (isQuoted) {
      if (byte === BACKSLASH) at++;
    } else if (byte === BRACE_CLOSE) {
      cursor.at = at + 1;
      return;
    }
  }
  // Nothing closes the braces: reading the labels tells what is wrong between them.
  cursor.at = from;
  readSeries(cursor);
}

/** The labels of the series at the cursor, which is moved behind it. */
export function readSeries(cursor: LineCursor): Labels {
  const pairs: [string, string][] = [];
  if (isNameStart(cursor.peek())) {
    const from = cursor.at;
    cursor.skipWhile(isNameByte);
    checkName(cursor, from, cursor.at);
    pairs.push([METRIC_NAME, cursor.slice(from, cursor.at)]);
  }
  const nameEnd = cursor.at;
  cursor.skipBlanks();
  if (cursor.peek() === BRACE_OPEN) readLabelPairs(cursor, pairs);
  else cursor.at = nameEnd;

  const seen = new Set<string>();
  for (const [name] of pairs) {
    if (seen.has(name)) cursor.failWith(`label name ${JSON.stringify(name)} is not unique`);
    seen.add(name);
  }
  const labels = Labels.from(pairs);
  if (labels.get(METRIC_NAME) === "") cursor.failWith("a series has no metric name");
  return labels;
}

/** Labels in braces, of an exemplar: no metric name is wanted. */
export function readLabelSet(cursor: LineCursor): Labels {
  const pairs: [string, string][] = [];
  if (cursor.peek() !== BRACE_OPEN) cursor.fail("{");
  const from = cursor.at;
  readLabelPairs(cursor, pairs);
  if (pairs.some(([name]) => name === METRIC_NAME)) {
    cursor.at = from;
    cursor.failWith("an exemplar has a metric name");
  }
  return Labels.from(pairs);
}

function readLabelPairs(cursor: LineCursor, pairs: [string, string][]): void {
  cursor.at++;
  cursor.skipBlanks();
  while (cursor.peek() !== BRACE_CLOSE) {
    if (pairs.length >= LABELS_MAX) cursor.failWith(`more than ${LABELS_MAX} labels (LABELS_MAX)`);
    const isQuoted = cursor.peek() === QUOTE;
    const name = isQuoted ? readQuotedName(cursor) : readPlainName(cursor);
    cursor.skipBlanks();
    if (cursor.peek() === EQUALS) {
      cursor.at++;
      cursor.skipBlanks();
      pairs.push([name, readValue(cursor)]);
    } else {
      // A text in quotes that is given no value is the metric's name.
      if (!isQuoted) cursor.fail("=");
      pairs.push([METRIC_NAME, name]);
    }
    cursor.skipBlanks();
    if (cursor.peek() === COMMA) {
      cursor.at++;
      cursor.skipBlanks();
    } else if (cursor.peek() !== BRACE_CLOSE) {
      cursor.fail(", or }");
    }
  }
  cursor.at++;
}

function readPlainName(cursor: LineCursor): string {
  const from = cursor.at;
  if (!isLabelNameStart(cursor.peek())) cursor.fail("a label name");
  cursor.skipWhile(isLabelNameByte);
  checkName(cursor, from, cursor.at);
  return cursor.slice(from, cursor.at);
}

function readQuotedName(cursor: LineCursor): string {
  const from = cursor.at;
  const closing = cursor.skipQuoted();
  checkName(cursor, from + 1, closing);
  return readText(cursor, from + 1, closing, "a name");
}

function checkName(cursor: LineCursor, from: number, to: number): void {
  if (to === from) {
    cursor.at = from;
    cursor.failWith("a name is empty");
  }
  if (to - from > LABEL_NAME_BYTES_MAX) {
    cursor.at = from;
    cursor.failWith(`a name of ${to - from} bytes is over the limit of ${LABEL_NAME_BYTES_MAX}`);
  }
}

function readValue(cursor: LineCursor): string {
  if (cursor.peek() !== QUOTE) cursor.fail("a label value in quotes");
  const from = cursor.at + 1;
  const closing = cursor.skipQuoted();
  if (closing - from > LABEL_VALUE_BYTES_MAX) {
    cursor.at = from;
    cursor.failWith(`a label value of ${closing - from} bytes is over the limit of ${LABEL_VALUE_BYTES_MAX}`);
  }
  return readText(cursor, from, closing, "a label value");
}

function readText(cursor: LineCursor, from: number, to: number, what: string): string {
  if (!isUtf8(cursor.text.subarray(from, to))) {
    cursor.at = from;
    cursor.failWith(`${what} is not valid UTF-8`);
  }
  return unescapeText(cursor.slice(from, to));
}

/** `\\`, `\"` and `\n`; a backslash before anything else stands for itself. */
export function unescapeText(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\(["\\n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}
