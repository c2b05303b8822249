/**
 * Packs one column of variables: picks its way and writes header and payload. variable-column.ts has
 * the ways.
 */
import type { ByteWriter } from "../bytes.ts";
import { isDigitByte } from "./template-table.ts";
import {
  CONSTANT,
  DELTAS,
  DICTIONARY,
  DIGITS_MAX,
  FIXED,
  maskOf,
  PLANES,
  TEXT,
  WHOLE,
} from "./variable-column.ts";

const DICTIONARY_MAX = 256;
const EMPTY = new Uint8Array(0);

/** The values to encode: value i is bytes[starts[v], ends[v]) with v = firsts[i] + slot. */
export interface ValueColumn {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly firsts: Uint32Array;
  readonly slot: number;
}

/** Scratch that one encoder keeps from column to column. */
export class ColumnEncoder {
  #numbers = new Float64Array(1024);
  readonly #index = new Map<string, number>();
  readonly #counts = new Uint32Array(256);

  /** Writes the header to one and the payload to the other. */
  encode(values: ValueColumn, header: ByteWriter, payload: ByteWriter): void {
    const { bytes, starts, ends, firsts, slot } = values;
    const count = firsts.length;
    const start0 = starts[firsts[0]! + slot]!;
    const end0 = ends[firsts[0]! + slot]!;
    let prefix = end0 - start0;
    let isConstant = true;
    for (let i = 1; i < count; i++) {
      const v = firsts[i]! + slot;
      const start = starts[v]!;
      const length = ends[v]! - start;
      const bound = Math.min(prefix, length);
      let same = 0;
      while (same < bound && bytes[start + same] === bytes[start0 + same]) same++;
      if (same < prefix || length !== end0 - start0) {
        isConstant = false;
        prefix = same;
        if (same === 0) break;
      }
    }
    if (isConstant) {
      this.#writeHeader(header, CONSTANT, bytes.subarray(start0, end0));
      return;
    }
    // Digits at the prefix's end belong to the number behind it.
    let numberAt = prefix;
    while (numberAt > 0 && isDigitByte(bytes[start0 + numberAt - 1]!)) numberAt--;
    const width = this.#readNumbers(values, numberAt);
    if (width !== undefined) {
      this.#encodeNumbers(count, width, bytes.subarray(start0, start0 + numberAt), header, payload);
    } else this.#encodeTexts(values, prefix, bytes.subarray(start0, start0 + prefix), header, payload);
  }

  /** Lines that have no template. */
  encodeWhole({ bytes, starts, ends, firsts }: ValueColumn, header: ByteWriter, payload: ByteWriter): void {
    const before = payload.length;
    let mask = 0;
    for (const v of firsts) {
      payload.varint(ends[v]! - starts[v]!);
      mask |= maskOf(bytes, starts[v]!, ends[v]!);
    }
    for (const v of firsts) payload.bytes(bytes.subarray(starts[v], ends[v]));
    this.#writeHeader(header, WHOLE, EMPTY);
    header.u32(mask);
    header.varint(payload.length - before);
  }

  #writeHeader(header: ByteWriter, kind: number, prefix: Uint8Array): void {
    header.u8(kind);
    header.varint(prefix.length);
    header.bytes(prefix);
  }

  /** Reads the rests behind `skip` bytes as numbers; their width, or undefined where some is none. */
  #readNumbers({ bytes, starts, ends, firsts, slot }: ValueColumn, skip: number): number | undefined {
    const count = firsts.length;
    if (this.#numbers.length < count) this.#numbers = new Float64Array(count * 2);
    const numbers = this.#numbers;
    let width = -1;
    let isPlain = true;
    let isEven = true;
    for (let i = 0; i < count; i++) {
      const v = firsts[i]! + slot;
      const start = starts[v]! + skip;
      const length = ends[v]! - start;
      if (length < 1 || length > DIGITS_MAX) return undefined;
      let number = 0;
      for (let at = start; at < start + length; at++) {
        const digit = bytes[at]! - 0x30;
        if (digit < 0 || digit > 9) return undefined;
        number = number * 10 + digit;
      }
      numbers[i] = number;
      if (length > 1 && bytes[start] === 0x30) isPlain = false;
      if (width < 0) width = length;
      else if (length !== width) isEven = false;
      if (!isPlain && !isEven) return undefined;
    }
    return isPlain ? 0 : width;
  }

  #encodeNumbers(
    count: number,
    width: number,
    prefix: Uint8Array,
    header: ByteWriter,
    payload: ByteWriter,
  ): void {
    const numbers = this.#numbers;
    let least = numbers[0]!;
    let greatest = least;
    for (let i = 1; i < count; i++) {
      const number = numbers[i]!;
      if (number < least) least = number;
      if (number > greatest) greatest = number;
    }
    let planes = 0;
    for (let range = greatest - least; range >= 1; range = Math.floor(range / 256)) planes++;
    const before = payload.length;
    if (this.#deltasPay(count, least, planes)) {
      let previous = 0;
      for (let i = 0; i < count; i++) {
        const step = numbers[i]! - previous;
        payload.varint(step < 0 ? -2 * step - 1 : 2 * step);
        previous = numbers[i]!;
      }
      this.#writeHeader(header, DELTAS, prefix);
      header.varint(width);
    } else {
      let unit = 1;
      for (let plane = 0; plane < planes; plane++, unit *= 256) {
        if (planes <= 4) {
          const shift = 8 * plane;
          for (let i = 0; i < count; i++) payload.u8(((numbers[i]! - least) >>> shift) & 255);
        } else {
          for (let i = 0; i < count; i++) payload.u8(Math.floor((numbers[i]! - least) / unit) % 256);
        }
      }
      this.#writeHeader(header, PLANES, prefix);
      header.varint(width);
      header.varint(least);
      header.u8(planes);
    }
    header.varint(payload.length - before);
  }

  /** Compares what both ways would take after entropy coding, on a sample from the middle. */
  #deltasPay(count: number, least: number, planes: number): boolean {
    if (count < 8) return false;
    const numbers = this.#numbers;
    const sample = Math.min(count - 1, 512);
    const from = 1 + ((count - 1 - sample) >>> 1);
    const counts = this.#counts;
    let deltaBits = 0;
    counts.fill(0);
    let bytes = 0;
    for (let i = from; i < from + sample; i++) {
      let step = numbers[i]! - numbers[i - 1]!;
      step = step < 0 ? -2 * step - 1 : 2 * step;
      for (; step > 127; step = Math.floor(step / 128)) {
        counts[(step % 128) | 128]!++;
        bytes++;
      }
      counts[step]!++;
      bytes++;
    }
    deltaBits = entropyBits(counts, bytes);
    let planeBits = 0;
    let unit = 1;
    for (let plane = 0; plane < planes && planeBits <= deltaBits; plane++, unit *= 256) {
      counts.fill(0);
      for (let i = from; i < from + sample; i++) counts[Math.floor((numbers[i]! - least) / unit) % 256]!++;
      planeBits += entropyBits(counts, sample);
    }
    return deltaBits < planeBits;
  }

  #encodeTexts(
    { bytes, starts, ends, firsts, slot }: ValueColumn,
    skip: number,
    prefix: Uint8Array,
    header: ByteWriter,
    payload: ByteWriter,
  ): void {
    const count = firsts.length;
    const before = payload.length;
    let mask = 0;
    let width = -1;
    for (let i = 0; i < count; i++) {
      const v = firsts[i]! + slot;
      const start = starts[v]! + skip;
      const end = ends[v]!;
      mask |= maskOf(bytes, start, end);
      if (width === -1) width = end - start;
      else if (width !== end - start) width = -2;
    }
    const picked = this.#pickDictionary(bytes, starts, ends, firsts, slot, skip);
    if (picked !== undefined) {
      payload.bytes(picked.numbers);
      for (const value of picked.values) {
        payload.bytes(bytes.subarray(starts[value]! + skip, ends[value]));
        payload.u8(10);
      }
      this.#writeHeader(header, DICTIONARY, prefix);
    } else if (width > 0) {
      for (let i = 0; i < count; i++) {
        const v = firsts[i]! + slot;
        for (let at = starts[v]! + skip; at < ends[v]!; at++) payload.u8(bytes[at]!);
      }
      this.#writeHeader(header, FIXED, prefix);
      header.varint(width);
    } else {
      for (let i = 0; i < count; i++) {
        const v = firsts[i]! + slot;
        for (let at = starts[v]! + skip; at < ends[v]!; at++) payload.u8(bytes[at]!);
        payload.u8(10);
      }
      this.#writeHeader(header, TEXT, prefix);
    }
    header.u32(mask);
    header.varint(payload.length - before);
  }

  /**
   * The values' numbers in a dictionary, and a variable for each entry; undefined where it does not pay.
   */
  #pickDictionary(
    bytes: Uint8Array,
    starts: Uint32Array,
    ends: Uint32Array,
    firsts: Uint32Array,
    slot: number,
    skip: number,
  ): { numbers: Uint8Array; values: number[] } | undefined {
    const count = firsts.length;
    if (count < 16) return undefined;
    const bound = Math.min(DICTIONARY_MAX, count >>> 2);
    const index = this.#index;
    index.clear();
    const numbers = new Uint8Array(count);
    const values: number[] = [];
    for (let i = 0; i < count; i++) {
      const v = firsts[i]! + slot;
      let key = "";
      for (let at = starts[v]! + skip; at < ends[v]!; at++) key += String.fromCharCode(bytes[at]!);
      let number = index.get(key);
      if (number === undefined) {
        number = values.length;
        if (number === bound || (i === 64 && number > 48)) return undefined;
        index.set(key, number);
        values.push(v);
      }
      numbers[i] = number;
    }
    return { numbers, values };
  }
}

function entropyBits(counts: Uint32Array, total: number): number {
  let bits = 0;
  for (let i = 0; i < 256; i++) {
    const count = counts[i]!;
    if (count > 0) bits -= count * Math.log2(count / total);
  }
  return bits;
}
