/**
 * One column of variables: the values of one slot of one template within a block. They are words: without
 * separators, so a line feed can stand between them. What all values begin with is kept once; the rest takes the
 * way that promises to be smallest:
 *
 *     constant    nothing more
 *     planes      whole numbers less the least, each byte of them in a plane of its own
 *     deltas      the steps between whole numbers, zigzag varints
 *     dictionary  numbers of up to 256 values
 *     fixed       values of one length, end to end
 *     text        values with a line feed after each
 *     whole       lines that have no template: their lengths as varints, then their bytes
 *
 * Numbers have no leading zeros (width 0) or all the same number of digits (width). A header says which way and
 * with what bounds, so that a search can often pass a column by without its payload.
 */
import { ByteReader, type ByteWriter, corrupt } from "../bytes.ts";
import { isDigitByte } from "./template-table.ts";

export const CONSTANT = 0;
export const PLANES = 1;
export const DELTAS = 2;
export const DICTIONARY = 3;
export const FIXED = 4;
export const TEXT = 5;
export const WHOLE = 6;

export interface ColumnHeader {
  readonly kind: number;
  /** What every value begins with. */
  readonly prefix: Uint8Array;
  /** PLANES, DELTAS: digits of each number, 0 for as many as it needs. FIXED: bytes of each rest. */
  readonly width: number;
  /** PLANES: the least number, and how many planes there are. */
  readonly least: number;
  readonly planes: number;
  /** FIXED, TEXT, DICTIONARY, WHOLE: which bytes occur in the rests, see maskOf. */
  readonly mask: number;
  readonly payloadBytes: number;
}

/** The values to encode: value i is bytes[starts[v], ends[v]) with v = firsts[i] + slot. */
export interface ValueColumn {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly firsts: Uint32Array;
  readonly slot: number;
}

const DIGITS_MAX = 15;
const DICTIONARY_MAX = 256;
const EMPTY = new Uint8Array(0);

/** Bits for bytes that may occur: digits, each letter whatever its case, all else. */
export function maskOf(bytes: Uint8Array, from: number, to: number): number {
  let mask = 0;
  for (let i = from; i < to; i++) mask |= MASKS[bytes[i]!]!;
  return mask;
}

const MASKS = Uint32Array.from({ length: 256 }, (_, byte) => {
  if (isDigitByte(byte)) return 1;
  const letter = (byte | 0x20) - 0x61;
  return letter >= 0 && letter < 26 && byte < 0x80 ? 2 << letter : 1 << 28;
});

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

  /** The values' numbers in a dictionary, and a variable for each entry; undefined where it does not pay. */
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

export function readColumnHeader(reader: ByteReader, what: string): ColumnHeader {
  const kind = reader.u8();
  const prefix = reader.bytes(reader.varint()).slice();
  let width = 0;
  let least = 0;
  let planes = 0;
  let mask = 0;
  let payloadBytes = 0;
  if (kind === PLANES || kind === DELTAS || kind === FIXED) width = reader.varint();
  if (kind === PLANES) {
    least = reader.varint();
    planes = reader.u8();
  }
  if (kind === FIXED || kind === TEXT || kind === DICTIONARY || kind === WHOLE) mask = reader.u32();
  if (
    kind > WHOLE ||
    planes > 7 ||
    (kind === FIXED && width === 0) ||
    (kind !== FIXED && width > DIGITS_MAX)
  ) {
    throw corrupt(what, `column of kind ${kind}, width ${width}, ${planes} planes`);
  }
  if (kind !== CONSTANT) payloadBytes = reader.varint();
  return { kind, prefix, width, least, planes, mask, payloadBytes };
}

/** Passes a header by and answers the bytes of its payload, without making an object of it. */
export function skipColumnHeader(reader: ByteReader, what: string): number {
  const kind = reader.u8();
  reader.bytes(reader.varint());
  if (kind === CONSTANT) return 0;
  if (kind > WHOLE) throw corrupt(what, `column of kind ${kind}`);
  if (kind === PLANES || kind === DELTAS || kind === FIXED) reader.varint();
  if (kind === PLANES) {
    reader.varint();
    reader.u8();
  } else if (kind !== DELTAS) reader.u32();
  return reader.varint();
}

/** A column's values at random. */
export interface Values {
  /** Writes value i and answers where it ends. The buffer must have room. */
  write(i: number, out: Uint8Array, at: number): number;
  /** The most bytes a value takes. */
  readonly bytesMax: number;
  /** For a dictionary the entry of each value, and how many entries there are. */
  readonly entries: { readonly of: Uint8Array; readonly count: number } | undefined;
  /** Writes an entry of a dictionary, prefix included. */
  writeEntry(entry: number, out: Uint8Array, at: number): number;
}

/** Throws CORRUPT_DATA naming `what` where the payload is not what the header says for that many values. */
export function openColumn(header: ColumnHeader, payload: Uint8Array, count: number, what: string): Values {
  const { prefix, width } = header;
  switch (header.kind) {
    case CONSTANT:
      return new TextValues({
        prefix,
        bytes: EMPTY,
        offsets: new Uint32Array(2),
        gap: 0,
        of: new Uint8Array(count),
      });
    case PLANES:
    case DELTAS:
      return new NumberValues(header, readNumbers(header, payload, count, what));
    case DICTIONARY: {
      if (payload.length < count) throw corrupt(what, `a dictionary column of ${payload.length} bytes`);
      const of = payload.subarray(0, count);
      const bytes = payload.subarray(count);
      const offsets = lineOffsets(bytes, what);
      for (const entry of of)
        if (entry + 1 >= offsets.length) throw corrupt(what, `entry ${entry} is missing`);
      return new TextValues({ prefix, bytes, offsets, gap: 1, of });
    }
    case FIXED: {
      if (payload.length !== count * width) throw corrupt(what, `${payload.length} bytes in a fixed column`);
      const offsets = new Uint32Array(count + 1);
      for (let i = 1; i <= count; i++) offsets[i] = i * width;
      return new TextValues({ prefix, bytes: payload, offsets, gap: 0, of: undefined });
    }
    case WHOLE: {
      const reader = new ByteReader(payload, what);
      const offsets = new Uint32Array(count + 1);
      for (let i = 0; i < count; i++) offsets[i + 1] = offsets[i]! + reader.varint();
      if (reader.left !== offsets[count])
        throw corrupt(what, `${reader.left} bytes of lines without a template`);
      return new TextValues({ prefix, bytes: payload.subarray(reader.at), offsets, gap: 0, of: undefined });
    }
    default: {
      const offsets = lineOffsets(payload, what);
      if (offsets.length !== count + 1)
        throw corrupt(what, `${offsets.length - 1} texts for ${count} values`);
      return new TextValues({ prefix, bytes: payload, offsets, gap: 1, of: undefined });
    }
  }
}

/** The places behind each line feed, after a 0. */
function lineOffsets(bytes: Uint8Array, what: string): Uint32Array {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 10) count++;
  if (bytes.length > 0 && bytes.at(-1) !== 10)
    throw corrupt(what, "a text column does not end with a line feed");
  const offsets = new Uint32Array(count + 1);
  let k = 1;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 10) offsets[k++] = at + 1;
  return offsets;
}

function readNumbers(
  { kind, least, planes }: ColumnHeader,
  payload: Uint8Array,
  count: number,
  what: string,
): Float64Array {
  const numbers = new Float64Array(count);
  if (kind === PLANES) {
    if (payload.length !== planes * count) throw corrupt(what, `${payload.length} bytes in ${planes} planes`);
    numbers.fill(least);
    let unit = 1;
    for (let at = 0; at < payload.length; at += count, unit *= 256) {
      for (let i = 0; i < count; i++) numbers[i]! += payload[at + i]! * unit;
    }
    return numbers;
  }
  let at = 0;
  let number = 0;
  for (let i = 0; i < count; i++) {
    let byte = payload[at++]!;
    let step = byte & 127;
    for (let factor = 128; byte > 127; factor *= 128) {
      byte = payload[at++]!;
      step += (byte & 127) * factor;
    }
    number += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    numbers[i] = number;
  }
  if (at !== payload.length) throw corrupt(what, "a column of deltas does not end where it should");
  return numbers;
}

class NumberValues implements Values {
  readonly bytesMax: number;
  readonly entries = undefined;
  readonly #prefix: Uint8Array;
  readonly #width: number;
  readonly #numbers: Float64Array;

  constructor({ prefix, width }: ColumnHeader, numbers: Float64Array) {
    this.#prefix = prefix;
    this.#width = width;
    this.#numbers = numbers;
    this.bytesMax = prefix.length + 20;
  }

  writeEntry(): number {
    throw new Error("BUG: numbers have no dictionary");
  }

  write(i: number, out: Uint8Array, at: number): number {
    const prefix = this.#prefix;
    for (let k = 0; k < prefix.length; k++) out[at++] = prefix[k]!;
    let number = this.#numbers[i]!;
    let digits = this.#width;
    if (digits === 0) {
      digits = 1;
      for (let bound = 10; number >= bound && digits < 17; bound *= 10) digits++;
    }
    let place = at + digits;
    while (number > 0x7fffffff && place > at) {
      const rest = Math.floor(number / 10);
      out[--place] = 0x30 + (number - rest * 10);
      number = rest;
    }
    let small = number | 0;
    while (place > at) {
      const rest = (small / 10) | 0;
      out[--place] = 0x30 + (small - rest * 10);
      small = rest;
    }
    return at + digits;
  }
}

interface Texts {
  readonly prefix: Uint8Array;
  /** Entry e is bytes[offsets[e], offsets[e + 1] − gap). */
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly gap: number;
  /** The entry of each value; undefined where each has its own. */
  readonly of: Uint8Array | undefined;
}

class TextValues implements Values {
  readonly bytesMax: number;
  readonly #texts: Texts;

  constructor(texts: Texts) {
    this.#texts = texts;
    const { prefix, offsets } = texts;
    let bytesMax = 0;
    for (let i = 1; i < offsets.length; i++) bytesMax = Math.max(bytesMax, offsets[i]! - offsets[i - 1]!);
    this.bytesMax = prefix.length + bytesMax;
  }

  get entries(): { readonly of: Uint8Array; readonly count: number } | undefined {
    const { of, offsets } = this.#texts;
    return of === undefined ? undefined : { of, count: offsets.length - 1 };
  }

  write(i: number, out: Uint8Array, at: number): number {
    const { of } = this.#texts;
    return this.writeEntry(of === undefined ? i : of[i]!, out, at);
  }

  writeEntry(entry: number, out: Uint8Array, at: number): number {
    const { prefix, bytes, offsets, gap } = this.#texts;
    for (let k = 0; k < prefix.length; k++) out[at++] = prefix[k]!;
    const end = offsets[entry + 1]! - gap;
    for (let k = offsets[entry]!; k < end; k++) out[at++] = bytes[k]!;
    return at;
  }
}
