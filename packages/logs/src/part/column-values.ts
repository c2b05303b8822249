/** Opens a packed column of variables, so that its values can be written out at random. */
import { ByteReader, corrupt } from "../bytes.ts";
import { CONSTANT, DELTAS, DICTIONARY, FIXED, PLANES, WHOLE, type ColumnHeader } from "./variable-column.ts";

const EMPTY = new Uint8Array(0);

/** A column's values at random. */
export interface Values {
  /** Writes value i and answers where it ends. The buffer must have room. */
  write(i: number, out: Uint8Array, at: number): number;
  /** The most bytes a value takes. */
  readonly bytesMax: number;
  /** Adds the length of value i to lengths[of[i]]. */
  addLengths(lengths: Uint32Array, of: Uint16Array): void;
  /** Roughly what it takes in memory beside its group. */
  readonly byteLength: number;
  /** For a dictionary the entry of each value, and how many entries there are. */
  readonly entries: { readonly of: Uint8Array; readonly count: number } | undefined;
  /** Writes an entry of a dictionary, prefix included. */
  writeEntry(entry: number, out: Uint8Array, at: number): number;
}

/**
 * Throws CORRUPT_DATA naming `what` where the payload is not what the header says for that many values.
 */
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

/** How long all values of a column are, where its header says that they are of one length. */
export function fixedLength({ kind, prefix, width, least, planes }: ColumnHeader): number | undefined {
  if (kind === CONSTANT) return prefix.length;
  if (width > 0) return prefix.length + width;
  if (kind !== PLANES || digitsOf(least) !== digitsOf(least + 256 ** planes - 1)) return undefined;
  return prefix.length + digitsOf(least);
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
): Uint32Array | Float64Array {
  if (kind === PLANES) {
    const numbers = least + 256 ** planes <= 2 ** 32 ? new Uint32Array(count) : new Float64Array(count);
    if (payload.length !== planes * count) throw corrupt(what, `${payload.length} bytes in ${planes} planes`);
    numbers.fill(least);
    let unit = 1;
    for (let at = 0; at < payload.length; at += count, unit *= 256) {
      for (let i = 0; i < count; i++) numbers[i]! += payload[at + i]! * unit;
    }
    return numbers;
  }
  const numbers = new Float64Array(count);
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
  readonly #numbers: Uint32Array | Float64Array;

  constructor({ prefix, width }: ColumnHeader, numbers: Uint32Array | Float64Array) {
    this.#prefix = prefix;
    this.#width = width;
    this.#numbers = numbers;
    this.bytesMax = prefix.length + 20;
  }

  get byteLength(): number {
    return this.#numbers.byteLength + 250;
  }

  addLengths(lengths: Uint32Array, of: Uint16Array): void {
    const known = this.#prefix.length + this.#width;
    for (let i = 0; i < of.length; i++) {
      lengths[of[i]!]! += this.#width > 0 ? known : known + digitsOf(this.#numbers[i]!);
    }
  }

  writeEntry(): number {
    throw new Error("BUG: numbers have no dictionary");
  }

  write(i: number, out: Uint8Array, at: number): number {
    const prefix = this.#prefix;
    for (let k = 0; k < prefix.length; k++) out[at++] = prefix[k]!;
    let number = this.#numbers[i]!;
    let digits = this.#width;
    if (digits === 0) digits = digitsOf(number);
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

function digitsOf(number: number): number {
  let digits = 1;
  for (let bound = 10; number >= bound && digits < 17; bound *= 10) digits++;
  return digits;
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

  get byteLength(): number {
    return this.#texts.offsets.byteLength + 250;
  }

  addLengths(lengths: Uint32Array, rows: Uint16Array): void {
    const { prefix, offsets, gap, of } = this.#texts;
    const known = prefix.length - gap;
    for (let i = 0; i < rows.length; i++) {
      const entry = of === undefined ? i : of[i]!;
      lengths[rows[i]!]! += known + offsets[entry + 1]! - offsets[entry]!;
    }
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
