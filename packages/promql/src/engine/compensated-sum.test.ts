import { expect, test } from "vitest";
import { seededRandom } from "../parser/random-query.ts";
import { CompensatedMean, CompensatedSum, meanOf as fastMeanOf } from "./compensated-sum.ts";

function sumOf(values: readonly number[]): number {
  const sum = new CompensatedSum();
  for (const value of values) sum.add(value);
  return sum.total;
}

function meanOf(values: readonly number[]): number {
  const mean = new CompensatedMean();
  for (const value of values) mean.add(value);
  return mean.mean;
}

test.each([
  [[1e100, 1, -1e100], 1],
  [[0.1, 0.2, 0.3, -0.6], 2.7755575615628914e-17],
  [[Infinity, 1], Infinity],
  [[Infinity, -Infinity], NaN],
  [[NaN, 1], NaN],
  [[], 0],
])("the sum of %j", (values, expected) => {
  expect(sumOf(values)).toBe(expected);
});

test("a mean does not overflow where its values do not", () => {
  const large = Number.MAX_VALUE / 1.5;
  expect(meanOf([large, large, large])).toBeCloseTo(large, -295);
  expect(meanOf([-large, -large, large, large])).toBe(0);
  expect(meanOf([Infinity, 1])).toBe(Infinity);
  expect(meanOf([52, 52, 52, 52, 52, 52, 52])).toBe(52);
});

test("sums of whole numbers scaled apart are exact, whatever their order", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seededRandom(seed);
    const values = Array.from(
      { length: 40 },
      () => Math.floor(random() * 2000 - 1000) * 2 ** Math.floor(random() * 50),
    );
    // The naive twin: whole numbers, added exactly.
    const exact = Number(values.reduce((sum, value) => sum + BigInt(value), 0n));
    expect(sumOf(values), `seed ${seed}`).toBe(exact);
  }
});

test("the fast mean is the careful one, bit for bit", () => {
  const odd = [0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, 1e-300];
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const values = Array.from({ length: 1 + Math.floor(random() * 12) }, () =>
      random() < 0.15
        ? odd[Math.floor(random() * odd.length)]!
        : (random() - 0.5) * 10 ** Math.floor(random() * 20),
    );
    expect(fastMeanOf(Float64Array.from(values), 0, values.length), `seed ${seed}`).toBe(meanOf(values));
  }
});
