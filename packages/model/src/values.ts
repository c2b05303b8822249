/**
 * Sample values as bits: the staleness marker and how to move values without harming it.
 *
 * The marker is a signalling NaN (0x7ff0000000000002). JavaScript may quieten a NaN whenever a number passes
 * through a variable, so a value that may be NaN is moved as two 32-bit words, never as a number. Numbers
 * that are not NaN may be moved as numbers. `TypedArray.prototype.set`, `slice` and `copyWithin` move bytes
 * and are safe.
 *
 * Typed arrays have the byte order of the machine; every machine Node runs on is little-endian.
 */

export const STALE_NAN_LOW = 0x00000002;
export const STALE_NAN_HIGH = 0x7ff00000;

/** The words of a column of doubles: word 2i is the low half of value i, word 2i+1 the high half. */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** Whether value i is the staleness marker, given the column's words. */
export function isStaleAt(words: Uint32Array, i: number): boolean {
  return words[2 * i] === STALE_NAN_LOW && words[2 * i + 1] === STALE_NAN_HIGH;
}

export function setStaleAt(words: Uint32Array, i: number): void {
  words[2 * i] = STALE_NAN_LOW;
  words[2 * i + 1] = STALE_NAN_HIGH;
}

/** Copies one value, bits and all. */
export function copyValue(
  target: Uint32Array,
  targetIndex: number,
  source: Uint32Array,
  sourceIndex: number,
): void {
  target[2 * targetIndex] = source[2 * sourceIndex]!;
  target[2 * targetIndex + 1] = source[2 * sourceIndex + 1]!;
}

/** Whether two values have the same bits (so NaN equals itself and 0 differs from −0). */
export function sameBits(a: Uint32Array, i: number, b: Uint32Array, j: number): boolean {
  return a[2 * i] === b[2 * j] && a[2 * i + 1] === b[2 * j + 1];
}
