/**
 * A column of doubles as bytes, bit for bit: the codec is chosen by looking at the values.
 *
 *     0 constant         8 bytes
 *     1 constant delta   u8 exponent │ zigzag first │ zigzag delta
 *     3 raw              exclusive-or with the value before, in eight planes of bytes
 *     5 multiples        u8 exponent │ u8 order │ exceptions │ varint step │ zigzag offset │ planes
 *     6 integers         u8 exponent │ u8 order │ exceptions │ planes       (delta of order 0, 1 or 2)
 *     7 near integers    as 6 │ planes       (what the bits of each value are beside those of its number)
 *     2, 4               6 and 7 as versions 1 and 2 of a block have them: zigzags instead of planes
 *
 * An integer column's values are whole numbers once multiplied by 10^exponent, and dividing gives them back
 * exactly; values for which that is not so (NaN, −0, infinities, stale markers) are exceptions: varint count,
 * then for each a varint distance and its 8 bytes; in the sequence they repeat the number before. Near
 * integers are sums of decimals: each addition rounds, so they wander off by a few units in the last place,
 * and those are cheap to write down. Multiples are integers that lie whole steps apart, as bytes of memory
 * lie pages apart: number = offset + step × what is written.
 */
import { STALE_NAN_HIGH, STALE_NAN_LOW } from "@binnacle/model";
import type { ByteReader, ByteWriter } from "../bytes.ts";
import { readPlanes, writePlanes } from "./planes.ts";

const CONSTANT = 0;
const CONSTANT_DELTA = 1;
const ZIGZAG_INTEGERS = 2;
const RAW = 3;
const ZIGZAG_NEAR_INTEGERS = 4;
const MULTIPLES = 5;
const INTEGERS = 6;
const NEAR_INTEGERS = 7;

const EXPONENT_MAX = 15;
/** Scaled values stay below this, so that second differences still fit a signed varint. */
const INTEGER_MAX = 2 ** 49;
const POWERS: readonly number[] = Array.from({ length: EXPONENT_MAX + 1 }, (_, i) => Number(`1e${i}`));

/** Units in the last place that a near integer may be off. */
const UNITS_MAX = 2 ** 16;
/** Bits that a step must save, which itself takes some bytes. */
const STEP_BITS_MIN = 64;
/** Decimals that sums are tried with: of seconds in ms, µs and ns, and of cents. */
const NEAR_EXPONENTS: readonly number[] = [2, 3, 6, 9];

/** `words` holds two words for each of `count` values, at a multiple of 8 bytes in its buffer. */
export function encodeValues(writer: ByteWriter, words: Uint32Array, count: number): void {
  if (isConstant(words, count)) {
    writer.u8(CONSTANT);
    writer.u32(words[0]!);
    writer.u32(words[1]!);
    return;
  }
  const integers = toIntegers(words, count);
  if (integers !== undefined) return encodeIntegers(writer, words, integers);
  const near = toNearIntegers(words, count);
  if (near === undefined) encodeRaw(writer, words, count);
  else encodeNearIntegers(writer, words, near);
}

/** Writes `count` values into `target` (two words each) from value `at` on. */
export function decodeValues(reader: ByteReader, count: number, target: Uint32Array, at: number): void {
  const codec = reader.u8();
  if (codec === CONSTANT) {
    const low = reader.u32();
    const high = reader.u32();
    for (let i = 2 * at; i < 2 * (at + count); i += 2) {
      target[i] = low;
      target[i + 1] = high;
    }
  } else if (codec === CONSTANT_DELTA || isOfIntegers(codec)) {
    decodeIntegers(reader, codec, count, target, at);
  } else if (codec === RAW) {
    decodeRaw(reader, count, target, at);
  } else {
    reader.fail(`value codec ${codec} is not known`);
  }
}

/** Whether a column has no stale marker, as far as its first bytes tell: false says nothing. */
export function isMarkerFree(reader: ByteReader): boolean {
  const codec = reader.u8();
  if (codec === CONSTANT) {
    const low = reader.u32();
    return reader.u32() !== STALE_NAN_HIGH || low !== STALE_NAN_LOW;
  }
  if (codec === CONSTANT_DELTA) return true;
  if (!isOfIntegers(codec)) return false;
  // Markers are among the exceptions, whose number stands behind the exponent and the order.
  reader.u8();
  reader.u8();
  return reader.varint() === 0;
}

/**
 * Whether values of a codec take less time to write out than to fetch from where they were written before.
 */
export function isCheap(codec: number): boolean {
  return codec === CONSTANT || codec === CONSTANT_DELTA;
}

/** Codecs that begin with an exponent, an order and exceptions. */
function isOfIntegers(codec: number): boolean {
  return codec === ZIGZAG_INTEGERS || (codec >= ZIGZAG_NEAR_INTEGERS && codec <= NEAR_INTEGERS);
}

function isConstant(words: Uint32Array, count: number): boolean {
  for (let i = 2; i < 2 * count; i += 2) if (words[i] !== words[0] || words[i + 1] !== words[1]) return false;
  return true;
}

interface Integers {
  readonly exponent: number;
  readonly numbers: Float64Array;
  /** Indices of values that are no scaled integers. */
  readonly exceptions: readonly number[];
}

/** The smallest power of ten that makes whole numbers of (nearly) all values, or undefined. */
function toIntegers(words: Uint32Array, count: number): Integers | undefined {
  const values = new Float64Array(words.buffer, words.byteOffset, count);
  const exceptionsMax = count >>> 3;
  let exponent = 0;
  let misfits = 0;
  for (let i = 0; i < count; i++) {
    // What no exponent fits is an exception, and does not drive the exponent up for the rest.
    const fitting = exponentOf(values[i]!, exponent);
    if (fitting >= 0) exponent = fitting;
    else if (++misfits > exceptionsMax) return undefined;
  }
  const power = POWERS[exponent]!;
  const numbers = new Float64Array(count);
  const exceptions: number[] = [];
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    const scaled = Math.round(value * power);
    if (isExact(value, scaled, power)) previous = scaled;
    else exceptions.push(i);
    numbers[i] = previous;
  }
  return exceptions.length > exceptionsMax ? undefined : { exponent, numbers, exceptions };
}

/** The first exponent from `least` on that makes the value a whole number, or −1. */
function exponentOf(value: number, least: number): number {
  for (let exponent = least; exponent <= EXPONENT_MAX; exponent++) {
    const power = POWERS[exponent]!;
    const scaled = Math.round(value * power);
    if (isExact(value, scaled, power)) return exponent;
    if (!(Math.abs(scaled) < INTEGER_MAX)) return -1;
  }
  return -1;
}

function isExact(value: number, scaled: number, power: number): boolean {
  return Math.abs(scaled) < INTEGER_MAX && scaled / power === value && (scaled !== 0 || Object.is(value, 0));
}

function encodeIntegers(writer: ByteWriter, words: Uint32Array, integers: Integers): void {
  const { exponent, exceptions, numbers } = integers;
  const first = numbers[0]!;
  const delta = numbers.length > 1 ? numbers[1]! - first : 0;
  if (exceptions.length === 0 && isConstantDelta(numbers, delta)) {
    writer.u8(CONSTANT_DELTA);
    writer.u8(exponent);
    writer.zigzag(first);
    writer.zigzag(delta);
    return;
  }
  const step = stepOf(numbers);
  if (step > 1 && countChanges(numbers) * Math.log2(step) >= STEP_BITS_MIN) {
    const multiples = numbers.map((number) => (number - first) / step);
    const order = bestOrder(multiples);
    writer.u8(MULTIPLES);
    writeExceptions(writer, words, integers, order);
    writer.varint(step);
    writer.zigzag(first);
    writeNumbers(writer, multiples, order);
  } else {
    const order = bestOrder(numbers);
    writer.u8(INTEGERS);
    writeExceptions(writer, words, integers, order);
    writeNumbers(writer, numbers, order);
  }
}

/** The greatest number that all distances between numbers are multiples of; 0 when all are equal. */
function stepOf(numbers: Float64Array): number {
  const first = numbers[0]!;
  let step = 0;
  for (let i = 1; i < numbers.length && step !== 1; i++) {
    let rest = Math.abs(numbers[i]! - first);
    if (step > 0) rest %= step;
    while (rest > 0) {
      const remainder = step % rest;
      step = rest;
      rest = remainder;
    }
  }
  return step;
}

function countChanges(numbers: Float64Array): number {
  let count = 0;
  for (let i = 1; i < numbers.length; i++) if (numbers[i] !== numbers[i - 1]) count++;
  return count;
}

/** What columns of integers begin with. */
function writeExceptions(
  writer: ByteWriter,
  words: Uint32Array,
  { exponent, exceptions }: Integers,
  order: number,
): void {
  writer.u8(exponent);
  writer.u8(order);
  writer.varint(exceptions.length);
  let previous = 0;
  for (const index of exceptions) {
    writer.varint(index - previous);
    previous = index;
    writer.u32(words[2 * index]!);
    writer.u32(words[2 * index + 1]!);
  }
}

/** Numbers as differences of an order. */
function writeNumbers(writer: ByteWriter, numbers: Float64Array, order: number): void {
  const written = numbers.slice();
  if (order === 2)
    for (let i = written.length - 1; i > 1; i--) written[i]! -= 2 * written[i - 1]! - written[i - 2]!;
  if (order === 2 && written.length > 1) written[1]! -= written[0]!;
  if (order === 1) for (let i = written.length - 1; i > 0; i--) written[i]! -= written[i - 1]!;
  writePlanes(writer, written);
}

interface NearIntegers extends Integers {
  /** Units in the last place from number / 10^exponent to the value; 0 for exceptions. */
  readonly units: Float64Array;
}

/**
 * The smallest of the usual exponents that brings (nearly) all values close to whole numbers, or undefined.
 */
function toNearIntegers(words: Uint32Array, count: number): NearIntegers | undefined {
  const values = new Float64Array(words.buffer, words.byteOffset, count);
  const close = new Float64Array(1);
  const closeWords = new Uint32Array(close.buffer);
  for (const exponent of NEAR_EXPONENTS) {
    const power = POWERS[exponent]!;
    const numbers = new Float64Array(count);
    const units = new Float64Array(count);
    const exceptions: number[] = [];
    let previous = 0;
    for (let i = 0; i < count && exceptions.length <= count >>> 3; i++) {
      // Never −0, which a varint cannot say: what is below 0 and rounds to it is an exception.
      const scaled = Math.round(values[i]! * power) + 0;
      close[0] = scaled / power;
      const off = (words[2 * i + 1]! - closeWords[1]!) * 2 ** 32 + (words[2 * i]! - closeWords[0]!);
      if (Math.abs(scaled) < INTEGER_MAX && Math.abs(off) < UNITS_MAX) {
        previous = scaled;
        units[i] = off;
      } else {
        exceptions.push(i);
      }
      numbers[i] = previous;
    }
    if (exceptions.length <= count >>> 3) return { exponent, numbers, exceptions, units };
  }
  return undefined;
}

function encodeNearIntegers(writer: ByteWriter, words: Uint32Array, near: NearIntegers): void {
  const order = bestOrder(near.numbers);
  writer.u8(NEAR_INTEGERS);
  writeExceptions(writer, words, near, order);
  writeNumbers(writer, near.numbers, order);
  writeNumbers(writer, near.units, 1);
}

function isConstantDelta(numbers: Float64Array, delta: number): boolean {
  for (let i = 1; i < numbers.length; i++) if (numbers[i]! - numbers[i - 1]! !== delta) return false;
  return true;
}

/** The order of differences whose sizes take fewest bits. */
function bestOrder(numbers: Float64Array): number {
  let bits0 = 0;
  let bits1 = 0;
  let bits2 = 0;
  let d = 0;
  for (let i = 1; i < numbers.length; i++) {
    const difference = numbers[i]! - numbers[i - 1]!;
    bits0 += bitsOf(numbers[i]!);
    bits1 += bitsOf(difference);
    bits2 += bitsOf(difference - d);
    d = difference;
  }
  if (bits0 <= bits1 && bits0 <= bits2) return 0;
  return bits1 <= bits2 ? 1 : 2;
}

/** About log2(1 + size) of a whole number: a straight line between powers of two, at a third of the time. */
function bitsOf(number: number): number {
  const size = 1 + Math.abs(number);
  if (size >= 2 ** 31) return Math.log2(size);
  const whole = 31 - Math.clz32(size);
  return whole + size / (1 << whole) - 1;
}

function decodeIntegers(
  reader: ByteReader,
  codec: number,
  count: number,
  target: Uint32Array,
  at: number,
): void {
  const exponent = reader.u8();
  if (exponent > EXPONENT_MAX) reader.fail(`exponent ${exponent}`);
  const power = POWERS[exponent]!;
  const values = new Float64Array(target.buffer, target.byteOffset + 8 * at, count);
  if (codec === CONSTANT_DELTA) {
    let number = reader.zigzag();
    const delta = reader.zigzag();
    for (let i = 0; i < count; i++, number += delta) values[i] = number / power;
    return;
  }
  const order = reader.u8();
  if (order > 2) reader.fail(`delta order ${order}`);
  const exceptionCount = reader.count(count, "exceptions");
  const exceptionsAt = reader.at;
  for (let i = 0; i < exceptionCount; i++) {
    reader.varint();
    reader.bytes(8);
  }
  const isZigzag = codec === ZIGZAG_INTEGERS || codec === ZIGZAG_NEAR_INTEGERS;
  if (isZigzag) {
    reader.zigzags(values);
  } else if (codec === MULTIPLES) {
    const step = reader.varint();
    const offset = reader.zigzag();
    readPlanes(reader, values);
    for (let i = 0; i < count; i++) values[i]! *= step;
    // Differences add up from the first number; where there are none, each stands for itself.
    for (let i = 0; i < (order === 0 ? count : Math.min(count, 1)); i++) values[i]! += offset;
  } else {
    readPlanes(reader, values);
  }
  addUp(order, power, values);
  if (codec === NEAR_INTEGERS || codec === ZIGZAG_NEAR_INTEGERS) {
    const differences = new Float64Array(count);
    if (isZigzag) reader.zigzags(differences);
    else readPlanes(reader, differences);
    addUnits(differences, target, at);
  }
  const end = reader.at;
  reader.at = exceptionsAt;
  let index = 0;
  for (let i = 0; i < exceptionCount; i++) {
    index += reader.varint();
    if (index >= count) reader.fail(`an exception at value ${index} of ${count}`);
    target[2 * (at + index)] = reader.u32();
    target[2 * (at + index) + 1] = reader.u32();
  }
  reader.at = end;
}

/** Makes numbers of their differences, and values of those. Here reading spends its time. */
function addUp(order: number, power: number, target: Float64Array): void {
  const count = target.length;
  let number = 0;
  let difference = 0;
  if (order === 0) {
    if (power !== 1) for (let i = 0; i < count; i++) target[i]! /= power;
  } else if (order === 1) {
    for (let i = 0; i < count; i++) target[i] = (number += target[i]!) / power;
  } else if (count > 0) {
    number = target[0]!;
    target[0] = number / power;
    for (let i = 1; i < count; i++) {
      difference += target[i]!;
      target[i] = (number += difference) / power;
    }
  }
}

/** Moves each value by its units in the last place. */
function addUnits(differences: Float64Array, target: Uint32Array, at: number): void {
  let units = 0;
  let i = 2 * at;
  for (const difference of differences) {
    units += difference;
    const low = target[i]! + units;
    target[i] = low;
    if (low < 0) target[i + 1]!--;
    else if (low >= 2 ** 32) target[i + 1]!++;
    i += 2;
  }
}

function encodeRaw(writer: ByteWriter, words: Uint32Array, count: number): void {
  writer.u8(RAW);
  const start = writer.skip(8 * count);
  const bytes = writer.view();
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    const x = words[2 * i]! ^ low;
    const y = words[2 * i + 1]! ^ high;
    low = words[2 * i]!;
    high = words[2 * i + 1]!;
    for (let plane = 0; plane < 4; plane++) {
      bytes[start + plane * count + i] = x >>> (8 * plane);
      bytes[start + (plane + 4) * count + i] = y >>> (8 * plane);
    }
  }
}

function decodeRaw(reader: ByteReader, count: number, target: Uint32Array, at: number): void {
  const bytes = reader.bytes(8 * count);
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < 4; plane++) {
      low ^= bytes[plane * count + i]! << (8 * plane);
      high ^= bytes[(plane + 4) * count + i]! << (8 * plane);
    }
    target[2 * (at + i)] = low;
    target[2 * (at + i) + 1] = high;
  }
}
