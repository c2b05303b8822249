/**
 * Reads protobuf's wire format: https://protobuf.dev/programming-guides/encoding/
 *
 * A message is read field by field: `field()` gives the next field's number, the caller reads its value by
 * the type it expects or skips it. Whatever does not fit the bounds of its message is BAD_BODY with the
 * offset.
 */
import { BinnacleError } from "@binnacle/model";

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const TWO_32 = 4_294_967_296;

export class ProtobufReader {
  readonly bytes: Uint8Array;
  /** The same memory, for decoding texts. */
  readonly buffer: Buffer;
  at: number;
  /** Where the message being read ends. */
  end: number;
  /** How the value of the field that was read last is written. */
  #wireType = VARINT;
  /** Halves of the varint that was read last, unsigned. */
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.end = bytes.length;
  }

  /** The next field's number, or 0 at the message's end. */
  field(): number {
    if (this.at >= this.end) return 0;
    const tag = this.#uint32();
    this.#wireType = tag & 7;
    const field = tag >>> 3;
    if (field === 0) this.fail("field number 0");
    return field;
  }

  /**
   * Enters the message that is the value of the field, and answers where the message around it ends. The
   * caller reads to the end of the inner one and then calls `leave` with that.
   */
  enter(): number {
    const length = this.#length();
    const outerEnd = this.end;
    this.end = this.at + length;
    return outerEnd;
  }

  /** Enters a message that stands behind its length without a field, as streams of messages have them. */
  enterDelimited(): number {
    this.#wireType = BYTES;
    return this.enter();
  }

  leave(outerEnd: number): void {
    this.at = this.end;
    this.end = outerEnd;
  }

  /** Bytes of the field's value: a view of what is read. */
  slice(): Uint8Array {
    const length = this.#length();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** A text; bytes that are no UTF-8 become U+FFFD. */
  string(): string {
    const length = this.#length();
    this.at += length;
    return this.buffer.toString("utf8", this.at - length, this.at);
  }

  /** uint32, enum. Higher bits are cut off, as protobuf wants it. */
  uint32(): number {
    this.#expect(VARINT);
    return this.#uint32();
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  /** int64 as a number: the nearest one past ±2^53. */
  int64(): number {
    this.#expect(VARINT);
    this.#varint();
    return (this.#high | 0) * TWO_32 + this.#low;
  }

  /** uint64 as a number: the nearest one past 2^53. */
  uint64(): number {
    this.#expect(VARINT);
    this.#varint();
    return this.#high * TWO_32 + this.#low;
  }

  /** sint64 (zigzag) as a number: the nearest one past ±2^53. */
  sint64(): number {
    this.#expect(VARINT);
    this.#varint();
    const low = ((this.#low >>> 1) | (this.#high << 31)) >>> 0;
    const half = (this.#high >>> 1) * TWO_32 + low;
    return (this.#low & 1) === 1 ? -half - 1 : half;
  }

  /** int64, all 64 bits. */
  int64Exact(): bigint {
    this.#expect(VARINT);
    this.#varint();
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low));
  }

  /** fixed64, all 64 bits. */
  fixed64Exact(): bigint {
    this.#expect(FIXED64);
    return this.buffer.readBigUInt64LE(this.#take(8));
  }

  /** fixed64 as a number: the nearest one past 2^53. */
  fixed64(): number {
    this.#expect(FIXED64);
    const at = this.#take(8);
    return this.buffer.readUInt32LE(at + 4) * TWO_32 + this.buffer.readUInt32LE(at);
  }

  /** sfixed64 as a number: the nearest one past ±2^53. */
  sfixed64(): number {
    this.#expect(FIXED64);
    const at = this.#take(8);
    return this.buffer.readInt32LE(at + 4) * TWO_32 + this.buffer.readUInt32LE(at);
  }

  /** fixed32. */
  fixed32(): number {
    this.#expect(FIXED32);
    return this.buffer.readUInt32LE(this.#take(4));
  }

  bool(): boolean {
    return this.uint64() !== 0;
  }

  /** double, as a number: a NaN may lose its bits. */
  double(): number {
    this.#expect(FIXED64);
    const at = this.#take(8);
    return this.buffer.readDoubleLE(at);
  }

  /** double, bits and all, into value i of a column whose words are given. */
  doubleInto(words: Uint32Array, i: number): void {
    this.#expect(FIXED64);
    const at = this.#take(8);
    const { bytes } = this;
    words[2 * i] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    words[2 * i + 1] =
      bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
  }

  /**
   * Whether the field's value is a run of bytes: a repeated number that is packed, where numbers are
   * expected.
   */
  get isBytes(): boolean {
    return this.#wireType === BYTES;
  }

  /** A repeated field of numbers, packed or one by one, appended to a list. */
  repeated(list: number[], read: "sint64" | "uint32" | "uint64" | "fixed64" | "double"): void {
    if (!this.isBytes) {
      list.push(this[read]());
      return;
    }
    const outerEnd = this.enter();
    this.#wireType = read === "double" || read === "fixed64" ? FIXED64 : VARINT;
    while (this.at < this.end) list.push(this[read]());
    this.leave(outerEnd);
  }

  skip(): void {
    switch (this.#wireType) {
      case VARINT:
        this.#varint();
        break;
      case FIXED64:
        this.#take(8);
        break;
      case BYTES:
        this.#take(this.#length());
        break;
      case FIXED32:
        this.#take(4);
        break;
      default:
        this.fail(`wire type ${this.#wireType}`);
    }
  }

  /** Throws BAD_BODY with the offset. */
  fail(what: string): never {
    throw new BinnacleError("BAD_BODY", `the protobuf message is malformed at byte ${this.at}: ${what}`);
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) this.fail(`wire type ${this.#wireType} where ${wireType} is expected`);
  }

  #take(length: number): number {
    const { at } = this;
    if (at + length > this.end) this.fail(`a value of ${length} bytes reaches over its message's end`);
    this.at = at + length;
    return at;
  }

  #length(): number {
    this.#expect(BYTES);
    this.#varint();
    const length = this.#high * TWO_32 + this.#low;
    if (length > this.end - this.at) this.fail(`a length of ${length} reaches over its message's end`);
    return length;
  }

  #uint32(): number {
    const first = this.bytes[this.at]!;
    if (first < 0x80 && this.at < this.end) {
      this.at++;
      return first;
    }
    this.#varint();
    return this.#low;
  }

  /** Up to ten bytes of seven bits, the least significant first. */
  #varint(): void {
    const { bytes, end } = this;
    let { at } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) this.fail("a number reaches over its message's end");
      const byte = bytes[at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.at = at;
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    this.fail("a number of more than ten bytes");
  }
}
