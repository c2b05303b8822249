/** RFC 3339 times of log lines, straight from their bytes: to the nanosecond, with any offset. */

const DOT = 0x2e;
const ZULU = 0x5a;
const ZULU_SMALL = 0x7a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const COLON = 0x3a;

/** Unix nanoseconds of the time that is all of bytes[start, end), or undefined when it is none. */
export function parseRfc3339(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  // 2006-01-02T15:04:05 and at least a Z
  if (end - start < 20) return undefined;
  const year = digits(bytes, start, 4);
  const month = digits(bytes, start + 5, 2);
  const day = digits(bytes, start + 8, 2);
  const hour = digits(bytes, start + 11, 2);
  const minute = digits(bytes, start + 14, 2);
  const second = digits(bytes, start + 17, 2);
  const separator = bytes[start + 10]!;
  if (bytes[start + 4] !== MINUS || bytes[start + 7] !== MINUS || (separator | 0x20) !== 0x74)
    return undefined;
  if (bytes[start + 13] !== COLON || bytes[start + 16] !== COLON) return undefined;
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return undefined;

  let at = start + 19;
  let nanos = 0;
  if (bytes[at] === DOT) {
    let scale = 100_000_000;
    for (at++; at < end; at++) {
      const digit = bytes[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      nanos += digit * scale;
      // Digits past the ninth say less than a nanosecond.
      scale = scale === 1 ? 0 : scale / 10;
    }
  }
  const offsetMinutes = parseOffset(bytes, at, end);
  if (offsetMinutes === undefined) return undefined;
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - offsetMinutes * 60;
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

/** Minutes ahead of UTC. */
function parseOffset(bytes: Uint8Array, at: number, end: number): number | undefined {
  const sign = bytes[at];
  if (end - at === 1) return sign === ZULU || sign === ZULU_SMALL ? 0 : undefined;
  if (end - at !== 6 || (sign !== PLUS && sign !== MINUS) || bytes[at + 3] !== COLON) return undefined;
  const hours = digits(bytes, at + 1, 2);
  const minutes = digits(bytes, at + 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  return (sign === PLUS ? 1 : -1) * (hours * 60 + minutes);
}

/** The number that `count` digits spell; below 0 when one is none. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) {
    const digit = bytes[at + i]! - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NEGATIVE_INFINITY;
    value = value * 10 + digit;
  }
  return value;
}
