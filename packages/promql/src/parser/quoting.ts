/**
 * Go's string literals, as PromQL and its test language write them.
 *
 * A byte that `\x` or an octal escape names and that is no part of valid UTF-8 has no place in a JavaScript
 * string: it is kept as a lone low surrogate, U+DC00 plus the byte. `isValidText` tells such texts, `quote`
 * writes the byte again.
 */

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** The text of a quoted literal, quotes included in the input; undefined where it is not well formed. */
export function unquote(literal: string): string | undefined {
  const quoteMark = literal[0];
  if (literal.length < 2 || literal.at(-1) !== quoteMark) return undefined;
  const body = literal.slice(1, -1);
  if (quoteMark === "`") return body.includes("`") ? undefined : body.replaceAll("\r", "");
  if (quoteMark !== '"' && quoteMark !== "'") return undefined;
  if (!body.includes("\\")) return body.includes("\n") || body.includes(quoteMark) ? undefined : body;
  return unescape(body, quoteMark);
}

function unescape(body: string, quoteMark: string): string | undefined {
  let text = "";
  let bytes: number[] = [];
  let at = 0;
  const flush = (): void => {
    if (bytes.length > 0) text += decodeBytes(bytes);
    bytes = [];
  };
  while (at < body.length) {
    const unit = body[at]!;
    if (unit === "\n" || unit === quoteMark) return undefined;
    if (unit !== "\\") {
      flush();
      text += unit;
      at++;
      continue;
    }
    const escape = body[at + 1];
    if (escape === undefined) return undefined;
    const simple = escape === quoteMark ? escape : SIMPLE[escape];
    if (simple !== undefined) {
      flush();
      text += simple;
      at += 2;
      continue;
    }
    const numeric = numericEscape(body, at + 1);
    if (numeric === undefined) return undefined;
    at += 1 + numeric.length;
    if (numeric.isByte) {
      bytes.push(numeric.code);
    } else {
      flush();
      text += String.fromCodePoint(numeric.code);
    }
  }
  flush();
  return text;
}

interface NumericEscape {
  readonly code: number;
  readonly length: number;
  readonly isByte: boolean;
}

function numericEscape(body: string, at: number): NumericEscape | undefined {
  const digitsOf: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
  const kind = body[at]!;
  const count = digitsOf[kind];
  if (count !== undefined) {
    const digits = body.slice(at + 1, at + 1 + count);
    if (digits.length !== count || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
    const code = Number.parseInt(digits, 16);
    if (code > 0x10ffff || (kind !== "x" && code >= 0xd800 && code <= 0xdfff)) return undefined;
    return { code, length: count + 1, isByte: kind === "x" };
  }
  const digits = body.slice(at, at + 3);
  if (!/^[0-7]{3}$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 8);
  return code > 255 ? undefined : { code, length: 3, isByte: true };
}

function decodeBytes(bytes: readonly number[]): string {
  let text = "";
  for (let i = 0; i < bytes.length;) {
    const length = [1, 2, 3, 4].find((n) => validSequence(bytes.slice(i, i + n), n));
    if (length === undefined) {
      text += String.fromCharCode(0xdc00 + bytes[i]!);
      i++;
    } else {
      text += new TextDecoder().decode(new Uint8Array(bytes.slice(i, i + length)));
      i += length;
    }
  }
  return text;
}

function validSequence(bytes: readonly number[], length: number): boolean {
  if (bytes.length < length) return false;
  try {
    const decoded = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes));
    return decoded.length === (length === 4 ? 2 : 1);
  } catch {
    return false;
  }
}

/** Whether a text is valid Unicode: no byte that stood outside UTF-8, no lone surrogate. */
export function isValidText(text: string): boolean {
  return text.isWellFormed();
}

/** A double-quoted literal as Go's %q writes it. */
export function quote(text: string): string {
  let literal = '"';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character === '"' || character === "\\") literal += `\\${character}`;
    else if (code >= 0xdc80 && code <= 0xdcff) literal += `\\x${(code - 0xdc00).toString(16)}`;
    else if (code < 0x20 || code === 0x7f) literal += escapeControl(character, code);
    else literal += character;
  }
  return `${literal}"`;
}

function escapeControl(character: string, code: number): string {
  const name = Object.keys(SIMPLE).find((key) => SIMPLE[key] === character);
  return name === undefined ? `\\x${code.toString(16).padStart(2, "0")}` : `\\${name}`;
}
