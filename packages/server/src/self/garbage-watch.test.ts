import { expect, test } from "vitest";
import { GARBAGE_GROWTH_BYTES } from "../limits.ts";
import { GarbageWatch } from "./garbage-watch.ts";

/** Plays what a thread holds, in units of the growth that is worth a collection; says when it collected. */
function collections(held: readonly { readonly before: number; readonly inUse: number }[]): boolean[] {
  let bytes = 0;
  let collected = false;
  let step = held[0]!;
  using watch = new GarbageWatch({
    heldBytes: () => bytes,
    collect: () => {
      collected = true;
      bytes = step.inUse * GARBAGE_GROWTH_BYTES;
    },
  });
  return held.map((next) => {
    step = next;
    bytes = step.before * GARBAGE_GROWTH_BYTES;
    collected = false;
    watch.look();
    return collected;
  });
}

test.for<[what: string, held: [before: number, inUse: number][], collected: boolean[]]>([
  ["the start is a growth like any other", [[2, 1]], [true]],
  [
    "little growth is left alone",
    [
      [2, 1],
      [1.5, 1],
      [1.9, 1],
    ],
    [true, false, false],
  ],
  [
    "what is in use is not asked for again",
    [
      [2, 2],
      [2.5, 2.5],
      [3, 2],
    ],
    [true, false, true],
  ],
  [
    "after V8 collected, growth counts from there",
    [
      [4, 4],
      [1, 1],
      [2.5, 1],
    ],
    [true, false, true],
  ],
])("%s", ([, held, expected]) => {
  expect(collections(held.map(([before, inUse]) => ({ before, inUse })))).toEqual(expected);
});

test("without a collector there is nothing to do", () => {
  using watch = new GarbageWatch({ heldBytes: () => 1e12, collect: undefined });
  expect(() => watch.look()).not.toThrow();
});
