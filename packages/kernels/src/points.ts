/** Points of a range query's answer, `[seconds,"value"]`, as the bytes of their JSON. */
import { POINTS_STEP } from "./limits.ts";
import { kernelModule } from "./module.ts";

/** `,[-9007199254740.991,` at most, and what the kernel copies beyond. */
const TIME_BYTES_MAX = 32;
/** `"-1.7976931348623157e+308"]` at most. */
const VALUE_BYTES_MAX = 32;
const SLACK_BYTES = 32;

const POWER_MIN = -292;
const POWER_MAX = 324;
const POWERS_BYTES = 16 * (POWER_MAX - POWER_MIN + 1);

/** Where things stand, from the module's first address on. */
const ENDS_AT = POWERS_BYTES;
const TEXTS_AT = ENDS_AT + 4 * POINTS_STEP;
const VALUES_AT = TEXTS_AT + TIME_BYTES_MAX * POINTS_STEP + SLACK_BYTES;
const OUT_AT = VALUES_AT + 8 * POINTS_STEP;
const END = OUT_AT + (TIME_BYTES_MAX + VALUE_BYTES_MAX) * POINTS_STEP + SLACK_BYTES;

export class PointWriter {
  /** What the module's memory holds the texts of, as long as it holds this writer's data at all. */
  #times: Float64Array | undefined;
  #timesFrom = 0;

  /**
   * Hands the bytes of all points, with commas between them, to `take`, in one piece or several; each is
   * valid until `take` returns. Times are whole Unix ms; they are worked out once for series that have the
   * same array one after the other.
   */
  write(times: Float64Array, values: Float64Array, take: (bytes: Uint8Array) => void): void {
    for (let from = 0; from < times.length; from += POINTS_STEP) {
      this.#step(times, values, from, Math.min(times.length, from + POINTS_STEP), take);
    }
  }

  #step(
    times: Float64Array,
    values: Float64Array,
    from: number,
    to: number,
    take: (bytes: Uint8Array) => void,
  ): void {
    const module = kernelModule();
    const memory = module.reserve(END);
    const { start, kernels } = module;
    if (module.holder !== this) {
      memory.set(powersOfTen(), start);
      module.holder = this;
      this.#times = undefined;
    }
    const doubles = new Float64Array(memory.buffer, start + VALUES_AT, to - from);
    if (this.#times !== times || this.#timesFrom !== from) {
      doubles.set(times.subarray(from, to));
      kernels.writeTimes(start + VALUES_AT, to - from, start + ENDS_AT, start + TEXTS_AT);
      this.#times = times;
      this.#timesFrom = from;
    }
    doubles.set(values.subarray(from, to));
    const end = kernels.writePoints(
      start + VALUES_AT,
      to - from,
      start + TEXTS_AT,
      start + ENDS_AT,
      start,
      start + OUT_AT,
    );
    // Texts of a step begin without a comma, since nothing stands before the first.
    if (from > 0) take(COMMA);
    take(memory.subarray(start + OUT_AT, end));
  }
}

const COMMA = Uint8Array.of(0x2c);

let powers: Uint8Array | undefined;

/** 10^k for each k of the table, rounded up to 128 bits of which the first is set: high half, low half. */
function powersOfTen(): Uint8Array {
  if (powers !== undefined) return powers;
  const words = new BigUint64Array(2 * (POWER_MAX - POWER_MIN + 1));
  for (let k = POWER_MIN; k <= POWER_MAX; k++) {
    const power = 10n ** BigInt(Math.abs(k));
    let scaled: bigint;
    if (k >= 0) {
      const excess = bitLength(power) - 128n;
      scaled = excess <= 0n ? power << -excess : divideUp(power, 1n << excess);
    } else {
      scaled = divideUp(1n << (bitLength(power) + 127n), power);
    }
    words[2 * (k - POWER_MIN)] = scaled >> 64n;
    words[2 * (k - POWER_MIN) + 1] = BigInt.asUintN(64, scaled);
  }
  powers = new Uint8Array(words.buffer);
  return powers;
}

function bitLength(value: bigint): bigint {
  return BigInt(value.toString(2).length);
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
