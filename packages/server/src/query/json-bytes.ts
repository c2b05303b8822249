/**
 * JSON as growing bytes. Wide answers are mostly numbers: their texts go straight into the buffer, and those
 * of numbers that come again and again (rates of slow counters do) are copied from where they were written.
 */
import { Buffer } from "node:buffer";
import { formatValue } from "./json-number.ts";

const BYTES_START = 8 * 1024;
/** Longest text of a number: `-1.7976931348623157e+308`, with room. */
const NUMBER_BYTES_MAX = 32;
/** Numbers whose texts are remembered, a power of two; one that takes another's place displaces it. */
const REMEMBERED = 8192;
const QUOTE = 0x22;
const CLOSE = 0x5d;
const DIGIT_0 = 0x30;
const DIGITS_MAX = 1e9;

export class JsonBytes {
  #bytes: Buffer = Buffer.allocUnsafeSlow(BYTES_START);
  #length = 0;
  /** By hash: a number, and where its text begins and how long it is; length 0 where there is none. */
  #numbers = new Float64Array(0);
  #numberAt = new Uint32Array(0);
  #numberLength = new Uint8Array(0);
  readonly #word = new Float64Array(1);
  readonly #words = new Uint32Array(this.#word.buffer);

  text(text: string): void {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length, "utf8");
  }

  /** Bytes that were written before, of any JsonBytes. */
  copy(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = from; i < to; i++) bytes[at++] = source[i]!;
    this.#length = at;
  }

  /** A sample's value: a number in quotes. */
  quoted(value: number): void {
    this.#reserve(NUMBER_BYTES_MAX + 2);
    this.#bytes[this.#length++] = QUOTE;
    if (value >= 0 && value < DIGITS_MAX && Math.floor(value) === value && 1 / value > 0) {
      this.#digits(value);
    } else {
      this.#number(value);
    }
    this.#bytes[this.#length++] = QUOTE;
  }

  /** The bracket that ends a point. */
  close(): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = CLOSE;
  }

  /** All of it, in a buffer of its own. It is empty afterwards. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(0);
    this.#length = 0;
    this.#numberLength.fill(0);
    return taken;
  }

  get length(): number {
    return this.#length;
  }

  /** A whole number below DIGITS_MAX. */
  #digits(value: number): void {
    let count = 1;
    for (let limit = 10; value >= limit; limit *= 10) count++;
    let rest = value | 0;
    for (let i = this.#length + count - 1; i >= this.#length; i--) {
      const tenth = (rest / 10) | 0;
      this.#bytes[i] = DIGIT_0 + rest - tenth * 10;
      rest = tenth;
    }
    this.#length += count;
  }

  #number(value: number): void {
    if (this.#numbers.length === 0) {
      this.#numbers = new Float64Array(REMEMBERED);
      this.#numberAt = new Uint32Array(REMEMBERED);
      this.#numberLength = new Uint8Array(REMEMBERED);
    }
    const bytes = this.#bytes;
    this.#word[0] = value;
    const hash = Math.imul(this.#words[0]! ^ Math.imul(this.#words[1]!, 0x9e3779b1), 0x85ebca6b);
    const slot = (hash >>> 16) & (REMEMBERED - 1);
    let at = this.#length;
    const known = this.#numberLength[slot]!;
    if (known > 0 && this.#numbers[slot] === value) {
      const from = this.#numberAt[slot]!;
      for (let i = 0; i < known; i++) bytes[at++] = bytes[from + i]!;
    } else {
      const text = formatValue(value);
      for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
      // −0 equals 0, whose text is another.
      this.#numberLength[slot] = value === 0 ? 0 : text.length;
      this.#numbers[slot] = value;
      this.#numberAt[slot] = this.#length;
    }
    this.#length = at;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(BYTES_START, this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
