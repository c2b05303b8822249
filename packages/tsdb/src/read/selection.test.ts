/** What is read in ranges, again and again, from blocks and head, beside what was appended. */
import { QueryContext, seededRandom, wordsOf, type Labels, type Matcher } from "@binnacle/model";
import { expect, test } from "vitest";
import { pick, randomColumn } from "../test-random.ts";
import { labels, NOW_MS, openTestStore, TestClock, TestDir } from "../test-store.ts";

const STEP_MS = 15_000;

interface Twin {
  readonly labels: Labels;
  /** Bits of all values, by step; absent where the series skipped one. */
  readonly samples: Map<number, string>;
  /** The steps between which it lives. */
  readonly from: number;
  readonly to: number;
  readonly skips: boolean;
  readonly values: Float64Array;
}

const MARKER = "7ff00000:2";

function stepAt(timeMs: number): number {
  return Math.floor((timeMs - NOW_MS) / STEP_MS);
}

function bits(words: Uint32Array, i: number): string {
  return `${words[2 * i + 1]!.toString(16)}:${words[2 * i]!.toString(16)}`;
}

const SELECTORS: readonly (readonly Matcher[])[] = [
  [],
  [{ name: "__name__", op: "=", value: "m1" }],
  [{ name: "__name__", op: "=~", value: "m[02]" }],
  [{ name: "i", op: "!~", value: "1.*" }],
  [{ name: "absent", op: "=", value: "" }],
];

function matches(series: Labels, selector: readonly Matcher[]): boolean {
  return selector.every(({ name, op, value }) =>
    op === "="
      ? series.get(name) === value
      : new RegExp(`^(?:${value})$`).test(series.get(name)) === (op === "=~"),
  );
}

test.for([11, 12, 13, 14])("random samples are read as they were appended (seed %i)", async (seed) => {
  const random = seededRandom(seed);
  using dir = new TestDir();
  const clock = new TestClock();
  clock.timeMs = NOW_MS + 86_400_000;
  await using store = await openTestStore(dir.path, { clock, limits: { sealIntervalMs: 0 } });
  const steps = 600;
  const twins: Twin[] = Array.from({ length: 40 }, (_, i) => ({
    labels: labels(`__name__=m${i % 3},i=${i}`),
    samples: new Map<number, string>(),
    from: random.below(4) === 0 ? random.below(steps) : 0,
    to: random.below(4) === 0 ? random.below(steps) : steps,
    skips: random.below(6) === 0,
    values: randomColumn(random, steps),
  }));
  for (let step = 0; step < steps; step++) {
    for (const group of [0, 1]) {
      const present = twins.filter(
        (twin, i) =>
          i % 2 === group && step >= twin.from && step < twin.to && !(twin.skips && random.below(9) === 0),
      );
      const words = new Uint32Array(present.length * 2);
      for (const [i, twin] of present.entries()) {
        words.set(wordsOf(twin.values).subarray(2 * step, 2 * step + 2), 2 * i);
        twin.samples.set(step, bits(words, i));
      }
      await store.append([
        {
          group: `g${group}`,
          timeMs: NOW_MS + step * STEP_MS + group,
          series: Uint32Array.from(present, (twin) => store.series(twin.labels)),
          values: new Float64Array(words.buffer),
        },
      ]);
    }
    if (step % 150 === 149) await store.maintain();
  }

  let presenceCount = 0;
  for (let round = 0; round < 40; round++) {
    const selector = pick(random, SELECTORS);
    const from = random.below(steps);
    const to = from + random.below(steps - from);
    const use = pick(random, ["keep", "pass", "presence"] as const);
    const context = new QueryContext();
    const range = { startMs: NOW_MS + from * STEP_MS, endMs: NOW_MS + to * STEP_MS + 1 };
    using set = await store.select({ matchers: selector, ...range }, context);
    const found = new Map<string, Record<number, string>>();
    const present = new Map<string, number[]>();
    for (const { labels: read, times, values, isPresenceOnly } of set.read(context, use)) {
      const words = wordsOf(values);
      if (isPresenceOnly === true) {
        present.set(read.toString(), Array.from(times, stepAt));
        continue;
      }
      const entries = Array.from(times, (time, i) => [stepAt(time), bits(words, i)]);
      expect(entries.length).toBe(values.length);
      found.set(read.toString(), Object.fromEntries(entries) as Record<number, string>);
    }
    const expected = new Map<string, Record<number, string>>();
    for (const { labels: own, samples } of twins) {
      if (!matches(own, selector)) continue;
      const inRange = [...samples].filter(([step]) => step >= from && step <= to);
      if (inRange.length > 0) expected.set(own.toString(), Object.fromEntries(inRange));
    }
    expect([...found.keys(), ...present.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, samples] of expected) {
      const steps = present.get(name);
      if (steps === undefined) expect(found.get(name), name).toEqual(samples);
      else expect(steps, name).toEqual(Object.keys(samples).map(Number));
      expect(steps !== undefined && Object.values(samples).includes(MARKER), name).toBe(false);
    }
    if (use !== "presence") expect(present.size).toBe(0);
    presenceCount += present.size;
  }
  expect(presenceCount).toBeGreaterThan(0);
});
