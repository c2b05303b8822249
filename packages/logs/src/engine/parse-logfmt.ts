/** `| logfmt`: key=value pairs apart by spaces; values may be quoted. */
import type { LogfmtStage } from "../parser/ast.ts";
import { sanitizeLabelName } from "./label-name.ts";
import type { LineStage } from "./stage.ts";

interface Pair {
  readonly key: string;
  readonly value: string;
  /** Whether an equals sign followed the key. */
  readonly hasValue: boolean;
}

export function compileLogfmt(stage: LogfmtStage): LineStage {
  const wanted = stage.extractions;
  return (line) => {
    const { pairs, error } = scanLogfmt(line.text);
    const found = new Map<string, string>();
    for (const { key, value, hasValue } of pairs) {
      const isKept = value !== "" || (stage.keepsEmpty && hasValue) || (stage.keepsEmpty && !hasValue);
      if (wanted.length > 0) {
        for (const { name, path } of wanted) if (path === key && !found.has(name)) found.set(name, value);
        continue;
      }
      const name = sanitizeLabelName(key, true);
      if (isKept && name !== "" && !found.has(name)) found.set(name, value);
    }
    // A field that was asked for and is not there becomes an empty label.
    for (const { name } of wanted) if (!found.has(name)) found.set(name, "");
    for (const [name, value] of found) line.labels.setParsed(name, value);
    if (error !== undefined && stage.isStrict) line.labels.setError("LogfmtParserErr", error);
    return true;
  };
}

/** Goes on after a mistake; `error` is the first. */
export function scanLogfmt(text: string): { pairs: Pair[]; error: string | undefined } {
  const pairs: Pair[] = [];
  let error: string | undefined;
  let at = 0;
  while (at < text.length) {
    if (isSpace(text.charCodeAt(at))) {
      at++;
      continue;
    }
    const keyStart = at;
    while (at < text.length && !isSpace(text.charCodeAt(at)) && text[at] !== "=" && text[at] !== '"') at++;
    const key = text.slice(keyStart, at);
    if (key === "" || text[at] === '"') {
      error ??= `unexpected '${text[at]}' at pos ${at + 1}`;
      while (at < text.length && !isSpace(text.charCodeAt(at))) at++;
      continue;
    }
    if (text[at] !== "=") {
      pairs.push({ key, value: "", hasValue: false });
      continue;
    }
    at++;
    if (text[at] === '"') {
      const end = closingQuote(text, at);
      if (end === undefined) {
        error ??= `unterminated quoted value at pos ${at + 1}`;
        break;
      }
      pairs.push({ key, value: unquoteValue(text.slice(at, end + 1)), hasValue: true });
      at = end + 1;
      continue;
    }
    const valueStart = at;
    while (at < text.length && !isSpace(text.charCodeAt(at))) {
      const isOdd = text[at] === "=" || text[at] === '"';
      if (isOdd) error ??= `unexpected '${text[at]}' at pos ${at + 1}`;
      at++;
    }
    pairs.push({ key, value: text.slice(valueStart, at), hasValue: true });
  }
  return { pairs, error };
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

function unquoteValue(literal: string): string {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.slice(1, -1);
  }
}
