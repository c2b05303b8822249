/** Quotes text as Go's strconv does: `%q`. */

const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

// Letters, marks, numbers, punctuation, symbols and the plain space: what Go calls printable.
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** With double quotes; `ascii` escapes all that is not ASCII. */
export function quote(text: string, ascii: boolean): string {
  return `"${escape(text, '"', ascii)}"`;
}

/** One character with single quotes. */
export function quoteChar(char: string, ascii: boolean): string {
  return `'${escape(char, "'", ascii)}'`;
}

function escape(text: string, mark: string, ascii: boolean): string {
  let result = "";
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (char === mark) result += `\\${char}`;
    else if (ESCAPES[char] !== undefined) result += ESCAPES[char];
    else if (code < 0x80 || !ascii ? PRINTABLE.test(char) : false) result += char;
    else result += escapeCode(code);
  }
  return result;
}

function escapeCode(code: number): string {
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  // A lone surrogate is no character of Go's: it reads the replacement character there.
  const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
  const hex = point.toString(16);
  return point < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
