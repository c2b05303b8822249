import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../bytes.ts";
import { readPlanes, writePlanes } from "./planes.ts";

function written(numbers: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  writePlanes(writer, Float64Array.from(numbers));
  return writer.take();
}

function roundTrip(numbers: readonly number[]): number[] {
  const reader = new ByteReader(written(numbers), "test");
  const target = new Float64Array(numbers.length);
  readPlanes(reader, target);
  expect(reader.isAtEnd).toBe(true);
  return [...target];
}

test.for([
  ["no number", [], []],
  ["numbers of one byte", [0, -1, 63, -64], [0, 1, 126, 127]],
  ["second bytes behind all first ones", [64, 1, -100], [0x80, 2, 0xc7, 1, 1]],
  ["a number of four bytes among others", [1, 2 ** 20, 2], [2, 0x80, 4, 0x80, 0x80, 1]],
] as const)("%s", ([, numbers, bytes]) => {
  expect([...written(numbers)]).toEqual(bytes);
  expect(roundTrip(numbers)).toEqual(numbers);
});

test("the bounds of every length come back", () => {
  const numbers = Array.from({ length: 52 }, (_, bits) => [
    2 ** bits,
    2 ** bits - 1,
    -(2 ** bits),
    1 - 2 ** bits,
  ]);
  const flat = numbers.flat().map((number) => number + 0);
  expect(roundTrip(flat)).toEqual(flat);
});

test("random numbers of random lengths come back, in as many bytes as varints take", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const bits = 1 + random.below(52);
    const numbers = Array.from({ length: random.below(300) }, () => {
      const size = Math.floor(random.next() * 2 ** random.below(bits));
      return random.below(2) === 0 ? size : -size + 0;
    });
    const varints = new ByteWriter();
    for (const number of numbers) varints.zigzag(number);
    expect(written(numbers), `seed ${seed}`).toHaveLength(varints.length);
    expect(roundTrip(numbers), `seed ${seed}`).toEqual(numbers);
  }
});
