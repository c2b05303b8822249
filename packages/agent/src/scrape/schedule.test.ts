import { expect, test } from "vitest";
import { alignToGrid, gridOf, nextOnGrid } from "./schedule.ts";

test("targets of one interval are spread over it", () => {
  const offsets = [0, 4_999, 5_000, 123_456].map((hash) => gridOf(5_000, hash).offsetMs);
  expect(offsets).toEqual([0, 4_999, 0, 3_456]);
});

test.each([
  [1_000_000, 1_000_200],
  [1_000_199.9, 1_000_200],
  [1_000_200, 1_001_200],
  [1_000_201, 1_001_200],
])("after %d comes %d", (nowMs, next) => {
  expect(nextOnGrid({ intervalMs: 1_000, offsetMs: 200 }, nowMs)).toBe(next);
});

test.each([
  [1_000_200, 1_000_200],
  [1_000_201.7, 1_000_200],
  [1_000_198, 1_000_200],
  // Too late to be called punctual: the real time stands.
  [1_000_203, 1_000_203],
  [1_000_196.4, 1_000_196],
])("%d is told as %d", (timeMs, told) => {
  expect(alignToGrid({ intervalMs: 1_000, offsetMs: 200 }, timeMs)).toBe(told);
});

test("short intervals are moved by a hundredth at most", () => {
  expect(alignToGrid({ intervalMs: 100, offsetMs: 0 }, 1_001)).toBe(1_000);
  expect(alignToGrid({ intervalMs: 100, offsetMs: 0 }, 1_002)).toBe(1_002);
});
