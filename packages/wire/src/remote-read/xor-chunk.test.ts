/**
 * Chunks are read back by a reader that was written from the format's description, and by nothing of ours.
 */
import { seededRandom, wordsOf } from "@binnacle/model";
import { expect, test } from "vitest";
import { encodeXorChunk } from "./xor-chunk.ts";

/** Samples as [time, bits of the value]. BigInt throughout: slow, and with no halves to mix up. */
function decode(bytes: Uint8Array): [number, bigint][] {
  let at = 0;
  const bit = (): bigint => BigInt((bytes[at >> 3]! >> (7 - (at++ & 7))) & 1);
  const bits = (width: number): bigint => {
    let value = 0n;
    for (let i = 0; i < width; i++) value = (value << 1n) | bit();
    return value;
  };
  const varint = (): bigint => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = bits(8);
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  };
  const change = (): bigint => {
    if (bit() === 0n) return 0n;
    const width = bit() === 0n ? 14 : bit() === 0n ? 17 : bit() === 0n ? 20 : 64;
    const value = bits(width);
    return value > 1n << BigInt(width - 1) ? value - (1n << BigInt(width)) : value;
  };
  const count = Number(bits(16));
  const samples: [number, bigint][] = [];
  let time = 0n;
  let step = 0n;
  let value = 0n;
  let leading = 0n;
  let length = 0n;
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      const zigzag = varint();
      time = (zigzag & 1n) === 1n ? -(zigzag >> 1n) - 1n : zigzag >> 1n;
      value = bits(64);
    } else {
      step = i === 1 ? varint() : step + change();
      time += step;
      if (bit() === 1n) {
        if (bit() === 1n) {
          leading = bits(5);
          length = bits(6) || 64n;
        }
        value ^= bits(Number(length)) << (64n - leading - length);
      }
    }
    samples.push([Number(time), value]);
  }
  expect(Math.ceil(at / 8)).toBe(bytes.length);
  return samples;
}

function bitsOf(values: Float64Array, i: number): bigint {
  const words = wordsOf(values);
  return (BigInt(words[2 * i + 1]!) << 32n) | BigInt(words[2 * i]!);
}

function roundTrip(times: Float64Array, values: Float64Array, from = 0, to = times.length): void {
  const expected = Array.from({ length: to - from }, (_, i) => [times[from + i]!, bitsOf(values, from + i)]);
  expect(decode(encodeXorChunk(times, values, { from, to }))).toEqual(expected);
}

const STALE = new Float64Array(Uint32Array.of(2, 0x7ff00000).buffer)[0]!;

test.each<[string, number[], number[]]>([
  ["one sample", [1_767_323_045_000], [1]],
  ["a time before 1970", [-5, 0], [1, 1]],
  ["equal steps and values", [0, 15_000, 30_000, 45_000], [7, 7, 7, 7]],
  [
    "steps at each width's bounds",
    [0, 1e9, 2e9 + 8192, 3e9, 4e9 - 8191, 5e9 + 65_536, 6e9 - 524_287, 7e9 + 600_000, 9e12],
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  ],
  ["values that differ in the lowest and the highest bit", [0, 1, 2, 3], [5e-324, -5e-324, 0, -0]],
  ["no number, and infinities", [0, 1, 2, 3], [NaN, Infinity, -Infinity, 1]],
])("%s", (_what, times, values) => {
  roundTrip(Float64Array.from(times), Float64Array.from(values));
});

test("the staleness marker keeps its bits", () => {
  const values = new Float64Array(3);
  wordsOf(values).set([2, 0x7ff00000], 2);
  expect(Number.isNaN(STALE)).toBe(true);
  roundTrip(Float64Array.of(0, 1, 2), values);
});

test("a part of a column", () => {
  roundTrip(Float64Array.of(0, 10, 25, 40), Float64Array.of(1, 2, 2, 3.5), 1, 3);
});

test("random samples, steps and bits of every size", () => {
  const seed = Number(process.env.BINNACLE_SEED ?? 20_261);
  const random = seededRandom(seed);
  for (let round = 0; round < 300; round++) {
    const count = 1 + random.below(40);
    const times = new Float64Array(count);
    const values = new Float64Array(count);
    const words = wordsOf(values);
    let time = random.below(2) === 0 ? random.below(2 ** 31) : -random.below(2 ** 31);
    for (let i = 0; i < count; i++) {
      times[i] = time;
      time += 1 + random.below(2 ** (1 + random.below(40)));
      const kind = random.below(4);
      if (kind === 0) values[i] = random.below(100);
      else if (kind === 1 && i > 0) values[i] = values[i - 1]!;
      else words.set([random.below(2 ** 32), random.below(2 ** 32)], 2 * i);
    }
    try {
      roundTrip(times, values);
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}`, { cause: error });
    }
  }
});
