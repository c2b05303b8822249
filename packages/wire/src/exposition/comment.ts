/** Comment lines: HELP, TYPE and UNIT, and OpenMetrics' EOF. */
import { isUtf8 } from "node:buffer";
import type { MetricType } from "@binnacle/model";
import type { Dialect } from "./content-type.ts";
import { isNameByte, isNameStart, type LineCursor, QUOTE, SPACE, TAB } from "./cursor.ts";
import { unescapeText } from "./series.ts";

/** What a HELP, TYPE or UNIT line says of a metric. */
export type Comment =
  | { readonly kind: "help"; readonly metric: string; readonly text: string }
  | { readonly kind: "type"; readonly metric: string; readonly type: MetricType }
  | { readonly kind: "unit"; readonly metric: string; readonly unit: string };

const KEYWORDS = new Set(["HELP", "TYPE", "UNIT"]);
const TEXT_TYPES: ReadonlyMap<string, MetricType> = new Map([
  ["counter", "counter"],
  ["gauge", "gauge"],
  ["histogram", "histogram"],
  ["summary", "summary"],
  ["untyped", "unknown"],
]);
const OPENMETRICS_TYPES: ReadonlyMap<string, MetricType> = new Map([
  ["counter", "counter"],
  ["gauge", "gauge"],
  ["histogram", "histogram"],
  ["gaugehistogram", "gaugehistogram"],
  ["summary", "summary"],
  ["info", "info"],
  ["stateset", "stateset"],
  ["unknown", "unknown"],
]);

/**
 * Reads the line whose # is at the cursor. "end" is OpenMetrics' EOF; undefined is a comment that says
 * nothing, which the text format has and OpenMetrics has not.
 */
export function readComment(cursor: LineCursor, dialect: Dialect): Comment | "end" | undefined {
  const from = cursor.at++;
  cursor.skipBlanks();
  const keywordAt = cursor.at;
  cursor.skipWhile((byte) => byte !== SPACE && byte !== TAB);
  const keyword = keywordAt > from + 1 ? cursor.slice(keywordAt, cursor.at) : "";
  const isWhole = cursor.at === cursor.end;
  if (dialect === "openmetrics") {
    if (keyword === "EOF" && isWhole) return "end";
    if (!KEYWORDS.has(keyword)) {
      cursor.at = from;
      cursor.fail("# HELP, # TYPE, # UNIT or # EOF");
    }
  } else if (isWhole || (keyword !== "HELP" && keyword !== "TYPE")) {
    return undefined;
  }

  cursor.skipBlanks();
  const metric = readMetricName(cursor);
  if (cursor.at < cursor.end) cursor.at++;
  if (keyword === "HELP") return { kind: "help", metric, text: readHelp(cursor) };
  cursor.skipBlanks();
  return keyword === "TYPE"
    ? { kind: "type", metric, type: readType(cursor, dialect) }
    : { kind: "unit", metric, unit: readUnit(cursor, metric) };
}

function readMetricName(cursor: LineCursor): string {
  const from = cursor.at;
  if (cursor.peek() === QUOTE) {
    const closing = cursor.skipQuoted();
    return unescapeText(cursor.slice(from + 1, closing));
  }
  if (!isNameStart(cursor.peek())) cursor.fail("a metric name");
  cursor.skipWhile(isNameByte);
  const isWhole = cursor.at === cursor.end || cursor.peek() === SPACE || cursor.peek() === TAB;
  if (!isWhole) cursor.fail("a space behind the metric name");
  return cursor.slice(from, cursor.at);
}

function readHelp(cursor: LineCursor): string {
  if (!isUtf8(cursor.text.subarray(cursor.at, cursor.end))) cursor.failWith("a help text is not valid UTF-8");
  return unescapeText(cursor.slice(cursor.at, cursor.end));
}

function readType(cursor: LineCursor, dialect: Dialect): MetricType {
  const types = dialect === "text" ? TEXT_TYPES : OPENMETRICS_TYPES;
  const type = types.get(cursor.slice(cursor.at, cursor.end).trimEnd());
  return type ?? cursor.fail(`a metric type (${[...types.keys()].join(", ")})`);
}

function readUnit(cursor: LineCursor, metric: string): string {
  const unit = cursor.slice(cursor.at, cursor.end);
  if (unit !== "" && !metric.endsWith(`_${unit}`)) {
    cursor.failWith(`unit ${JSON.stringify(unit)} is not a suffix of metric ${JSON.stringify(metric)}`);
  }
  return unit;
}
