import { expect, test } from "vitest";
import { bucketsOf, exponentialBound } from "./histogram-buckets.ts";
import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from "./histogram.ts";

const EMPTY: Histogram = {
  schema: 0,
  isInteger: true,
  counterResetHint: "unknown",
  count: 0,
  sum: 0,
  zeroThreshold: 0.001,
  zeroCount: 0,
  positiveSpans: [],
  positiveCounts: new Float64Array(0),
  negativeSpans: [],
  negativeCounts: new Float64Array(0),
  customBounds: undefined,
};

test("buckets come from the lowest to the highest, with the spans' gaps between them", () => {
  const histogram: Histogram = {
    ...EMPTY,
    zeroCount: 2,
    positiveSpans: [
      { offset: 0, length: 2 },
      { offset: 1, length: 1 },
    ],
    positiveCounts: Float64Array.of(1, 2, 3),
    negativeSpans: [{ offset: 1, length: 1 }],
    negativeCounts: Float64Array.of(4),
  };
  expect(bucketsOf(histogram).map(({ lower, upper, count }) => [lower, upper, count])).toEqual([
    [-2, -1, 4],
    [-0.001, 0.001, 2],
    [0.5, 1, 1],
    [1, 2, 2],
    [4, 8, 3],
  ]);
});

test("custom buckets reach from minus to plus infinity", () => {
  const histogram: Histogram = {
    ...EMPTY,
    schema: CUSTOM_BUCKETS_SCHEMA,
    positiveSpans: [{ offset: 0, length: 3 }],
    positiveCounts: Float64Array.of(1, 2, 3),
    customBounds: Float64Array.of(5, 10),
  };
  expect(bucketsOf(histogram).map(({ lower, upper }) => [lower, upper])).toEqual([
    [-Infinity, 5],
    [5, 10],
    [10, Infinity],
  ]);
});

test.each([
  [0, 0, 1],
  [3, 0, 8],
  [-1, 0, 0.5],
  [4, 2, 2],
  [1, -1, 4],
  [8, 3, 2],
])("bound %d of schema %d is %d", (index, schema, bound) => {
  expect(exponentialBound(index, schema)).toBe(bound);
});
