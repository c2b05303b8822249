/**
 * Reads Go's literals: quoted strings, characters and numbers. Each answers undefined where the text is none.
 */

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([^]))/g;

/** The text of a `"string"` or of a `'c'`, quotes included in what it is given. */
export function unquote(literal: string): string | undefined {
  const quote = literal[0];
  const inner = literal.slice(1, -1);
  if (!inner.includes("\\")) return inner;
  let valid = true;
  // Escapes of single bytes are gathered, so that \xe2\x82\xac is one character, as it is in Go.
  let bytes: number[] = [];
  let text = "";
  let end = 0;
  const flush = () => {
    if (bytes.length > 0) text += Buffer.from(bytes).toString("utf8");
    bytes = [];
  };
  for (const match of inner.matchAll(ESCAPE)) {
    const [whole, hex, short, long, octal, char] = match;
    if (match.index > end) {
      flush();
      text += inner.slice(end, match.index);
    }
    end = match.index + whole.length;
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (octal !== undefined) {
      const byte = Number.parseInt(octal, 8);
      valid &&= byte < 256;
      bytes.push(byte & 255);
    } else {
      flush();
      const code = short ?? long;
      if (code === undefined) {
        const replacement = char === quote ? char : SIMPLE_ESCAPES[char!];
        valid &&= replacement !== undefined;
        text += replacement ?? "";
      } else {
        const point = Number.parseInt(code, 16);
        const isCharacter = point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
        valid &&= isCharacter;
        if (isCharacter) text += String.fromCodePoint(point);
      }
    }
  }
  flush();
  return valid ? text + inner.slice(end) : undefined;
}

/** The code point of a `'c'`. */
export function unquoteChar(literal: string): bigint | undefined {
  const text = unquote(literal);
  if (text === undefined) return undefined;
  const points = Array.from(text);
  return points.length === 1 ? BigInt(points[0]!.codePointAt(0)!) : undefined;
}

const DECIMAL_INT = /^(?:0|[1-9](?:_?[0-9])*)$/;
const PREFIXED_INT = /^0(?:[xX](?:_?[0-9a-fA-F])+|[oO]?(?:_?[0-7])+|[bB](?:_?[01])+)$/;
const DECIMAL_FLOAT = /^(?:[0-9](?:_?[0-9])*)?\.?(?:[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9]+)?$/;
const HEX_FLOAT = /^0[xX]((?:_?[0-9a-fA-F])*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/;

/** A number: int where it has neither point nor exponent. An int past 64 bits is no number. */
export function parseNumber(literal: string): bigint | number | undefined {
  const sign = literal[0] === "-" ? -1 : 1;
  const digits = /^[+-]/.test(literal) ? literal.slice(1) : literal;
  if (DECIMAL_INT.test(digits) || PREFIXED_INT.test(digits)) return parseInteger(digits, sign);
  const hex = HEX_FLOAT.exec(digits);
  if (hex !== null) return sign * parseHexFloat(hex[1]!, hex[2] ?? "", Number(hex[3]));
  if (!DECIMAL_FLOAT.test(digits) || !/^\.?[0-9]/.test(digits)) return undefined;
  const value = Number(digits.replaceAll("_", ""));
  return Number.isFinite(value) ? sign * value : undefined;
}

function parseInteger(digits: string, sign: number): bigint | undefined {
  const plain = digits.replaceAll("_", "");
  // Go reads a leading zero as octal; BigInt would not.
  const value = BigInt(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain) * BigInt(sign);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function parseHexFloat(whole: string, fraction: string, exponent: number): number {
  const mantissa = Number(`0x${whole.replaceAll("_", "")}${fraction}`);
  return mantissa * 2 ** (exponent - 4 * fraction.length);
}
