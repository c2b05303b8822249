/** Series in a script: `metric{label="x"} 1+2x3 _ stale {{schema:1 sum:2}}`. */
import { CUSTOM_BUCKETS_SCHEMA, Labels, tryParseDuration, type CounterResetHint } from "@binnacle/model";
import { toModel, type Buckets, type NativeHistogram } from "../engine/histogram/native-histogram.ts";
import { addHistograms, subtractHistograms } from "../engine/histogram/arithmetic.ts";
import { parse, parseNumber } from "../parser/index.ts";
import { ScriptError, type SequenceValue } from "./script.ts";

/** The label set and what stands after it. */
export function splitSeries(text: string, line: number): { readonly labels: Labels; readonly rest: string } {
  const end = endOfSeries(text);
  const head = text.slice(0, end).trim();
  return { labels: parseLabels(head, line), rest: text.slice(end) };
}

function endOfSeries(text: string): number {
  let isInBraces = false;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text[i]!;
    if (quote !== "") {
      if (unit === "\\") i++;
      else if (unit === quote) quote = "";
    } else if (isInBraces && (unit === '"' || unit === "'" || unit === "`")) quote = unit;
    else if (unit === "{") isInBraces = true;
    else if (unit === "}") return i + 1;
    else if (!isInBraces && /\s/.test(unit)) {
      const next = text.slice(i).trimStart();
      // A space may stand between name and braces, but two braces open a histogram.
      if (!next.startsWith("{") || next.startsWith("{{")) return i;
    } else if (!isInBraces && text.startsWith("@st", i)) return i;
  }
  return text.length;
}

/** `{}` is a legal label set here, though no legal selector. */
function parseLabels(head: string, line: number): Labels {
  if (/^\{\s*\}$/.test(head)) return Labels.EMPTY;
  let expr;
  try {
    expr = parse(head, { matchesEmpty: () => false });
  } catch (error) {
    throw new ScriptError(line, `cannot read the series ${head}: ${String(error)}`);
  }
  if (expr.kind !== "selector") throw new ScriptError(line, `${head} is no series`);
  return Labels.from(
    expr.matchers.map(({ name, op, value }) => {
      if (op !== "=") throw new ScriptError(line, `${name}${op} is no label of a series`);
      return [name, value] as const;
    }),
  );
}

/** The values after a series, one an interval. */
export function parseValues(text: string, line: number): readonly SequenceValue[] {
  const values: SequenceValue[] = [];
  for (const item of splitItems(text, line)) values.push(...expandItem(item, line));
  return values;
}

/** Splits at blanks outside `{{ }}`. */
function splitItems(text: string, line: number): readonly string[] {
  const items: string[] = [];
  let item = "";
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith("{{", i) || text.startsWith("}}", i)) {
      depth += text[i] === "{" ? 1 : -1;
      item += text.slice(i, i + 2);
      i++;
    } else if (/\s/.test(text[i]!) && depth === 0) {
      if (item !== "") items.push(item);
      item = "";
    } else item += text[i]!;
  }
  if (depth !== 0) throw new ScriptError(line, `a histogram is not closed: ${text}`);
  if (item !== "") items.push(item);
  return items;
}

function expandItem(item: string, line: number): readonly SequenceValue[] {
  const bad = (): ScriptError => new ScriptError(line, `cannot read the value ${item}`);
  if (item.startsWith("{{")) return expandHistograms(item, line);
  const gap = /^_(?:x(\d+))?$/.exec(item);
  if (gap !== null) return Array.from({ length: Number(gap[1] ?? 1) }, () => undefined);
  const stale = /^stale(?:x(\d+))?$/.exec(item);
  if (stale !== null) return Array.from({ length: Number(stale[1] ?? 0) + 1 }, () => "stale" as const);
  const series = /^(.+?)(?:([+-])([^+-]+?|[^+-]*?e[+-]?\d+))?x(\d+)$/i.exec(item);
  // `0x5` is a repeated zero here, no hexadecimal number.
  const plain = /^[+-]?0x/i.test(item) ? undefined : parseNumber(item);
  if (plain !== undefined) return [plain];
  if (series === null) throw bad();
  const first = parseNumber(series[1]!);
  const increment = series[3] === undefined ? 0 : parseNumber(series[3]);
  if (first === undefined || increment === undefined) throw bad();
  const step = series[2] === "-" ? -increment : increment;
  // Added up one by one, since a product would round otherwise.
  const values: number[] = [first];
  for (let i = 0; i < Number(series[4]); i++)
    values.push(series[3] === undefined ? first : values.at(-1) + step);
  return values;
}

function expandHistograms(item: string, line: number): readonly SequenceValue[] {
  const match = /^\{\{(.*?)\}\}(?:([+-])\{\{(.*?)\}\})?(?:x(\d+))?$/s.exec(item);
  if (match === null || (match[2] !== undefined && match[4] === undefined)) {
    throw new ScriptError(line, `cannot read the histogram ${item}`);
  }
  const base = parseHistogram(match[1]!, line);
  const count = Number(match[4] ?? 0);
  if (match[2] === undefined) return Array.from({ length: count + 1 }, () => toModel(base));
  const increment = parseHistogram(match[3]!, line);
  if (base.schema > increment.schema) {
    throw new ScriptError(line, `cannot merge from schema ${increment.schema} to ${base.schema}`);
  }
  const combine = match[2] === "+" ? addHistograms : subtractHistograms;
  const values: NativeHistogram[] = [base];
  for (let i = 0; i < count; i++) {
    const next = combine(values.at(-1), increment);
    if (next === undefined) throw new ScriptError(line, `histograms that do not mix: ${item}`);
    values.push(next.histogram);
  }
  return values.map(toModel);
}

/** Consecutive buckets from an index on. */
function bucketsFrom(counts: readonly number[], offset: number): Buckets {
  return { indexes: counts.map((_, i) => offset + i), counts };
}

const HINTS: ReadonlySet<CounterResetHint> = new Set(["unknown", "reset", "not_reset", "gauge"]);

/** `schema:1 sum:2 buckets:[1 2]`. */
function parseHistogram(text: string, line: number): NativeHistogram {
  const fields = new Map<string, string>();
  const pattern = /([a-z_]+):(\[[^\]]*\]|[^\s]+)/g;
  for (const match of text.matchAll(pattern)) {
    if (fields.has(match[1]!)) throw new ScriptError(line, `duplicate key ${match[1]} in a histogram`);
    fields.set(match[1]!, match[2]!);
  }
  if (text.replaceAll(pattern, "").trim() !== "")
    throw new ScriptError(line, `cannot read the histogram ${text}`);
  const number = (key: string): number => {
    const value = parseNumber(fields.get(key) ?? "0");
    if (value === undefined) throw new ScriptError(line, `${key} is no number in a histogram`);
    return value;
  };
  const list = (key: string): number[] =>
    (fields.get(key) ?? "[]")
      .slice(1, -1)
      .split(/\s+/)
      .filter((part) => part !== "")
      .map((part) => {
        const value = parseNumber(part);
        if (value === undefined) throw new ScriptError(line, `${part} is no number in a histogram`);
        return value;
      });
  const hint = (fields.get("counter_reset_hint") ?? "unknown") as CounterResetHint;
  if (!HINTS.has(hint)) throw new ScriptError(line, `unknown counter_reset_hint ${hint}`);
  const schema = number("schema");
  return {
    schema,
    hint,
    count: number("count"),
    sum: number("sum"),
    zeroThreshold: number("z_bucket_w"),
    zeroCount: number("z_bucket"),
    positive: bucketsFrom(list("buckets"), number("offset")),
    negative: bucketsFrom(list("n_buckets"), number("n_offset")),
    customBounds: schema === CUSTOM_BUCKETS_SCHEMA ? list("custom_values") : undefined,
  };
}

/** The items of a `@st` line: durations relative to the samples' times. */
export function parseStarts(text: string, line: number): readonly (number | undefined)[] {
  const starts: (number | undefined)[] = [];
  for (const item of text.split(/\s+/).filter((part) => part !== "")) {
    const gap = /^_(?:x(\d+))?$/.exec(item);
    if (gap !== null) {
      for (let i = 0; i < Number(gap[1] ?? 1); i++) starts.push(undefined);
      continue;
    }
    const match = /^([+-]?[0-9a-z]*?[0-9a-wyz])(?:([+-][0-9a-z]*?[0-9a-wyz]))?(?:x(\d+))?$/.exec(item);
    if (match === null) throw new ScriptError(line, `cannot read the start timestamp ${item}`);
    const first = signedDuration(match[1]!, line);
    const step = match[2] === undefined ? 0 : signedDuration(match[2], line);
    for (let i = 0; i <= Number(match[3] ?? 0); i++) starts.push(first + i * step);
  }
  return starts;
}

function signedDuration(text: string, line: number): number {
  const ms = tryParseDuration(text.replace(/^[+-]/, ""));
  if (ms === undefined) throw new ScriptError(line, `cannot read the duration ${text}`);
  return text.startsWith("-") ? -ms : ms;
}
