import { seededRandom, setStaleAt, wordsOf } from "@binnacle/model";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../bytes.ts";
import { randomColumn } from "../test-random.ts";
import { decodeValues, encodeValues } from "./values.ts";

function roundTrip(values: Float64Array): { words: Uint32Array; bytes: number } {
  const writer = new ByteWriter();
  encodeValues(writer, wordsOf(values), values.length);
  const reader = new ByteReader(writer.take(), "test");
  const back = new Float64Array(values.length + 2);
  decodeValues(reader, values.length, wordsOf(back), 1);
  expect(reader.isAtEnd).toBe(true);
  return { words: wordsOf(back.subarray(1, values.length + 1)), bytes: writer.length };
}

const COLUMNS: readonly (readonly [name: string, values: readonly number[], bytesMax: number])[] = [
  ["one value", [42], 9],
  ["a constant NaN", [Number.NaN, Number.NaN], 9],
  ["a counter of equal steps", Array.from({ length: 100 }, (_, i) => 1e12 + i * 512), 16],
  ["pages of memory", Array.from({ length: 100 }, (_, i) => 3e9 + 4096 * ((i * 37) % 50)), 125],
  ["pages of memory that only grow", Array.from({ length: 100 }, (_, i) => 77 + 4096 * ((i * i) % 997)), 220],
  [
    "steps beside exceptions",
    [...Array.from({ length: 60 }, (_, i) => 1 + 1024 * ((i * 7) % 11)), -0, NaN],
    100,
  ],
  ["quarters", Array.from({ length: 100 }, (_, i) => ((i * 37) % 1000) / 4), 220],
  ["steps down below zero", Array.from({ length: 40 }, (_, i) => -(2 ** 48) - 65536 * i * i), 110],
  ["decimals", Array.from({ length: 100 }, (_, i) => ((i * 37) % 1000) / 100), 260],
  ["both zeros", [0, -0, 0, -0], 40],
  ["whole numbers up to 2^53 and past it", [2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 1], 48],
  ["denormals", [5e-324, -5e-324, 2.2250738585072014e-308, 0], 40],
  ["infinities among numbers", [...Array.from({ length: 60 }, (_, i) => i * i), Infinity, -Infinity], 140],
  [
    "a sum that wanders off its decimals",
    Array.from(
      { length: 200 },
      (
        (x) => () =>
          (x += 0.1)
      )(0),
    ),
    620,
  ],
  [
    "near integers beside a power of two",
    [0.99999999999999989, 1.0000000000000002, 2, 1.9999999999999998],
    40,
  ],
  ["sums that are no short decimals", [0.1 + 0.2, 0.3, 4.35 * 100, 1.1 * 1.1], 40],
];

test.for(COLUMNS)("%s come back bit for bit", ([, numbers, bytesMax]) => {
  const values = Float64Array.from(numbers);
  const { words, bytes } = roundTrip(values);
  expect(words).toEqual(wordsOf(values));
  expect(bytes).toBeLessThanOrEqual(bytesMax);
});

test("random columns come back bit for bit, stale markers and NaN payloads included", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = seededRandom(seed);
    const values = randomColumn(random, 1 + random.below(200));
    expect(roundTrip(values).words, `seed ${seed}`).toEqual(wordsOf(values));
  }
});

test("random multiples of random steps come back bit for bit, exceptions among them", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = seededRandom(seed);
    const step = 1 + random.below(2 ** random.below(30));
    const power = 10 ** random.below(5);
    let number = random.below(2 ** 31) - 2 ** 30;
    const values = Float64Array.from({ length: 1 + random.below(300) }, () => {
      if (random.next() < 0.02) return [NaN, -0, 1 / 3, Infinity][random.below(4)]!;
      return (number += step * (random.below(100) - 30)) / power;
    });
    expect(roundTrip(values).words, `seed ${seed}`).toEqual(wordsOf(values));
  }
});

function read(bytes: readonly number[], count: number): Uint32Array {
  const values = new Float64Array(count);
  const reader = new ByteReader(Uint8Array.from(bytes), "test");
  decodeValues(reader, count, wordsOf(values), 0);
  expect(reader.isAtEnd).toBe(true);
  return wordsOf(values);
}

test("columns as earlier versions wrote them are read", () => {
  // 2.5, 3, a stale marker, 3.5, 0.75 as hundredths, their differences as zigzags.
  const integers = [2, 2, 1, 1, 2, 0x02, 0, 0, 0, 0, 0, 0xf0, 0x7f, 0xf4, 3, 100, 0, 100, 0xa5, 4];
  const near = [4, 1, 0, 0, 4, 6, 0, 2];
  const expected = Float64Array.of(2.5, 3, 0, 3.5, 0.75);
  setStaleAt(wordsOf(expected), 2);
  expect(read(integers, 5)).toEqual(wordsOf(expected));
  expect(read(near, 2)).toEqual(wordsOf(Float64Array.of(0.2, 0.1 + 0.2)));
});

const DAMAGED: readonly (readonly [name: string, bytes: readonly number[], message: string])[] = [
  ["nothing", [], "1 bytes expected, 0 left"],
  ["an unknown codec", [9], "value codec 9 is not known"],
  ["a constant cut short", [0, 1, 2], "4 bytes expected"],
  ["an exponent out of range", [1, 99, 0, 0], "exponent 99"],
  ["an order out of range", [2, 0, 3, 0], "delta order 3"],
  ["more exceptions than values", [2, 0, 1, 200, 1], "200 exceptions, where at most 4 are possible"],
  [
    "an exception past the end",
    [2, 0, 1, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    "an exception at value 9 of 4",
  ],
  ["too few integers", [2, 0, 1, 0, 2, 2], "1 bytes expected"],
  ["multiples cut short", [5, 0, 1, 0, 8, 2, 2, 2], "4 bytes expected"],
  ["multiples without an offset", [5, 0, 1, 0, 8], "1 bytes expected"],
  ["integers cut short", [6, 0, 1, 0, 2, 2], "4 bytes expected"],
  ["integers without their second bytes", [6, 0, 1, 0, 130, 2, 130, 2, 1], "2 bytes expected, 1 left"],
  ["near integers without units", [7, 0, 1, 0, 2, 2, 2, 2], "4 bytes expected"],
  [
    "an integer without an end",
    [6, 0, 1, 0, 255, 2, 2, 2, ...Array(7).fill(255)],
    "a number of more than 8 bytes",
  ],
  ["a raw column cut short", [3, 1, 2, 3], "32 bytes expected"],
  [
    "a number without an end",
    [1, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255],
    "a number of more than 8 bytes",
  ],
];

test.for(DAMAGED)("%s is refused with its place", ([, bytes, message]) => {
  const decode = (): void =>
    decodeValues(new ByteReader(Uint8Array.from(bytes), "a.block at byte 16"), 4, new Uint32Array(8), 0);
  expect(decode).toThrowError(message);
  expect(decode).toThrowError("a.block at byte 16");
});
