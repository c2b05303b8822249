/**
 * Line filters. A run of them at the head of a pipeline works on whole blocks: it finds a literal in
 * all of a block's text at once and looks at single lines only where it occurs.
 */
import { unreachable, type LineHint, type LinePattern, type LogBlock } from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import type { LineFilterStage, LineFilterValue } from "../parser/ast.ts";
import { parseIpRange } from "./ip-range.ts";
import { compileLinePattern } from "./form-pattern.ts";
import { compilePatternFilter } from "./line-pattern.ts";
import { decodeText } from "./line.ts";
import type { LineStage } from "./stage.ts";

export type BytesPredicate = (bytes: Uint8Array) => boolean;

/** Numbers of lines of a block, ascending. */
export type LineNumbers = Uint32Array;

export interface BlockFilter {
  /** Which of the lines a block has, or of those given, pass. */
  select(block: LogBlock, among: LineNumbers | undefined): LineNumbers;
}

/** Throws BAD_REGEXP or PARSE_ERROR. */
export function compileLinePredicate(stage: LineFilterStage): BytesPredicate {
  const alternatives = stage.values.map((value) => compileValue(stage.op, value));
  const [only] = alternatives;
  const matches: BytesPredicate =
    alternatives.length === 1 ? only! : (bytes) => alternatives.some((test) => test(bytes));
  const isNegative = stage.op.startsWith("!");
  return isNegative ? (bytes) => !matches(bytes) : matches;
}

function compileValue(op: LineFilterStage["op"], value: LineFilterStage["values"][number]): BytesPredicate {
  if (value.kind === "ip") {
    const range = parseIpRange(value.text);
    return (bytes) => range.occursIn(decodeText(bytes));
  }
  switch (op) {
    case "|=":
    case "!=": {
      const needle = Buffer.from(value.text, "utf8");
      return needle.length === 0 ? () => true : (bytes) => bufferOf(bytes).includes(needle);
    }
    case "|~":
    case "!~": {
      if (value.text === "") return () => true;
      const re = Regexp.compile(value.text);
      return (bytes) => re.testBytes(bytes);
    }
    case "|>":
    case "!>": {
      const matches = compilePatternFilter(value.text);
      return (bytes) => matches(decodeText(bytes));
    }
    default:
      return unreachable(op);
  }
}

export function compileLineFilterStage(stage: LineFilterStage): LineStage {
  const test = compileLinePredicate(stage);
  return (line) => test(line.bytes);
}

/** What a store may use to leave lines out before anyone looks at them. */
export function lineHints(stages: readonly LineFilterStage[]): LineHint[] {
  const hints: LineHint[] = [];
  for (const { op, values } of stages) {
    const [only] = values;
    if (values.length > 1 || only!.kind !== "text") continue;
    const isLiteral = op === "|=" || op === "!=";
    const literals = isLiteral ? [only!.text] : op === "|~" ? requiredLiterals(only!) : [];
    for (const literal of literals) {
      if (literal === "") continue;
      const text = new Uint8Array(Buffer.from(literal, "utf8"));
      hints.push({ kind: op === "!=" ? "not_contains" : "contains", text });
    }
  }
  return hints;
}

export function compileBlockFilter(stage: LineFilterStage): BlockFilter {
  const [only] = stage.values;
  const isLiteral = stage.values.length === 1 && only!.kind === "text" && only!.text !== "";
  if (isLiteral && (stage.op === "|=" || stage.op === "!=")) {
    return new LiteralFilter(Buffer.from(only!.text, "utf8"), stage.op === "!=");
  }
  const byLine = new LineByLineFilter(stage);
  if (stage.op !== "|~" || stage.values.length > 1) return byLine;
  return requiredLiterals(only!).reduceRight<BlockFilter>(
    (rest, literal) => new ChainedFilter(new LiteralFilter(Buffer.from(literal), false), rest),
    byLine,
  );
}

/** What every match of a pattern contains: it is found in whole blocks, before any line is looked at. */
function requiredLiterals(value: LineFilterValue): readonly string[] {
  if (value.kind !== "text") return [];
  const literals = Regexp.compile(value.text).requiredLiterals;
  // One or two bytes stand in nearly all lines, and digits in many numbers, which are packed.
  const telling = literals.filter((literal) => literal.length > 2);
  const words = telling.filter((literal) => !/^[0-9]+$/.test(literal));
  return (words.length > 0 ? words : telling).sort((a, b) => b.length - a.length);
}

class ChainedFilter implements BlockFilter {
  readonly #first: BlockFilter;
  readonly #second: BlockFilter;

  constructor(first: BlockFilter, second: BlockFilter) {
    this.#first = first;
    this.#second = second;
  }

  select(block: LogBlock, among: LineNumbers | undefined): LineNumbers {
    const kept = this.#first.select(block, among);
    return kept.length === 0 ? kept : this.#second.select(block, kept);
  }
}

class LiteralFilter implements BlockFilter {
  readonly #needle: Buffer;
  readonly #isNegative: boolean;

  constructor(needle: Buffer, isNegative: boolean) {
    this.#needle = needle;
    this.#isNegative = isNegative;
  }

  select(block: LogBlock, among: LineNumbers | undefined): LineNumbers {
    const found = block.find?.(this.#needle);
    if (found !== undefined) {
      const kept = this.#isNegative ? without(block.lineCount ?? block.timesNs.length, found) : found;
      return among === undefined ? kept : intersect(among, kept);
    }
    return among === undefined ? this.#selectAll(block) : this.#selectAmong(block, among);
  }

  #selectAll(block: LogBlock): LineNumbers {
    const { bytes, offsets } = block;
    const lines = offsets.length - 1;
    const text = bufferOf(bytes.subarray(offsets[0], offsets[lines]));
    const base = offsets[0]!;
    const needle = this.#needle;
    const kept = new Uint32Array(lines);
    let count = 0;
    let line = 0;
    for (let from = 0; line < lines;) {
      const found = text.indexOf(needle, from);
      const hit = found < 0 ? lines : lineAt(offsets, found + base, line);
      const isWithin = found >= 0 && found + base + needle.length <= offsets[hit + 1]!;
      if (found >= 0 && !isWithin) {
        // It stands across the end of a line, so it is in neither.
        from = found + 1;
        continue;
      }
      if (this.#isNegative) while (line < hit) kept[count++] = line++;
      else if (hit < lines) kept[count++] = hit;
      line = hit + 1;
      from = offsets[Math.min(line, lines)]! - base;
    }
    return kept.subarray(0, count);
  }

  #selectAmong(block: LogBlock, among: LineNumbers): LineNumbers {
    const { bytes, offsets } = block;
    return among.filter((line) => {
      const text = bufferOf(bytes.subarray(offsets[line], offsets[line + 1]));
      return text.includes(this.#needle) !== this.#isNegative;
    });
  }
}

/** Tests line by line those of which templates do not tell whether they match. */
class LineByLineFilter implements BlockFilter {
  readonly #test: BytesPredicate;
  readonly #pattern: LinePattern | undefined;
  readonly #isNegative: boolean;

  constructor(stage: LineFilterStage) {
    this.#test = compileLinePredicate(stage);
    this.#pattern = compileLinePattern(stage);
    this.#isNegative = stage.op.startsWith("!");
  }

  select(block: LogBlock, among: LineNumbers | undefined): LineNumbers {
    const sorted = this.#pattern && block.sortOut?.(this.#pattern, among);
    if (sorted === undefined) return this.#selectAmong(block, among);
    const { certain, open } = sorted;
    const kept = open.length === 0 ? open : this.#selectAmong(block, open);
    if (!this.#isNegative) return union(certain, kept);
    const lines = block.lineCount ?? block.timesNs.length;
    const others = without(lines, union(certain, open));
    return union(among === undefined ? others : intersect(among, others), kept);
  }

  #selectAmong(block: LogBlock, among: LineNumbers | undefined): LineNumbers {
    if (among !== undefined && block.read !== undefined) {
      const { bytes, offsets } = block.read(among);
      return among.filter((_, k) => this.#test(bytes.subarray(offsets[k], offsets[k + 1])));
    }
    const { bytes, offsets } = block;
    const lines = among ?? allLines(offsets.length - 1);
    return lines.filter((line) => this.#test(bytes.subarray(offsets[line], offsets[line + 1])));
  }
}

/** Lines of a block that are not among those found. */
function without(lines: number, found: LineNumbers): LineNumbers {
  const kept = new Uint32Array(lines - found.length);
  let count = 0;
  let next = 0;
  for (let line = 0; line < lines; line++) {
    if (found[next] === line) next++;
    else kept[count++] = line;
  }
  return kept;
}

/** Of two lists without a line in common. */
function union(a: LineNumbers, b: LineNumbers): LineNumbers {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const both = new Uint32Array(a.length + b.length);
  for (let at = 0, i = 0, k = 0; at < both.length; at++) {
    both[at] = k === b.length || (i < a.length && a[i]! < b[k]!) ? a[i++]! : b[k++]!;
  }
  return both;
}

function intersect(a: LineNumbers, b: LineNumbers): LineNumbers {
  const both = new Uint32Array(Math.min(a.length, b.length));
  let count = 0;
  for (let i = 0, k = 0; i < a.length && k < b.length;) {
    if (a[i]! < b[k]!) i++;
    else if (a[i]! > b[k]!) k++;
    else {
      both[count++] = a[i]!;
      i++;
      k++;
    }
  }
  return both.subarray(0, count);
}

export function allLines(count: number): LineNumbers {
  const lines = new Uint32Array(count);
  for (let i = 0; i < count; i++) lines[i] = i;
  return lines;
}

/** The line that holds a byte, at or after `from`. An empty line holds none. */
function lineAt(offsets: Uint32Array, byte: number, from: number): number {
  // Near ones first: matches often follow each other.
  let step = 1;
  let low = from;
  while (low + step < offsets.length - 1 && offsets[low + step]! <= byte) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, offsets.length - 1);
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! <= byte) low = middle;
    else high = middle;
  }
  return low;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
