import { expect, test } from "vitest";
import { pick, seededRandom } from "../../parser/random-query.ts";
import { BoundedHeap } from "./bounded-heap.ts";

test("the values kept are those that sorting all of them would keep", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = seededRandom(seed);
    const values = Array.from({ length: Math.floor(random() * 20) }, () =>
      pick(random, [NaN, Infinity, -Infinity, 1, 2, 2, 3, random() * 10]),
    );
    const limit = 1 + Math.floor(random() * 6);
    const isTop = random() < 0.5;
    const heap = new BoundedHeap(isTop ? "largest" : "smallest");
    heap.clear(limit);
    for (const [i, value] of values.entries()) heap.offer(i, value);
    const kept = heap.sorted();
    expect(new Set(heap.kept), `seed ${seed}`).toEqual(new Set(kept));
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
  const heap = new BoundedHeap("largest");
  heap.clear(2);
  for (const [i, value] of [5, 5, 7].entries()) heap.offer(i, value);
  expect(heap.sorted()).toEqual([2, 1]);
});
