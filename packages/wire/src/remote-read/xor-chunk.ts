/**
 * Prometheus's XOR chunks: times as differences of differences, values as what they differ in from the one
 * before, bit by bit (Gorilla's scheme, with Prometheus's own widths).
 *
 *     2 bytes      number of samples, big-endian
 *     sample 0     time as a zigzag varint, value as 64 bits
 *     sample 1     time's difference as a varint, value
 *     sample 2…    time: how its difference differs from the one before
 *                    0                              not at all
 *                    10 + 14, 110 + 17, 1110 + 20,  a number of that many bits
 *                    1111 + 64
 *     value        how its bits differ from the one before
 *                    0                              not at all
 *                    10 + bits                      within the window that was used before
 *                    11 + 5 + 6 + bits              a new window: leading zeros, its length, its bits
 */
import { wordsOf } from "@binnacle/model";

/** Samples of a chunk, as Prometheus cuts them. */
export const CHUNK_SAMPLES_MAX = 120;

/** Leading zeros have five bits. */
const LEADING_MAX = 31;
const TWO_32 = 4_294_967_296;

/** Samples from `from` up to `to`, at least one and at most 65535. Values are moved as bits. */
export function encodeXorChunk(
  times: Float64Array,
  values: Float64Array,
  { from, to }: { readonly from: number; readonly to: number },
): Uint8Array {
  const bits = new BitWriter(16 + 18 * (to - from));
  const words = wordsOf(values);
  bits.write(0, to - from, 16);
  let step = 0;
  let leading = -1;
  let trailing = 0;
  for (let i = from; i < to; i++) {
    const low = words[2 * i]!;
    const high = words[2 * i + 1]!;
    if (i === from) {
      const time = times[i]!;
      bits.varint(time < 0 ? -2 * time - 1 : 2 * time);
      bits.write(high, low, 64);
      continue;
    }
    const difference = times[i]! - times[i - 1]!;
    if (i === from + 1) bits.varint(difference);
    else writeStepChange(bits, difference - step);
    step = difference;
    const xorLow = (low ^ words[2 * i - 2]!) >>> 0;
    const xorHigh = (high ^ words[2 * i - 1]!) >>> 0;
    if (xorLow === 0 && xorHigh === 0) {
      bits.write(0, 0, 1);
      continue;
    }
    const zerosBefore = Math.min(xorHigh === 0 ? 32 + Math.clz32(xorLow) : Math.clz32(xorHigh), LEADING_MAX);
    const zerosBehind = xorLow === 0 ? 32 + zerosAtEnd(xorHigh) : zerosAtEnd(xorLow);
    if (leading >= 0 && zerosBefore >= leading && zerosBehind >= trailing) {
      bits.write(0, 0b10, 2);
    } else {
      leading = zerosBefore;
      trailing = zerosBehind;
      bits.write(0, 0b11, 2);
      bits.write(0, leading, 5);
      // 64 has no room in six bits: 0 stands for it.
      bits.write(0, (64 - leading - trailing) & 63, 6);
    }
    writeShifted(bits, { high: xorHigh, low: xorLow, trailing, length: 64 - leading - trailing });
  }
  return bits.bytes();
}

function writeStepChange(bits: BitWriter, change: number): void {
  if (change === 0) bits.write(0, 0, 1);
  else if (fits(change, 14)) writeSigned(bits, 0b10, 2, { change, width: 14 });
  else if (fits(change, 17)) writeSigned(bits, 0b110, 3, { change, width: 17 });
  else if (fits(change, 20)) writeSigned(bits, 0b1110, 4, { change, width: 20 });
  else writeSigned(bits, 0b1111, 4, { change, width: 64 });
}

/** Prometheus's range is open below and closed above. */
function fits(change: number, width: number): boolean {
  const half = 2 ** (width - 1);
  return -half < change && change <= half;
}

function writeSigned(
  bits: BitWriter,
  prefix: number,
  prefixWidth: number,
  { change, width }: { readonly change: number; readonly width: number },
): void {
  bits.write(0, prefix, prefixWidth);
  bits.write(Math.floor(change / TWO_32) >>> 0, change >>> 0, width);
}

function writeShifted(
  bits: BitWriter,
  { high, low, trailing, length }: { high: number; low: number; trailing: number; length: number },
): void {
  if (trailing >= 32) bits.write(0, high >>> (trailing - 32), length);
  else if (trailing === 0) bits.write(high, low, length);
  else bits.write(high >>> trailing, ((low >>> trailing) | (high << (32 - trailing))) >>> 0, length);
}

function zerosAtEnd(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Bits, the highest of a byte first, into a buffer that grows. */
class BitWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(bytes: number) {
    this.#bytes = new Uint8Array(bytes);
  }

  /** The lowest `width` bits of a number given as two halves. */
  write(high: number, low: number, width: number): void {
    if (width > 32) this.#word(high, width - 32);
    this.#word(low, Math.min(width, 32));
  }

  /** A whole number from 0, seven bits a byte. */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#word((rest % 0x80) | 0x80, 8);
    this.#word(rest, 8);
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, Math.ceil(this.#length / 8));
  }

  #word(word: number, width: number): void {
    if ((this.#length + width) / 8 > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length + 8);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (let left = width; left > 0;) {
      const room = 8 - (this.#length & 7);
      const take = Math.min(room, left);
      const piece = (word >>> (left - take)) & (0xff >>> (8 - take));
      this.#bytes[this.#length >>> 3]! |= piece << (room - take);
      this.#length += take;
      left -= take;
    }
  }
}
