/** `| logfmt`: key=value pairs apart by spaces; values may be quoted. */
import { BinnacleError } from "@binnacle/model";
import type { LogfmtStage } from "../parser/ast.ts";
import { sanitizeLabelName } from "./label-name.ts";
import type { LineStage } from "./stage.ts";

interface Pair {
  readonly key: string;
  readonly value: string;
}

export function compileLogfmt(stage: LogfmtStage): LineStage {
  return stage.extractions.length === 0 ? parseAll(stage) : compileExtractions(stage);
}

/** All pairs that can be read, those without a value too. */
export function scanLogfmt(text: string): Pair[] {
  const scanner = new LogfmtScanner(text, false);
  const pairs: Pair[] = [];
  for (let pair = scanner.next(); pair !== undefined; pair = scanner.next()) pairs.push(pair);
  return pairs;
}

function parseAll({ isStrict, keepsEmpty }: LogfmtStage): LineStage {
  return ({ text, labels }) => {
    if (labels.isComplete) return true;
    const scanner = new LogfmtScanner(text, isStrict);
    for (let pair = scanner.next(); pair !== undefined; pair = scanner.next()) {
      if (pair.value === "" && !keepsEmpty) continue;
      const name = sanitizeLabelName(pair.key, true);
      if (name !== "") labels.setParsed(name, withoutDamage(pair.value, " "));
      if (labels.isComplete) break;
    }
    if (isStrict && scanner.error !== undefined) labels.setError("LogfmtParserErr", scanner.error);
    return true;
  };
}

function compileExtractions({ isStrict, extractions }: LogfmtStage): LineStage {
  const nameOf = new Map(extractions.map(({ name, path }) => [fieldOf(path), name]));
  return ({ text, labels }) => {
    if (labels.isComplete) return true;
    // A field that was asked for and is not there becomes an empty label.
    for (const { name } of extractions) if (labels.get(name) === undefined) labels.set(name, "");
    const scanner = new LogfmtScanner(text, isStrict);
    for (let pair = scanner.next(); pair !== undefined; pair = scanner.next()) {
      const name = nameOf.get(sanitizeLabelName(pair.key, true));
      if (name !== undefined) labels.setExtracted(name, withoutDamage(pair.value, ""));
    }
    if (isStrict && scanner.error !== undefined) labels.setError("LogfmtParserErr", scanner.error);
    return true;
  };
}

/** Throws PARSE_ERROR: a logfmt line has no fields within fields. */
function fieldOf(path: string): string {
  const field = path.trim();
  if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(field)) return field;
  throw new BinnacleError("PARSE_ERROR", `logfmt: ${JSON.stringify(path)} is no field's name`);
}

/** Text that is not all UTF-8 is no label's value. */
function withoutDamage(value: string, replacement: string): string {
  if (!value.includes("\ufffd")) return value;
  return replacement === "" ? "" : value.replaceAll("\ufffd", replacement);
}

/**
 * Reads pairs one by one. A pair with a mistake is left out, and reading goes on behind it unless it is
 * strict.
 */
class LogfmtScanner {
  /** The last mistake. */
  error: string | undefined;
  readonly #text: string;
  readonly #isStrict: boolean;
  #at = 0;

  constructor(text: string, isStrict: boolean) {
    this.#text = text;
    this.#isStrict = isStrict;
  }

  next(): Pair | undefined {
    const text = this.#text;
    for (;;) {
      while (this.#at < text.length && isSpace(text.charCodeAt(this.#at))) this.#at++;
      if (this.#at >= text.length || (this.#isStrict && this.error !== undefined)) return undefined;
      const pair = this.#pair();
      if (pair !== undefined) return pair;
    }
  }

  #pair(): Pair | undefined {
    const text = this.#text;
    const start = this.#at;
    let end = start;
    while (end < text.length && !isSpace(text.charCodeAt(end)) && text[end] !== "=" && text[end] !== '"')
      end++;
    const key = text.slice(start, end);
    if (text[end] === '"' || key === "") return this.#fault(end, `unexpected '${text[end]}'`);
    if (key.includes("\ufffd")) return this.#fault(end, "invalid key");
    this.#at = end;
    if (text[end] !== "=") return { key, value: "" };
    this.#at = ++end;
    if (text[end] === '"') return this.#quoted(key);
    while (end < text.length && !isSpace(text.charCodeAt(end))) {
      if (text[end] === "=" || text[end] === '"') return this.#fault(end, `unexpected '${text[end]}'`);
      end++;
    }
    const value = text.slice(this.#at, end);
    this.#at = end;
    return { key, value };
  }

  #quoted(key: string): Pair | undefined {
    const open = this.#at;
    const close = closingQuote(this.#text, open);
    if (close === undefined) {
      this.#at = this.#text.length;
      this.error = `logfmt syntax error at pos ${this.#at + 1} : unterminated quoted value`;
      return undefined;
    }
    this.#at = close + 1;
    const value = unquoteValue(this.#text.slice(open, close + 1));
    if (value !== undefined) return { key, value };
    this.error = `logfmt syntax error at pos ${this.#at + 1} : invalid quoted value`;
    return undefined;
  }

  /** Notes a mistake and goes on behind the run of text that it stands in. */
  #fault(at: number, reason: string): undefined {
    this.error = `logfmt syntax error at pos ${at + 1} : ${reason}`;
    while (at < this.#text.length && !isSpace(this.#text.charCodeAt(at))) at++;
    this.#at = at;
    return undefined;
  }
}

function isSpace(unit: number): boolean {
  return unit <= 0x20;
}

function closingQuote(text: string, open: number): number | undefined {
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  return undefined;
}

/** Undefined when an escape is none. */
function unquoteValue(literal: string): string | undefined {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}
