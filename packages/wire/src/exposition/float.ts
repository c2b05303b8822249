/**
 * Numbers of exposition texts: what Go's strconv.ParseFloat takes, but for hexadecimal and underscores, which
 * Prometheus refuses too. A number past the range of doubles is refused as well, not taken for infinite.
 */

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const NOT_A_NUMBER = /^nan$/i;

/** Longest integer that is summed digit by digit: below 2^53 whatever its digits. */
const SHORT_INTEGER_DIGITS = 15;

/** The number that all of [start, end) spells, or undefined where it spells none. */
export function parseFloatBytes(text: Buffer, start: number, end: number): number | undefined {
  if (end - start <= SHORT_INTEGER_DIGITS) {
    let value = 0;
    let at = start;
    for (; at < end; at++) {
      const digit = text[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === end && end > start) return value;
  }
  return parseFloatText(text.toString("latin1", start, end));
}

export function parseFloatText(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  if (INFINITE.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return NOT_A_NUMBER.test(text) ? Number.NaN : undefined;
}
