/**
 * Writes protobuf's wire format into a buffer that grows. Fields of a default value are the caller's to leave
 * out.
 */

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

const TWO_32 = 4_294_967_296;
const UTF8 = new TextEncoder();

export class ProtobufWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** What was written: a view that holds until something more is. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  reset(): void {
    this.#at = 0;
  }

  /** uint32, int32 ≥ 0, enum. */
  uint32(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#varint(value >>> 0, 0);
  }

  /** int64 or uint64 of a whole number within ±2^53. */
  int64(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#varint64(value);
  }

  sint32(field: number, value: number): void {
    this.uint32(field, (value << 1) ^ (value >> 31));
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** Value i of a column, bits and all, given the column's words. */
  doubleFrom(field: number, words: Uint32Array, i: number): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#view.setUint32(this.#at, words[2 * i]!, true);
    this.#view.setUint32(this.#at + 4, words[2 * i + 1]!, true);
    this.#at += 8;
  }

  packedDoubles(field: number, values: Float64Array): void {
    this.#tag(field, BYTES);
    this.#varint(8 * values.length, 0);
    this.#reserve(8 * values.length);
    for (const value of values) {
      this.#view.setFloat64(this.#at, value, true);
      this.#at += 8;
    }
  }

  /** Whole numbers within ±2^52, zigzag. */
  packedSint64(field: number, values: readonly number[]): void {
    this.message(field, () => {
      for (const value of values) this.#varint64(value < 0 ? -2 * value - 1 : 2 * value);
    });
  }

  string(field: number, text: string): void {
    this.message(field, () => {
      this.#reserve(3 * text.length);
      this.#at += UTF8.encodeInto(text, this.#bytes.subarray(this.#at)).written;
    });
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, BYTES);
    this.#varint(value.length, 0);
    this.raw(value);
  }

  /** Fields that were written before. */
  raw(fields: Uint8Array): void {
    this.#reserve(fields.length);
    this.#bytes.set(fields, this.#at);
    this.#at += fields.length;
  }

  /** A message whose fields `write` writes. One byte is kept for its length; a longer one moves it. */
  message(field: number, write: () => void): void {
    this.#tag(field, BYTES);
    this.#reserve(1);
    const lengthAt = this.#at++;
    write();
    const length = this.#at - lengthAt - 1;
    if (length < 0x80) {
      this.#bytes[lengthAt] = length;
      return;
    }
    const extra = length < 1 << 14 ? 1 : length < 1 << 21 ? 2 : length < 1 << 28 ? 3 : 4;
    this.#reserve(extra);
    this.#bytes.copyWithin(lengthAt + 1 + extra, lengthAt + 1, this.#at);
    const end = this.#at + extra;
    this.#at = lengthAt;
    this.#varint(length, 0);
    this.#at = end;
  }

  #tag(field: number, wireType: number): void {
    this.#varint((field << 3) | wireType, 0);
  }

  #varint64(value: number): void {
    const high = Math.floor(value / TWO_32);
    this.#varint((value - high * TWO_32) >>> 0, high >>> 0);
  }

  #varint(low: number, high: number): void {
    this.#reserve(10);
    while (high !== 0 || low > 0x7f) {
      this.#bytes[this.#at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#bytes[this.#at++] = low;
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
