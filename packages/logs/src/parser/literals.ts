/** The values of LogQL's literals: strings, durations, sizes. */

/** The text of a quoted literal, or undefined when an escape in it is not one of Go's. */
export function unquote(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal.startsWith("`")) return body.replaceAll("\r", "");
  if (!body.includes("\\")) return body;
  let text = "";
  // Escapes of bytes (\x, octal) make UTF-8, so runs of them are decoded together.
  let pendingBytes: number[] = [];
  const flush = (): void => {
    if (pendingBytes.length > 0) text += new TextDecoder().decode(Uint8Array.from(pendingBytes));
    pendingBytes = [];
  };
  for (let i = 0; i < body.length;) {
    if (body[i] !== "\\") {
      flush();
      text += body[i++];
      continue;
    }
    const escape = readEscape(body, i + 1);
    if (escape === undefined) return undefined;
    if (escape.isByte) {
      pendingBytes.push(escape.code);
    } else {
      flush();
      text += String.fromCodePoint(escape.code);
    }
    i = escape.end;
  }
  flush();
  return text;
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  '"': 34,
};
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function readEscape(body: string, at: number): { code: number; isByte: boolean; end: number } | undefined {
  const letter = body[at]!;
  const simple = SIMPLE_ESCAPES[letter];
  if (simple !== undefined) return { code: simple, isByte: false, end: at + 1 };
  const digits = HEX_DIGITS[letter];
  const text = digits === undefined ? body.slice(at, at + 3) : body.slice(at + 1, at + 1 + digits);
  const isWell =
    digits === undefined ? /^[0-7]{3}$/.test(text) : text.length === digits && /^[0-9a-fA-F]+$/.test(text);
  if (!isWell) return undefined;
  const code = Number.parseInt(text, digits === undefined ? 8 : 16);
  const isByte = digits === undefined || digits === 2;
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  if (isByte ? code > 255 : code > 0x10ffff || isSurrogate) return undefined;
  return { code, isByte, end: at + (digits === undefined ? 3 : 1 + digits) };
}

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/** Milliseconds, perhaps with a fraction, of `1h30m`, `1.5s`, `100us`; undefined for what is no duration. */
export function durationMs(text: string): number | undefined {
  const parts = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d|w|y))+$/.test(text);
  if (!parts) return text === "0" ? 0 : undefined;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w|y)/g)) {
    ms += Number(count) * DURATION_UNITS_MS[unit!]!;
  }
  return ms;
}

const BYTE_PREFIXES = "kmgtpe";

/** Bytes of `5KB` (a thousand), `5KiB` (1024), `12b`; undefined for what is no size. */
export function sizeBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([kmgtpe])(i)?b?|b)?$/.exec(text.toLowerCase());
  if (match === null) return undefined;
  const [, count, prefix, binary] = match;
  const power = prefix === undefined ? 0 : BYTE_PREFIXES.indexOf(prefix) + 1;
  return Math.floor(Number(count) * (binary === undefined ? 1000 : 1024) ** power);
}
