/**
 * Label sets as Loki's API spells them: `{app="x", pod=`y`}`, texts with Go's escapes.
 */
import { isUtf8 } from "node:buffer";
import { BinnacleError, type Labels } from "@binnacle/model";
import { labelsFromPairs, pairsProblem } from "../label-checks.ts";

const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const BLANKS = /[ \t\r\n]*/y;

/** Throws BAD_LABELS with the column. */
export function parseLabelSet(text: string): Labels {
  let at = 0;
  const fail = (what: string): never => {
    throw new BinnacleError(
      "BAD_LABELS",
      `the label set ${JSON.stringify(text.slice(0, 200))} is malformed at column ${at + 1}: ${what}`,
      { position: { line: 1, column: at + 1 } },
    );
  };
  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0] ?? "";
    at += match.length;
    return match;
  };
  const expect = (character: string): void => {
    if (text[at] !== character) fail(`expected ${character}`);
    at++;
    skip(BLANKS);
  };

  skip(BLANKS);
  expect("{");
  const pairs: string[] = [];
  while (text[at] !== "}") {
    const name = skip(NAME);
    if (name === "") fail("expected a label name");
    skip(BLANKS);
    expect("=");
    const end = quotedEnd(text, at);
    if (end === undefined) return fail("expected a text in quotes");
    const value = unquoteGo(text.slice(at, end));
    if (value === undefined) return fail("the text has a bad escape");
    pairs.push(name, value);
    at = end;
    skip(BLANKS);
    if (text[at] !== "}") expect(",");
  }
  expect("}");
  if (at < text.length) fail("expected nothing behind }");
  const problem = pairsProblem(pairs);
  if (problem !== undefined) {
    at = 0;
    fail(problem);
  }
  return labelsFromPairs(pairs);
}

/** Writes a label set so that parseLabelSet, and Loki, read it back. */
export function formatLabelSet(labels: Labels): string {
  const parts: string[] = [];
  for (const [name, value] of labels.entries()) parts.push(`${name}=${quoteGo(value)}`);
  return `{${parts.join(", ")}}`;
}

function quoteGo(text: string): string {
  return `"${text.replaceAll(/[\\"\n\r\t]/g, (character) => ESCAPE_OF[character]!)}"`;
}

const ESCAPE_OF: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Behind the closing quote of the text in quotes at `at`, or undefined where none closes. */
function quotedEnd(text: string, at: number): number | undefined {
  const quote = text[at];
  if (quote !== '"' && quote !== "`") return undefined;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === quote) return i + 1;
    if (text[i] === "\\" && quote === '"') i++;
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};
const NUMBERED = /^(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/;

/** The text between Go's quotes, or undefined where an escape is none of Go's or gives no valid text. */
function unquoteGo(quoted: string): string | undefined {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("`")) return inner.replaceAll("\r", "");
  if (!inner.includes("\\")) return inner.includes("\n") ? undefined : inner;

  // Escapes may name single bytes, so the text is put together as bytes.
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < inner.length) {
    const backslash = inner.indexOf("\\", at);
    const end = backslash < 0 ? inner.length : backslash;
    parts.push(Buffer.from(inner.slice(at, end)));
    if (backslash < 0) break;
    const simple = ESCAPES[inner[backslash + 1]!];
    if (simple !== undefined) {
      parts.push(Buffer.from(simple));
      at = backslash + 2;
      continue;
    }
    const match = NUMBERED.exec(inner.slice(backslash + 1, backslash + 10));
    if (match === null) return undefined;
    const bytes = numberedBytes(match);
    if (bytes === undefined) return undefined;
    parts.push(bytes);
    at = backslash + 1 + match[0].length;
  }
  const bytes = Buffer.concat(parts);
  return isUtf8(bytes) ? bytes.toString() : undefined;
}

function numberedBytes(match: RegExpExecArray): Uint8Array | undefined {
  const [, hex, octal, short, long] = match;
  const byte =
    hex === undefined
      ? octal === undefined
        ? undefined
        : Number.parseInt(octal, 8)
      : Number.parseInt(hex, 16);
  if (byte !== undefined) return byte > 0xff ? undefined : Uint8Array.of(byte);
  const point = Number.parseInt(short ?? long!, 16);
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
  return Buffer.from(String.fromCodePoint(point));
}
