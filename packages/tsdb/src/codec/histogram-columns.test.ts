import { seededRandom, type Histogram, type Random } from "@binnacle/model";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../bytes.ts";
import { pick } from "../test-random.ts";
import { decodeHistograms, encodeHistograms } from "./histogram-columns.ts";

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

function encoded(histograms: readonly Histogram[]): Uint8Array {
  const writer = new ByteWriter();
  encodeHistograms(writer, histograms);
  return writer.take();
}

function roundTrip(histograms: readonly Histogram[]): Histogram[] {
  const reader = new ByteReader(encoded(histograms), "test");
  const back = decodeHistograms(reader, histograms.length);
  expect(reader.isAtEnd).toBe(true);
  return back;
}

const CASES: readonly (readonly [name: string, histograms: readonly Histogram[]])[] = [
  ["one of nothing", [EMPTY]],
  [
    "a count that buckets do not add up to",
    [
      { ...EMPTY, count: 5 },
      { ...EMPTY, count: 9, sum: Number.NaN },
    ],
  ],
  [
    "buckets whose sum is past 2^53",
    [
      {
        ...EMPTY,
        count: 7,
        positiveSpans: [{ offset: 0, length: 8 }],
        positiveCounts: new Float64Array(8).fill(2 ** 51 - 1),
      },
    ],
  ],
  [
    "odd doubles",
    [
      {
        ...EMPTY,
        isInteger: false,
        count: -0,
        sum: Number.NEGATIVE_INFINITY,
        zeroThreshold: 2.938735877055719e-39,
        zeroCount: Number.NaN,
        positiveSpans: [{ offset: -5, length: 2 }],
        positiveCounts: Float64Array.of(-0, 5e-324),
      },
    ],
  ],
];

test.for(CASES)("%s comes back", ([, histograms]) => {
  expect(roundTrip(histograms)).toEqual(histograms);
});

/** A life of one series: counters that grow, layouts that grow and shrink, resets, hints. */
function randomLife(random: Random, count: number): Histogram[] {
  const bounds = random.next() < 0.3 ? Float64Array.of(0.5, 1, 2.5) : undefined;
  let schema = bounds === undefined ? random.below(13) - 4 : -53;
  let isInteger = random.next() < 0.5;
  let buckets = 1 + random.below(6);
  const levels = new Float64Array(16);
  return Array.from({ length: count }, () => {
    if (random.next() < 0.1) buckets = 1 + random.below(8);
    if (random.next() < 0.05) isInteger = !isInteger;
    if (bounds === undefined && random.next() < 0.05) schema = random.below(13) - 4;
    if (random.next() < 0.03) levels.fill(0);
    for (let i = 0; i < buckets; i++) levels[i]! += random.below(5) * (isInteger ? 1 : 0.3);
    const counts = levels.slice(0, buckets).map((level) => (isInteger ? Math.floor(level) : level));
    return {
      ...EMPTY,
      schema,
      isInteger,
      counterResetHint: pick(random, ["unknown", "not_reset", "not_reset", "reset", "gauge"] as const),
      count: counts.reduce((sum, each) => sum + each, 0) + (random.next() < 0.1 ? 1 : 0),
      sum: random.below(2 ** 32) / 9,
      zeroCount: random.below(3),
      positiveSpans: [
        { offset: random.below(2), length: 1 },
        ...(buckets > 1 ? [{ offset: 3, length: buckets - 1 }] : []),
      ],
      positiveCounts: counts,
      negativeSpans: [{ offset: -2, length: 1 }],
      negativeCounts: Float64Array.of(random.below(4)),
      customBounds: bounds,
    };
  });
}

test("random lives come back as they were", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const histograms = randomLife(random, 1 + random.below(100));
    expect(roundTrip(histograms), `seed ${seed}`).toEqual(histograms);
  }
});

test("altered bytes are read or refused with their place, and never hang", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const count = 1 + random.below(20);
    const whole = encoded(randomLife(random, count));
    const bytes = random.next() < 0.3 ? whole.slice(0, random.below(whole.length)) : whole;
    for (let flips = random.below(4); flips > 0; flips--)
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    try {
      decodeHistograms(new ByteReader(bytes, "a.block at byte 16"), count);
    } catch (error) {
      expect(error, `seed ${seed}`).toMatchObject({
        code: "CORRUPT_DATA",
        message: expect.stringContaining("a.block at byte 16") as string,
      });
    }
  }
});

const DAMAGED = [
  ["more layouts than samples", [3], "3 layouts of histograms"],
  ["flags of no layout", [1, 9], "layout flags 9"],
  ["nothing", [], "1 bytes expected"],
  ["no layouts", [0, 1, 0, 1], "0 as a run's kind"],
] as const;

test.for(DAMAGED)("%s is refused", ([, bytes, message]) => {
  expect(() => decodeHistograms(new ByteReader(Uint8Array.from(bytes), "test"), 1)).toThrowError(message);
});
