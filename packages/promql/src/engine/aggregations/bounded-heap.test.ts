import { expect, test } from "vitest";
import { pick, seededRandom } from "../../parser/random-query.ts";
import { bestOf } from "./bounded-heap.ts";

test("the values kept are those that sorting all of them would keep", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = seededRandom(seed);
    const values = Array.from({ length: Math.floor(random() * 20) }, () =>
      pick(random, [NaN, Infinity, -Infinity, 1, 2, 2, 3, random() * 10]),
    );
    const limit = 1 + Math.floor(random() * 6);
    const isTop = random() < 0.5;
    const kept = bestOf(
      [...values.keys()],
      (index) => values[index]!,
      limit,
      isTop ? (a, b) => a < b : (a, b) => a > b,
    );
    const sorted = values.toSorted((a, b) => {
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return a === b ? 0 : a > b === isTop ? -1 : 1;
    });
    expect(
      kept.map((index) => values[index]),
      `seed ${seed}`,
    ).toEqual(sorted.slice(0, limit));
  }
});

test("of equal values the heap's own choice stays", () => {
  const values = [5, 5, 7];
  const top = bestOf(
    [0, 1, 2],
    (index) => values[index]!,
    2,
    (a, b) => a < b,
  );
  expect(top).toEqual([2, 1]);
});
