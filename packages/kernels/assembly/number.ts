// Decimal numbers as exporters write them, to the nearest double.
//
// A number of at most 19 digits is an integer w times a power of ten. Where w < 2^53 and the power is at most
// 10^22, both are doubles without an error, so that one multiplication or division rounds once and rightly
// (Clinger, 1990). All that is not of this kind but is a number is called hard: its bytes are left to plain
// script, which always rounds rightly.

export const NUMBER_EXACT: u32 = 0;
/** A decimal number; its value is to be read by somebody else. */
export const NUMBER_HARD: u32 = 1;
/** Not a decimal number, or one of absurd size: NaN, Inf, hexadecimal, nonsense. */
export const NUMBER_OTHER: u32 = 2;

const EXACT_INTEGER_MAX: u64 = 1 << 53;
const EXACT_POWER_MAX: i32 = 22;
// Past these a number might be past the largest double, which is a mistake that plain script tells.
const HARD_DIGITS_MAX: usize = 40;
const HARD_POWER_MAX: i32 = 260;
const POWERS_OF_TEN = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
  1e19, 1e20, 1e21, 1e22,
]);

/** Where the run of bytes that are no space and no line feed ends; `end` at the latest. */
export function numberEnd(from: usize, end: usize): usize {
  let at = from;
  while (at < end) {
    const byte = load<u8>(at);
    if (byte == 0x20 || byte == 0x0a) break;
    at++;
  }
  return at;
}

/** Parses all of [from, end): sign, digits, point, exponent. Stores the double at `out` where it is exact. */
export function parseNumber(from: usize, end: usize, out: usize): u32 {
  let at = from;
  if (at >= end) return NUMBER_OTHER;
  const sign = load<u8>(at);
  if (sign == 0x2d || sign == 0x2b) at++;

  let w: u64 = 0;
  let exponent: i32 = 0;
  const digitsAt = at;
  while (at < end) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9) break;
    w = w * 10 + digit;
    at++;
  }
  let digits = at - digitsAt;
  if (at < end && load<u8>(at) == 0x2e) {
    at++;
    const fractionAt = at;
    while (at < end) {
      const digit = <u32>load<u8>(at) - 0x30;
      if (digit > 9) break;
      w = w * 10 + digit;
      at++;
    }
    const fraction = at - fractionAt;
    digits += fraction;
    exponent = -(<i32>fraction);
  }
  if (digits == 0) return NUMBER_OTHER;

  if (at < end && (load<u8>(at) | 0x20) == 0x65) {
    at++;
    if (at >= end) return NUMBER_OTHER;
    const exponentSign = load<u8>(at);
    if (exponentSign == 0x2d || exponentSign == 0x2b) at++;
    const exponentAt = at;
    let written: i32 = 0;
    while (at < end) {
      const digit = <u32>load<u8>(at) - 0x30;
      if (digit > 9) break;
      // Four digits are past every double; the rest is only checked to be digits.
      if (written < 10000) written = written * 10 + <i32>digit;
      at++;
    }
    if (at == exponentAt) return NUMBER_OTHER;
    exponent += exponentSign == 0x2d ? -written : written;
  }
  if (at != end) return NUMBER_OTHER;

  if (digits > HARD_DIGITS_MAX) return NUMBER_OTHER;
  if (exponent > HARD_POWER_MAX || exponent < -HARD_POWER_MAX) return NUMBER_OTHER;
  // 19 digits fit 64 bits whatever they are; leading zeros count as digits here, which only costs time.
  if (digits > 19 || w > EXACT_INTEGER_MAX || exponent > EXACT_POWER_MAX || exponent < -EXACT_POWER_MAX) {
    return NUMBER_HARD;
  }
  let value = <f64>w;
  if (exponent > 0) value *= load<f64>(POWERS_OF_TEN + ((<usize>exponent) << 3));
  else if (exponent < 0) value /= load<f64>(POWERS_OF_TEN + ((<usize>-exponent) << 3));
  store<f64>(out, sign == 0x2d ? -value : value);
  return NUMBER_EXACT;
}
