import { exponentialBound } from "@binnacle/model";
import { expect, test } from "vitest";
import { seededRandom, type Random } from "../../parser/random-query.ts";
import {
  addHistograms,
  detectReset,
  equalHistograms,
  scaleHistogram,
  subtractHistograms,
} from "./arithmetic.ts";
import type { Buckets, NativeHistogram } from "./native-histogram.ts";

function randomHistogram(random: Random): NativeHistogram {
  const schema = Math.floor(random() * 4);
  const zeroThreshold = [0, 0.01, 0.125, 0.3][Math.floor(random() * 4)]!;
  // No bucket reaches into its own histogram's zero bucket.
  const isAllowed = (index: number): boolean => exponentialBound(index - 1, schema) >= zeroThreshold;
  const buckets = (): Buckets => {
    const indexes = Array.from({ length: 12 }, (_, i) => i - 5).filter(
      (index) => random() < 0.4 && isAllowed(index),
    );
    return { indexes, counts: indexes.map(() => 1 + Math.floor(random() * 9)) };
  };
  const positive = buckets();
  const negative = buckets();
  const zeroCount = Math.floor(random() * 3);
  const count = [...positive.counts, ...negative.counts].reduce((a, b) => a + b, zeroCount);
  return {
    schema,
    hint: "unknown",
    count,
    sum: Math.floor(random() * 100),
    zeroThreshold,
    zeroCount,
    positive,
    negative,
    customBounds: undefined,
  };
}

/** The naive twin: observations as (upper bound, count) pairs, put into a layout one by one. */
function observations(histogram: NativeHistogram): { readonly at: number; readonly count: number }[] {
  const side = (buckets: Buckets, sign: number) =>
    buckets.indexes.map((index, i) => ({
      at: sign * exponentialBound(index, histogram.schema),
      count: buckets.counts[i]!,
    }));
  return [
    ...side(histogram.positive, 1),
    ...side(histogram.negative, -1),
    { at: 0, count: histogram.zeroCount },
  ];
}

function countIn(
  all: readonly { at: number; count: number }[],
  lower: number,
  upper: number,
  sign: number,
): number {
  return all
    .filter(({ at }) => sign * at > lower * (1 + 1e-9) && sign * at <= upper * (1 + 1e-9))
    .reduce((sum, { count }) => sum + count, 0);
}

/** Other observations in the buckets of a histogram. */
function likeLayoutOf(layout: NativeHistogram, other: NativeHistogram): NativeHistogram {
  return {
    ...other,
    schema: layout.schema,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: layout.positive,
    negative: layout.negative,
  };
}

test("a sum holds every observation in the bucket of its layout", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = seededRandom(seed);
    const a = randomHistogram(random);
    const b = randomHistogram(random);
    const { histogram } = addHistograms(a, b)!;
    const all = [...observations(a), ...observations(b)];
    expect(histogram.schema, `seed ${seed}`).toBe(Math.min(a.schema, b.schema));
    expect(histogram.count, `seed ${seed}`).toBe(a.count + b.count);
    const { zeroThreshold } = histogram;
    const inZero = all
      .filter(({ at }) => Math.abs(at) <= zeroThreshold * (1 + 1e-9))
      .reduce((s, { count }) => s + count, 0);
    expect(histogram.zeroCount, `seed ${seed}`).toBe(inZero);
    for (const [buckets, sign] of [
      [histogram.positive, 1],
      [histogram.negative, -1],
    ] as const) {
      for (const [i, index] of buckets.indexes.entries()) {
        const lower = Math.max(exponentialBound(index - 1, histogram.schema), zeroThreshold);
        const upper = exponentialBound(index, histogram.schema);
        expect(buckets.counts[i], `seed ${seed}, bucket ${index}`).toBe(countIn(all, lower, upper, sign));
      }
    }
  }
});

test("adding and subtracting undo each other, and adding is symmetric", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const a = randomHistogram(random);
    const b = likeLayoutOf(a, randomHistogram(random));
    const sum = addHistograms(a, b)!.histogram;
    expect(equalHistograms(sum, addHistograms(b, a)!.histogram), `seed ${seed}`).toBe(true);
    const back = subtractHistograms(sum, b)!.histogram;
    const inLayout = addHistograms(a, scaleHistogram(sum, 0))!.histogram;
    expect(equalHistograms({ ...back, hint: "unknown" }, inLayout), `seed ${seed}`).toBe(true);
  }
});

test("a counter that only grows was not reset, and one that lost an observation was", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const before = randomHistogram(random);
    const grown = addHistograms(before, likeLayoutOf(before, randomHistogram(random)))!;
    expect(detectReset(grown.histogram, before), `seed ${seed}`).toBe(false);
    if (before.positive.counts.length === 0) continue;
    const counts = before.positive.counts.with(0, before.positive.counts[0]! - 1);
    const shrunk = { ...before, positive: { indexes: before.positive.indexes, counts } };
    expect(detectReset(shrunk, before), `seed ${seed}`).toBe(true);
  }
});

test("exponential and custom buckets do not mix", () => {
  const exponential = randomHistogram(seededRandom(1));
  const custom = { ...exponential, schema: -53, customBounds: [1, 2] };
  expect(addHistograms(exponential, custom)).toBeUndefined();
  expect(detectReset(custom, exponential)).toBe(true);
});
