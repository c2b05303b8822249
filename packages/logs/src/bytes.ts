/** Writing and reading of the little-endian primitives that this package's files are made of. */
import { BinnacleError } from "@binnacle/model";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A buffer that grows. Varints are LEB128 of whole numbers up to 2^53. */
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

  /** What was written, as a view: valid until the next write. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  #reserve(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return at;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  i64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, value, true);
  }

  varint(value: number): void {
    let at = this.#reserve(8);
    const bytes = this.#bytes;
    let rest = value;
    while (rest > 0x7fffffff) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      bytes[at++] = (rest & 127) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#length = at;
  }

  bytes(source: Uint8Array): void {
    const at = this.#reserve(source.length);
    this.#bytes.set(source, at);
  }

  /** UTF-8 with its length in bytes as a varint before it. */
  text(value: string): void {
    // Nearly all texts are ASCII, whose bytes are their units.
    const { length } = value;
    const start = this.#length;
    this.varint(length);
    const at = this.#reserve(length);
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) {
        this.#length = start;
        this.#longText(value);
        return;
      }
      bytes[at + i] = unit;
    }
  }

  #longText(value: string): void {
    const encoded = encoder.encode(value);
    this.varint(encoded.length);
    this.bytes(encoded);
  }

  /** Fills with zeros up to a multiple. */
  align(multiple: number): void {
    const gap = (multiple - (this.#length % multiple)) % multiple;
    const at = this.#reserve(gap);
    this.#bytes.fill(0, at, at + gap);
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  setI64(at: number, value: bigint): void {
    this.#view.setBigInt64(at, value, true);
  }
}

/** Reads what ByteWriter wrote. Past the end: CORRUPT_DATA with what was read and where. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** For error messages: what these bytes are. */
  readonly #what: string;
  at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  #take(count: number): number {
    const at = this.at;
    if (count < 0 || at + count > this.#bytes.length) {
      throw corrupt(this.#what, `${count} bytes wanted at byte ${at} of ${this.#bytes.length}`);
    }
    this.at = at + count;
    return at;
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  varint(): number {
    const first = this.#bytes[this.at];
    if (first !== undefined && first < 128) {
      this.at++;
      return first;
    }
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw corrupt(this.#what, `a number of over 8 bytes before byte ${this.at}`);
  }

  /** A view of the next bytes. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Passes the next bytes by. */
  skip(count: number): void {
    this.#take(count);
  }

  text(): string {
    return decoder.decode(this.bytes(this.varint()));
  }

  /** A count of things that take at least `bytesEach`, so that a damaged one allocates nothing. */
  count(bytesEach: number): number {
    const count = this.varint();
    if (count * bytesEach > this.left) {
      throw corrupt(this.#what, `a count of ${count} at byte ${this.at} needs more than is left`);
    }
    return count;
  }
}

export function corrupt(what: string, reason: string): BinnacleError {
  return new BinnacleError("CORRUPT_DATA", `${what} is damaged: ${reason}`);
}

/** UTF-8 length of a text without encoding it. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text, "utf8");
}
