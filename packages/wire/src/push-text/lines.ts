/**
 * Walks the lines of a pushed text: a bad line is named with its number and left out, the others are kept.
 */
import { isUtf8 } from "node:buffer";
import { BinnacleError, type Labels, Labels as LabelSet, METRIC_NAME } from "@binnacle/model";
import { pairsProblem } from "../label-checks.ts";
import { PUSH_LINE_BYTES_MAX, PUSH_LINES_MAX } from "../limits.ts";
import type { MetricPushBuilder } from "../push/metric-push.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What a line lacks or has too much of: caught by eachLine, which says where. */
export class LineError extends Error {
  override readonly name = "LineError";
}

/** Throws LIMIT_EXCEEDED past PUSH_LINES_MAX. Empty lines are passed over. */
export function eachLine(body: Uint8Array, push: MetricPushBuilder, take: (line: string) => void): void {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let number = 0;
  for (let start = 0; start < text.length;) {
    const lineFeed = text.indexOf(LINE_FEED, start);
    const next = lineFeed < 0 ? text.length : lineFeed + 1;
    let end = lineFeed < 0 ? text.length : lineFeed;
    if (end > start && text[end - 1] === CARRIAGE_RETURN) end--;
    if (++number > PUSH_LINES_MAX) {
      throw new BinnacleError(
        "LIMIT_EXCEEDED",
        `over ${PUSH_LINES_MAX} lines (PUSH_LINES_MAX): send them in parts`,
      );
    }
    try {
      if (end - start > PUSH_LINE_BYTES_MAX) {
        throw new LineError(
          `${end - start} bytes are over the limit of ${PUSH_LINE_BYTES_MAX} (PUSH_LINE_BYTES_MAX)`,
        );
      }
      const line = text.subarray(start, end);
      if (!isUtf8(line)) throw new LineError("it is not valid UTF-8");
      if (end > start) take(line.toString("utf8"));
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      push.refuse(`line ${number}: ${error.message}`);
    }
    start = next;
  }
}

/** The labels of a series. Throws LineError where they are not well formed. */
export function seriesLabels(entries: readonly (readonly [string, string])[]): Labels {
  const labels = LabelSet.from(entries);
  const problem = pairsProblem(labels.pairs);
  if (problem !== undefined) throw new LineError(problem);
  if (!labels.has(METRIC_NAME)) throw new LineError("it names no metric");
  return labels;
}

/** A text as an error message quotes it. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
