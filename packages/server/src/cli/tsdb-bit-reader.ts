/** Reads Prometheus's streams of bits, the highest of a byte first, and the numbers in them. */
import { BinnacleError } from "@binnacle/model";

/** Bits of a number, by the ones before it. */
const VARBIT_WIDTHS = [0, 3, 6, 9, 12, 18, 25, 56, 64] as const;

export class BitReader {
  readonly #data: Buffer;
  readonly #place: string;
  #bit: number;

  /** `place` begins every error. */
  constructor(data: Buffer, from: number, place: string) {
    this.#data = data;
    this.#bit = from * 8;
    this.#place = place;
  }

  read(count: number): bigint {
    if (this.#bit + count > this.#data.length * 8) this.fail("the chunk ends too early");
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
    return this.fail("a number of more than ten bytes");
  }

  /** A number below zero, zero or above, behind ones that say how many bits it has. */
  varbit(): bigint {
    const width = this.#varbitWidth();
    return width === 0 ? 0n : asSigned(this.read(width), width);
  }

  varbitUnsigned(): bigint {
    const width = this.#varbitWidth();
    return width === 0 ? 0n : this.read(width);
  }

  /** A varbit that counts things of which at most `max` can be meant. */
  count(max: number, what: string): number {
    const value = this.varbitUnsigned();
    if (value > BigInt(max)) this.fail(`${value} ${what}, where at most ${max} are possible`);
    return Number(value);
  }

  double(): number {
    return new Float64Array(BigUint64Array.of(this.read(64)).buffer)[0]!;
  }

  fail(what: string): never {
    throw new BinnacleError("BAD_BODY", `${this.#place}: ${what}`);
  }

  #varbitWidth(): number {
    let ones = 0;
    while (ones < 8 && this.read(1) === 1n) ones++;
    return VARBIT_WIDTHS[ones]!;
  }
}

/** The upper half of what so many bits can say, its least excepted, is below zero. */
export function asSigned(value: bigint, width: number): bigint {
  if (width === 64) return BigInt.asIntN(64, value);
  return value > 1n << BigInt(width - 1) ? value - (1n << BigInt(width)) : value;
}

/**
 * A double that is written as the exclusive-or with the one before: 0: as before │ 10: bits where the last
 * had them │ 11: 5 bits leading zeros, 6 bits count (0 is 64), the bits.
 */
export class XorValue {
  readonly #words = new BigUint64Array(1);
  readonly #double = new Float64Array(this.#words.buffer);
  #leading = 0;
  #trailing = 0;

  get value(): number {
    return this.#double[0]!;
  }

  get bits(): bigint {
    return this.#words[0]!;
  }

  readFirst(bits: BitReader): void {
    this.#words[0] = bits.read(64);
  }

  readNext(bits: BitReader): void {
    if (bits.read(1) === 0n) return;
    if (bits.read(1) === 1n) {
      this.#leading = Number(bits.read(5));
      const significant = Number(bits.read(6)) || 64;
      this.#trailing = 64 - this.#leading - significant;
    }
    const width = 64 - this.#leading - this.#trailing;
    if (width < 1 || this.#trailing < 0) bits.fail(`a value of ${width} bits`);
    this.#words[0] = this.#words[0]! ^ (bits.read(width) << BigInt(this.#trailing));
  }
}
