/**
 * Decodes Prometheus's chunks of floats: times as differences of differences, values as the exclusive-or with
 * the one before, in a stream of bits.
 *
 *     u16 samples │ varint time, f64 value │ uvarint difference, value │ second difference, value │ …
 *     second difference   0: none │ 10: 14 bits │ 110: 17 │ 1110: 20 │ 1111: 64
 *     value               0: as before │ 10: bits where the last had them │ 11: 5 bits leading zeros,
 *                         6 bits count (0 is 64), the bits
 */
import { BinnacleError } from "@binnacle/model";

const WIDTHS = [0, 14, 17, 20, 64] as const;

/** Appends the chunk's samples. Throws BAD_BODY that begins with `place` when it ends too early. */
export function decodeXorChunk(data: Buffer, times: number[], values: number[], place: string): void {
  if (data.length < 2) throw new BinnacleError("BAD_BODY", `${place}: a chunk of ${data.length} bytes`);
  const bits = new BitReader(data, 2, place);
  const count = data.readUInt16BE(0);
  const words = new BigUint64Array(1);
  const double = new Float64Array(words.buffer);
  let timeMs = 0n;
  let delta = 0n;
  let leading = 0;
  let trailing = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      timeMs = zigzag(bits.uvarint());
      words[0] = bits.read(64);
    } else {
      if (i === 1) delta = bits.uvarint();
      else delta += secondDifference(bits);
      timeMs += delta;
      if (bits.read(1) === 1n) {
        if (bits.read(1) === 1n) {
          leading = Number(bits.read(5));
          const significant = Number(bits.read(6)) || 64;
          trailing = 64 - leading - significant;
        }
        const width = 64 - leading - trailing;
        if (width < 1 || trailing < 0)
          throw new BinnacleError("BAD_BODY", `${place}: a value of ${width} bits`);
        words[0] = words[0]! ^ (bits.read(width) << BigInt(trailing));
      }
    }
    times.push(Number(timeMs));
    values.push(double[0]!);
  }
}

function secondDifference(bits: BitReader): bigint {
  let ones = 0;
  while (ones < 4 && bits.read(1) === 1n) ones++;
  const width = WIDTHS[ones]!;
  if (width === 0) return 0n;
  const value = bits.read(width);
  if (width === 64) return BigInt.asIntN(64, value);
  return value > 1n << BigInt(width - 1) ? value - (1n << BigInt(width)) : value;
}

function zigzag(value: bigint): bigint {
  return (value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n);
}

class BitReader {
  readonly #data: Buffer;
  readonly #place: string;
  #bit: number;

  constructor(data: Buffer, from: number, place: string) {
    this.#data = data;
    this.#bit = from * 8;
    this.#place = place;
  }

  read(count: number): bigint {
    if (this.#bit + count > this.#data.length * 8)
      throw new BinnacleError("BAD_BODY", `${this.#place}: the chunk ends too early`);
    let value = 0n;
    for (let left = count; left > 0;) {
      const inByte = 8 - (this.#bit & 7);
      const take = Math.min(inByte, left);
      const byte = this.#data[this.#bit >>> 3]!;
      value = (value << BigInt(take)) | BigInt((byte >>> (inByte - take)) & (2 ** take - 1));
      this.#bit += take;
      left -= take;
    }
    return value;
  }

  uvarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.read(8);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
    throw new BinnacleError("BAD_BODY", `${this.#place}: a number of more than ten bytes`);
  }
}
