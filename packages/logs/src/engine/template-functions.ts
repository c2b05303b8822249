/**
 * The functions of line_format and label_format, beside Go's own: Loki's, and those of sprig that Loki takes.
 */
import {
  fn,
  formatTime,
  templateError,
  timeValue,
  variadic,
  type FunctionTable,
  type Value,
} from "@binnacle/gotemplate";
import { BinnacleError } from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import { calculateDecimal, type DecimalOp } from "./decimal.ts";
import { parseGoDuration, parseGoFloat, parseGoSize } from "./quantities.ts";
import { fromJson } from "./template-json.ts";
import { parseTime } from "./template-time.ts";

/** Longest text that repeat, indent and the align functions make, in characters. */
const TEXT_LENGTH_MAX = 1024 * 1024;

const COMPILED_MAX = 100;
const compiled = new Map<string, Regexp>();

/** Patterns are constant in most templates, so they are compiled once. */
function regexp(pattern: string): Regexp {
  let re = compiled.get(pattern);
  if (re === undefined) {
    re = Regexp.compile(pattern);
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    compiled.set(pattern, re);
  }
  return re;
}

const text1 = (call: (text: string) => Value) => fn(["string"], call);
const text2 = (call: (a: string, b: string) => Value) => fn(["string", "string"], call);
const floats = (call: (a: number, b: number) => number) =>
  variadic(["any"], "any", (first, ...rest) => rest.map(toFloat).reduce(call, toFloat(first)));
const decimals = (op: DecimalOp) => floats((a, b) => calculateDecimal(op, a, b));
const ints = (call: (a: bigint, b: bigint) => bigint) =>
  variadic(["any"], "any", (first, ...rest) => rest.map(toInteger).reduce(call, toInteger(first)));

function toFloat(value: Value): number {
  switch (typeof value) {
    case "number":
      return value;
    case "bigint":
      return Number(value);
    case "string":
      return parseGoFloat(value) ?? 0;
    case "boolean":
      return value ? 1 : 0;
    default:
      return 0;
  }
}

function toInteger(value: Value): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "string") return parseGoInteger(value);
  const number = Math.trunc(toFloat(value));
  return Number.isFinite(number) ? BigInt.asIntN(64, BigInt(number)) : 0n;
}

/**
 * As strconv reads it with base 0 after a zero fraction is cut off: 0x1f, 017 (octal); 0 for what is none.
 */
function parseGoInteger(text: string): bigint {
  const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9]\d*)(?:\.0*)?$/.exec(text);
  if (match === null) return 0n;
  const digits = /^0[0-7]+$/.test(match[2]!) ? `0o${match[2]!.slice(1)}` : match[2]!;
  const value = BigInt(digits);
  return BigInt.asIntN(64, match[1] === "-" ? -value : value);
}

/** Go's trims take a set of characters. */
function trimSet(text: string, set: string, where: "left" | "right" | "both"): string {
  const characters = Array.from(text);
  const cut = new Set(set);
  let start = 0;
  let end = characters.length;
  if (where !== "right") while (start < end && cut.has(characters[start]!)) start++;
  if (where !== "left") while (end > start && cut.has(characters[end - 1]!)) end--;
  return characters.slice(start, end).join("");
}

function trimPrefix(text: string, prefix: string): string {
  return prefix !== "" && text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function trimSuffix(text: string, suffix: string): string {
  return suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}

function replace(text: string, from: string, to: string, count: number): string {
  if (count < 0) return text.replaceAll(from, () => to);
  let rest = text;
  let result = "";
  for (let i = 0; i < count; i++) {
    const at = rest.indexOf(from);
    if (at < 0 || from === "") break;
    result += rest.slice(0, at) + to;
    rest = rest.slice(at + from.length);
  }
  return result + rest;
}

function checkLength(length: number): void {
  if (length > TEXT_LENGTH_MAX)
    throw templateError(`a text of ${length} characters is over ${TEXT_LENGTH_MAX}`);
}

function align(width: bigint, text: string, isLeft: boolean): string {
  const characters = Array.from(text);
  const wanted = Number(width);
  if (wanted < 0) return text;
  checkLength(wanted);
  const gap = wanted - characters.length;
  if (gap >= 0) return isLeft ? text + " ".repeat(gap) : " ".repeat(gap) + text;
  return isLeft
    ? characters.slice(0, wanted).join("")
    : characters.slice(-wanted || characters.length).join("");
}

/** Counts bytes, as Go slices strings, and fails where Go would. */
function substr(start: bigint, end: bigint, text: string): string {
  const size = Buffer.byteLength(text);
  const from = start < 0n ? 0 : Number(start);
  const to = start < 0n || (end >= 0n && end <= size) ? Number(end) : size;
  if (from > to || to > size) {
    throw templateError(`substr: bytes ${start} to ${end} of a text of ${size} bytes`);
  }
  return slice(text, from, to);
}

/** Counts bytes; a length below 0 is that of the text's end. */
function truncate(length: bigint, text: string): string {
  const size = Buffer.byteLength(text);
  const kept = Number(length);
  if (kept < 0) return size + kept > 0 ? slice(text, size + kept, size) : text;
  return kept < size ? slice(text, 0, kept) : text;
}

function slice(text: string, from: number, to: number): string {
  return Buffer.byteLength(text) === text.length
    ? text.slice(from, to)
    : Buffer.from(text).toString("utf8", from, to);
}

function repeat(count: bigint, text: string): string {
  const times = Math.max(0, Number(count));
  checkLength(times * text.length);
  return text.repeat(times);
}

function indent(count: bigint, text: string): string {
  const padding = repeat(count, " ");
  return padding + text.replaceAll("\n", `\n${padding}`);
}

/** As sprig rounds: what lies below half a unit, in the direction of +Inf, goes down, below zero too. */
function round(value: number, places: number): number {
  const factor = 10 ** places;
  const scaled = value * factor;
  const isUp = scaled - Math.trunc(scaled) >= 0.5;
  return (isUp ? Math.ceil(scaled) : Math.floor(scaled)) / factor;
}

function title(text: string): string {
  return text.replaceAll(
    /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

function divide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw templateError("integer divide by zero");
  return a / b;
}

function modulo(a: bigint, b: bigint): bigint {
  if (b === 0n) throw templateError("integer divide by zero");
  return a % b;
}

function decodeUrl(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw templateError(`invalid URL escape in ${JSON.stringify(text)}`);
  }
}

function encodeUrl(text: string): string {
  const encoded = encodeURIComponent(text).replaceAll("%20", "+");
  return encoded.replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function seconds(text: string): number {
  const found = parseGoDuration(text);
  if (found === undefined) throw templateError(`invalid duration ${JSON.stringify(text)}`);
  return found;
}

function size(text: string): number {
  const found = parseGoSize(text);
  if (found === undefined) throw templateError(`invalid size ${JSON.stringify(text)}`);
  return found;
}

/** A time of a template, whatever form it has: what `toDate`, `now` and `unixToTime` give. */
function nanoseconds(value: Value): bigint {
  if (typeof value === "bigint") return value * 1_000_000_000n;
  const unixNano = typeof value === "object" && value !== null ? Reflect.get(value, "UnixNano") : undefined;
  const call = (unixNano as { call?: (args: readonly Value[]) => Value } | undefined)?.call;
  const ns = call?.([]);
  if (typeof ns !== "bigint") throw templateError("a time is expected");
  return ns;
}

function unixToTime(text: string): Value {
  const factors: Readonly<Record<number, bigint>> = {
    5: 86_400_000_000_000n,
    10: 1_000_000_000n,
    13: 1_000_000n,
    16: 1000n,
    19: 1n,
  };
  const factor = factors[text.length];
  if (factor === undefined || !/^\d+$/.test(text))
    throw templateError(`unable to parse time ${JSON.stringify(text)}`);
  return timeValue(BigInt(text) * factor);
}

export const LINE_FUNCTIONS: FunctionTable = {
  // Go's own names, kept for old queries.
  ToLower: text1((text) => text.toLowerCase()),
  ToUpper: text1((text) => text.toUpperCase()),
  Replace: fn(["string", "string", "string", "int"], (text, from, to, count) =>
    replace(text, from, to, Number(count)),
  ),
  Trim: text2((text, set) => trimSet(text, set, "both")),
  TrimLeft: text2((text, set) => trimSet(text, set, "left")),
  TrimRight: text2((text, set) => trimSet(text, set, "right")),
  TrimPrefix: text2(trimPrefix),
  TrimSuffix: text2(trimSuffix),
  TrimSpace: text1((text) => text.trim()),

  lower: text1((text) => text.toLowerCase()),
  upper: text1((text) => text.toUpperCase()),
  title: text1(title),
  trunc: fn(["int", "string"], truncate),
  substr: fn(["int", "int", "string"], substr),
  contains: text2((part, text) => text.includes(part)),
  hasPrefix: text2((prefix, text) => text.startsWith(prefix)),
  hasSuffix: text2((suffix, text) => text.endsWith(suffix)),
  indent: fn(["int", "string"], indent),
  nindent: fn(["int", "string"], (count, text) => `\n${indent(count, text)}`),
  replace: fn(["string", "string", "string"], (from, to, text) => replace(text, from, to, -1)),
  repeat: fn(["int", "string"], repeat),
  trim: text1((text) => text.trim()),
  trimAll: text2((set, text) => trimSet(text, set, "both")),
  trimSuffix: text2((suffix, text) => trimSuffix(text, suffix)),
  trimPrefix: text2((prefix, text) => trimPrefix(text, prefix)),
  alignLeft: fn(["int", "string"], (width, text) => align(width, text, true)),
  alignRight: fn(["int", "string"], (width, text) => align(width, text, false)),
  regexReplaceAll: fn(["string", "string", "string"], (pattern, text, to) =>
    regexp(pattern).replaceAll(text, to),
  ),
  regexReplaceAllLiteral: fn(["string", "string", "string"], (pattern, text, to) =>
    regexp(pattern).replaceAll(text, to.replaceAll("$", "$$$$")),
  ),
  count: text2((pattern, text) => countMatches(regexp(pattern), text)),
  urldecode: text1(decodeUrl),
  urlencode: text1(encodeUrl),
  b64enc: text1((text) => Buffer.from(text, "utf8").toString("base64")),
  b64dec: text1((text) => Buffer.from(text, "base64").toString("utf8")),
  fromJson: text1(fromJson),
  default: fn(["any", "any"], (fallback, value) => (isEmpty(value) ? fallback : value)),

  bytes: text1(size),
  duration: text1(seconds),
  duration_seconds: text1(seconds),

  int: fn(["any"], toInteger),
  float64: fn(["any"], toFloat),
  add: ints((a, b) => a + b),
  sub: ints((a, b) => a - b),
  mul: ints((a, b) => a * b),
  div: ints(divide),
  mod: ints(modulo),
  max: ints((a, b) => (a > b ? a : b)),
  min: ints((a, b) => (a < b ? a : b)),
  addf: decimals("+"),
  subf: decimals("-"),
  mulf: decimals("*"),
  divf: decimals("/"),
  maxf: floats((a, b) => Math.max(a, b)),
  minf: floats((a, b) => Math.min(a, b)),
  ceil: fn(["any"], (value) => Math.ceil(toFloat(value))),
  floor: fn(["any"], (value) => Math.floor(toFloat(value))),
  round: variadic(["any"], "any", (value, places) => round(toFloat(value), Number(toInteger(places ?? 0n)))),

  date: fn(["string", "any"], (layout, time) => formatTime(nanoseconds(time), layout)),
  toDate: text2((layout, text) => timeValue(timeOrZero(layout, text, "UTC"))),
  toDateInZone: fn(["string", "string", "string"], (layout, zone, text) =>
    timeValue(timeOrZero(layout, text, zone)),
  ),
  unixToTime: text1(unixToTime),
  unixEpoch: fn(["any"], (time) => String(nanoseconds(time) / 1_000_000_000n)),
  unixEpochMillis: fn(["any"], (time) => String(nanoseconds(time) / 1_000_000n)),
  unixEpochNanos: fn(["any"], (time) => String(nanoseconds(time))),
};

function isEmpty(value: Value): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  if (value === 0 || value === 0n) return true;
  if (Array.isArray(value)) return value.length === 0;
  return value instanceof Map && value.size === 0;
}

/** Go's zero time, 0001-01-01, in Unix ns. */
const ZERO_TIME_NS = -62_135_596_800_000_000_000n;

/** What cannot be read as a time is the zero time, as in Go where the error is not looked at. */
function timeOrZero(layout: string, text: string, zone: string): bigint {
  try {
    return parseTime(layout, text, zone);
  } catch (error) {
    if (error instanceof BinnacleError && error.code === "BAD_TEMPLATE") return ZERO_TIME_NS;
    throw error;
  }
}

function countMatches(re: Regexp, text: string): bigint {
  let count = 0n;
  // Each match is replaced by one mark, which no text of ours holds.
  for (const unit of re.replaceAll(text, "\u{10fffe}")) if (unit === "\u{10fffe}") count++;
  return count;
}
