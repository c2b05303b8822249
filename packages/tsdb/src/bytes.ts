/**
 * Writing and reading of bytes: fixed little-endian numbers, varints (7 bits a byte, low first, up to 2^53),
 * texts.
 *
 * A reader checks every bound and throws CORRUPT_DATA that names its place; it never reads past its view.
 */
import { BinnacleError } from "@binnacle/model";

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written, as a view that the next write may make stale. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was written, as a copy. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Makes room for `count` bytes and returns where they begin; the caller fills them through `view`. */
  skip(count: number): number {
    this.#reserve(count);
    const at = this.#length;
    this.#length += count;
    return at;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** A double that is no NaN of meaning: see `words` for values. */
  f64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Overwrites a byte of what was written or skipped before. */
  patchU8(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  /** A whole number 0…2^53−1. */
  varint(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    let at = this.#length;
    let rest = value;
    while (rest >= 0x80000000) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#length = at;
  }

  /** A whole number of either sign, below 2^52 in size. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  /** The bytes of typed-array data, as they lie in memory. */
  raw(source: ArrayBufferView): void {
    this.bytes(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }

  text(value: string): void {
    this.#reserve(value.length * 3 + 5);
    const bytes = this.#bytes;
    // Nearly all texts here are short and ASCII, where a loop beats the encoder's call.
    if (value.length < 128) {
      const start = this.#length;
      let at = start + 1;
      let i = 0;
      for (; i < value.length; i++) {
        const unit = value.charCodeAt(i);
        if (unit >= 0x80) break;
        bytes[at++] = unit;
      }
      if (i === value.length) {
        bytes[start] = value.length;
        this.#length = at;
        return;
      }
    }
    const encoded = textEncoder.encode(value);
    this.varint(encoded.length);
    this.bytes(encoded);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #place: string;
  at: number;

  /** `place` names what is read, for errors: a file and what stands there. */
  constructor(bytes: Uint8Array, place: string, at = 0) {
    // A Buffer's slice does not copy, and callers count on it: so never keep one.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#place = place;
    this.at = at;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  u8(): number {
    this.#need(1);
    return this.#bytes[this.at++]!;
  }

  u32(): number {
    this.#need(4);
    this.at += 4;
    return this.#view.getUint32(this.at - 4, true);
  }

  f64(): number {
    this.#need(8);
    this.at += 8;
    return this.#view.getFloat64(this.at - 8, true);
  }

  varint(): number {
    const bytes = this.#bytes;
    const first = bytes[this.at];
    if (first !== undefined && first < 0x80) {
      this.at++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) this.fail("a number over 2^53");
        return value;
      }
      scale *= 128;
    }
    return this.fail("a number of more than 8 bytes");
  }

  /** Passes over so many varints. */
  skipVarints(count: number): void {
    const bytes = this.#bytes;
    let left = count;
    let at = this.at;
    for (; left > 0 && at < bytes.length; at++) if (bytes[at]! < 0x80) left--;
    this.at = at;
    if (left > 0) this.fail(`${left} numbers expected`);
  }

  zigzag(): number {
    // Nearly all numbers of a block take a byte or two: these are told in whole-number arithmetic.
    const bytes = this.#bytes;
    const at = this.at;
    if (at + 1 < bytes.length) {
      const first = bytes[at]!;
      if (first < 0x80) {
        this.at = at + 1;
        return first & 1 ? -(first >>> 1) - 1 : first >>> 1;
      }
      const second = bytes[at + 1]!;
      if (second < 0x80) {
        const value = (first & 0x7f) | (second << 7);
        this.at = at + 2;
        return value & 1 ? -(value >>> 1) - 1 : value >>> 1;
      }
    }
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Fills a column with zigzag numbers: those of three bytes, which nearly all have at most, in one loop. */
  zigzags(target: Float64Array): void {
    const bytes = this.#bytes;
    const fastEnd = bytes.length - 2;
    let at = this.at;
    for (let i = 0; i < target.length; i++) {
      if (at < fastEnd) {
        let value = bytes[at]!;
        let size = 1;
        if (value >= 0x80) {
          const second = bytes[at + 1]!;
          value = (value & 0x7f) | (second << 7);
          size = 2;
          if (second >= 0x80) {
            const third = bytes[at + 2]!;
            value = (value & 0x3fff) | (third << 14);
            size = third < 0x80 ? 3 : 0;
          }
        }
        if (size !== 0) {
          at += size;
          target[i] = (value >>> 1) ^ -(value & 1);
          continue;
        }
      }
      this.at = at;
      target[i] = this.zigzag();
      at = this.at;
    }
    this.at = at;
  }

  /** A varint that counts things of which at most `max` can be meant. */
  count(max: number, what: string): number {
    const value = this.varint();
    if (value > max) this.fail(`${value} ${what}, where at most ${max} are possible`);
    return value;
  }

  /** A view of the next bytes. */
  bytes(count: number): Uint8Array {
    this.#need(count);
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  text(): string {
    const length = this.varint();
    this.#need(length);
    const start = this.at;
    this.at += length;
    return decodeText(this.#bytes.subarray(start, this.at));
  }

  fail(what: string): never {
    throw new BinnacleError(
      "CORRUPT_DATA",
      `${this.#place}: ${what}, at byte ${this.at} of ${this.#bytes.length}`,
    );
  }

  #need(count: number): void {
    if (this.at + count > this.#bytes.length)
      this.fail(`${count} bytes expected, ${this.#bytes.length - this.at} left`);
  }
}

/** UTF-8 to text. Bytes in shared memory are copied first, since a TextDecoder refuses them. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length < 24) {
    let text = "";
    let i = 0;
    for (; i < bytes.length && bytes[i]! < 0x80; i++) text += String.fromCharCode(bytes[i]!);
    if (i === bytes.length) return text;
  }
  return textDecoder.decode(bytes.buffer instanceof SharedArrayBuffer ? bytes.slice() : bytes);
}
