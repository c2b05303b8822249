/**
 * Sets of code points, as sorted ranges that neither touch nor overlap: low, high, low, high, … both
 * included.
 */

export type CharClass = readonly number[];

export const CODE_POINT_MAX = 0x10ffff;
export const ANY: CharClass = [0, CODE_POINT_MAX];
export const ANY_BUT_NEWLINE: CharClass = [0, 9, 11, CODE_POINT_MAX];
export const DIGITS: CharClass = [0x30, 0x39];
export const WORD: CharClass = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
/** RE2's \s: without the vertical tab that Unicode and JavaScript count in. */
export const SPACE: CharClass = [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20];

/** Of ranges in any order. */
export function classOf(ranges: readonly number[]): CharClass {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [low, high] of pairs) {
    const last = merged.length - 1;
    if (last > 0 && low <= merged[last]! + 1) merged[last] = Math.max(merged[last]!, high);
    else merged.push(low, high);
  }
  return merged;
}

export function negated(charClass: CharClass): CharClass {
  const ranges: number[] = [];
  let next = 0;
  for (let i = 0; i < charClass.length; i += 2) {
    if (charClass[i]! > next) ranges.push(next, charClass[i]! - 1);
    next = charClass[i + 1]! + 1;
  }
  if (next <= CODE_POINT_MAX) ranges.push(next, CODE_POINT_MAX);
  return ranges;
}

export function areDisjoint(a: CharClass, b: CharClass): boolean {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i + 1]! < b[j]!) i += 2;
    else if (b[j + 1]! < a[i]!) j += 2;
    else return false;
  }
  return true;
}

export function isSameClass(a: CharClass, b: CharClass): boolean {
  return a.length === b.length && a.every((point, i) => point === b[i]);
}

/** How many code points there are. */
export function classSize(charClass: CharClass): number {
  let size = 0;
  for (let i = 0; i < charClass.length; i += 2) size += charClass[i + 1]! - charClass[i]! + 1;
  return size;
}

/**
 * With all that are equal but for case. Undefined where there are characters past ASCII: their folding is
 * re2js's business. Two ASCII letters fold with characters past it: k with the Kelvin sign, s with the long
 * s.
 */
export function foldedAscii(charClass: CharClass): CharClass | undefined {
  const ranges = [...charClass];
  for (let i = 0; i < charClass.length; i += 2) {
    if (charClass[i + 1]! > 0x7f) return undefined;
    for (let point = charClass[i]!; point <= charClass[i + 1]!; point++) {
      const lower = point | 0x20;
      if (lower < 0x61 || lower > 0x7a) continue;
      ranges.push(lower, lower, lower - 0x20, lower - 0x20);
      if (lower === 0x6b) ranges.push(0x212a, 0x212a);
      if (lower === 0x73) ranges.push(0x17f, 0x17f);
    }
  }
  return classOf(ranges);
}
