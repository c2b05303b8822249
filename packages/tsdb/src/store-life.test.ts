/** The store and a plain Map live the same random life; every answer must be the same. */
import { expect, test } from "vitest";
import {
  copyValue,
  isStaleAt,
  Labels,
  QueryContext,
  seededRandom,
  wordsOf,
  type Histogram,
  type Random,
  type SampleRejectReason,
  type SampleRow,
} from "@binnacle/model";
import type { MetricStore } from "./store.ts";
import { pick, randomColumn } from "./test-random.ts";
import { openTestStore, TestClock, TestDir } from "./test-store.ts";

const SEEDS: readonly number[] =
  process.env["BINNACLE_SEED"] === undefined
    ? [1, 2, 3, 4, 5, 6, 7, 8]
    : [Number(process.env["BINNACLE_SEED"])];
const STEPS = 150;
const RETENTION_MS = 6 * 3_600_000;
const FUTURE_MS = 600_000;
const SERIES_COUNT = 30;
const STEP_MS = 15_000;

/** What the store should be: series → time → value and start time as text. */
class Twin {
  readonly series = new Map<string, Map<number, string>>();
  readonly #last = new Map<string, number>();
  readonly #windowMs: number;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Undefined when it is taken. */
  add(
    key: string,
    timeMs: number,
    { value, startMs }: { value: string; startMs: number },
    nowMs: number,
  ): SampleRejectReason | undefined {
    if (timeMs > nowMs + FUTURE_MS) return "too_far_in_future";
    if (timeMs < nowMs - RETENTION_MS) return "too_old";
    const samples = this.series.get(key) ?? new Map<number, string>();
    this.series.set(key, samples);
    const last = this.#last.get(key) ?? Number.NEGATIVE_INFINITY;
    if (timeMs < last - this.#windowMs) return this.#windowMs === 0 ? "out_of_order" : "too_old";
    const known = samples.get(timeMs);
    // Of a repeat, the first's start time stays.
    if (known !== undefined) return known.startsWith(`${value} `) ? undefined : "duplicate_timestamp";
    samples.set(timeMs, `${value} since ${startMs}`);
    this.#last.set(key, Math.max(last, timeMs));
    return undefined;
  }

  delete(keys: readonly string[], startMs: number, endMs: number): void {
    for (const key of keys) {
      const samples = this.series.get(key);
      for (const timeMs of samples?.keys() ?? [])
        if (timeMs >= startMs && timeMs <= endMs) samples!.delete(timeMs);
    }
  }

  /**
   * Whether a sample is outside of the window of a newest that was deleted: the store may remember that one
   * or not.
   */
  isUncertain(key: string, timeMs: number): boolean {
    const last = this.#last.get(key) ?? Number.NEGATIVE_INFINITY;
    return timeMs < last - this.#windowMs && this.series.get(key)?.has(last) !== true;
  }

  read(startMs: number, endMs: number): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const [key, samples] of this.series) {
      const inRange = [...samples]
        .filter(([time]) => time >= startMs && time <= endMs)
        .sort((a, b) => a[0] - b[0]);
      if (inRange.length > 0)
        found.set(
          key,
          inRange.map(([time, value]) => `${time}:${value}`),
        );
    }
    return found;
  }
}

class Life {
  readonly #random: Random;
  readonly #twin: Twin;
  readonly #windowMs: number;
  readonly #clock = new TestClock();
  /** The furthest the clock has been: what expired then is gone, though the clock went back. */
  #latestMs = this.#clock.timeMs;
  readonly #dir: string;
  #store: MetricStore;
  readonly #labels = Array.from({ length: SERIES_COUNT }, (_, i) =>
    Labels.fromObject({ __name__: `m${i % 5}`, i: String(i), job: `j${i % 3}` }),
  );

  constructor(random: Random, dir: string, store: MetricStore) {
    this.#random = random;
    // None, half an hour, and all of the retention.
    this.#windowMs = pick(random, [0, 600_000, 600_000, RETENTION_MS]);
    this.#twin = new Twin(this.#windowMs);
    this.#dir = dir;
    this.#store = store;
  }

  static async run(seed: number, dir: string): Promise<void> {
    const life = new Life(seededRandom(seed), dir, undefined as unknown as MetricStore);
    await life.#open();
    try {
      for (let step = 0; step < STEPS; step++) await life.#step();
      await life.#compare();
    } finally {
      await life.#store.close();
    }
  }

  async #open(): Promise<void> {
    this.#store = await openTestStore(this.#dir, {
      clock: this.#clock,
      retentionMs: RETENTION_MS,
      outOfOrderWindowMs: this.#windowMs,
      limits: { futureMsMax: FUTURE_MS, sealIntervalMs: 0 },
    });
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const now = this.#clock.timeMs;
    const choice = random.below(100);
    if (choice < 40) await this.#append("g0", now, 0, SERIES_COUNT / 2);
    else if (choice < 45) await this.#append("g0", now, 0, random.below(SERIES_COUNT + 1), 1);
    else if (choice < 55)
      await this.#append("g1", now - random.below(3), SERIES_COUNT / 2, SERIES_COUNT, 0.3);
    else if (choice < 60) await this.#append("other", now, 0, SERIES_COUNT, 0.5);
    else if (choice < 70) await this.#append("g0", now - random.below(60) * STEP_MS, 0, SERIES_COUNT, 0.3);
    else if (choice < 73) await this.#append("g0", now + random.below(2 * FUTURE_MS), 0, 3);
    else if (choice < 80) await this.#appendHistograms();
    else if (choice < 86) await this.#compare();
    else if (choice < 92) await this.#store.maintain();
    else if (choice < 94) await this.#store.compact();
    else if (choice < 95) await this.#delete();
    else if (choice < 96) await this.#store.cleanTombstones();
    else if (choice < 98) await this.#restart();
    else if (choice < 99)
      this.#clock.timeMs = Math.max(now - random.below(1_800_000), this.#latestMs - 3_600_000);
    else this.#clock.timeMs += random.below(RETENTION_MS / 4);
    this.#clock.timeMs += STEP_MS;
    this.#latestMs = Math.max(this.#latestMs, this.#clock.timeMs);
  }

  async #append(group: string, timeMs: number, from: number, to: number, density = 0.95): Promise<void> {
    const chosen: number[] = [];
    for (let i = from; i < to; i++) {
      const isChosen = this.#random.next() < density;
      if (isChosen && !this.#twin.isUncertain(this.#labels[i]!.key(), timeMs)) chosen.push(i);
    }
    const columns = randomColumn(this.#random, chosen.length);
    const startTimes = this.#startTimes(chosen.length, timeMs);
    const row: SampleRow = {
      group,
      timeMs,
      series: Uint32Array.from(chosen, (i) => this.#store.series(this.#labels[i]!)),
      values: columns,
      ...(startTimes && { startTimes }),
    };
    const expected = new Map<string, number>();
    let taken = 0;
    for (const [at, i] of chosen.entries()) {
      const sample = { value: bits(columns, at), startMs: startTimes?.[at] ?? 0 };
      const reason = this.#twin.add(this.#labels[i]!.key(), timeMs, sample, this.#clock.timeMs);
      if (reason === undefined) taken++;
      else expected.set(reason, (expected.get(reason) ?? 0) + 1);
    }
    const result = await this.#store.append([row]);
    expect({ ...result, reasons: countReasons(result.rejections) }).toMatchObject({ appended: taken });
    if (result.rejected === result.rejections.length)
      expect(countReasons(result.rejections)).toEqual(expected);
  }

  /** None, or for each sample none, the one of long ago that hardly changes, or one of its own. */
  #startTimes(count: number, timeMs: number): Float64Array | undefined {
    const random = this.#random;
    if (random.next() < 0.5) return undefined;
    const usual = Math.floor(timeMs / 3_600_000) * 3_600_000;
    return Float64Array.from({ length: count }, () =>
      pick(random, [0, usual, usual, usual, timeMs - 15_000]),
    );
  }

  async #appendHistograms(): Promise<void> {
    const i = this.#random.below(SERIES_COUNT);
    const timeMs = this.#clock.timeMs - this.#random.below(3) * STEP_MS;
    const value = randomHistogram(this.#random);
    if (this.#twin.isUncertain(this.#labels[i]!.key(), timeMs)) return;
    const startTimeMs = this.#random.below(2) * (timeMs - 1000);
    const sample = { value: histogramText(value), startMs: startTimeMs };
    const reason = this.#twin.add(this.#labels[i]!.key(), timeMs, sample, this.#clock.timeMs);
    const series = this.#store.series(this.#labels[i]!);
    const result = await this.#store.append([
      {
        group: "h",
        timeMs,
        series: new Uint32Array(0),
        values: new Float64Array(0),
        histograms: [{ series, value, startTimeMs }],
      },
    ]);
    expect(result.rejections[0]?.reason).toBe(reason);
  }

  async #delete(): Promise<void> {
    const random = this.#random;
    const { matcher, isMeant } = pick(random, [
      { matcher: { name: "i", op: "=", value: "3" }, isMeant: (i: number) => i === 3 },
      { matcher: { name: "job", op: "=~", value: "j[01]" }, isMeant: (i: number) => i % 3 !== 2 },
      { matcher: { name: "__name__", op: "!=", value: "m1" }, isMeant: (i: number) => i % 5 !== 1 },
      { matcher: { name: "i", op: "=~", value: ".*" }, isMeant: () => true },
    ] as const);
    const startMs = this.#clock.timeMs - random.below(RETENTION_MS);
    const endMs = startMs + random.below(RETENTION_MS / 2);
    const keys = this.#labels.filter((_, i) => isMeant(i)).map((each) => each.key());
    await this.#store.deleteSeries([[matcher]], { startMs, endMs });
    this.#twin.delete(keys, startMs, endMs);
  }

  async #restart(): Promise<void> {
    await this.#store.close();
    await this.#open();
  }

  async #compare(): Promise<void> {
    const now = this.#clock.timeMs;
    const oldest = this.#latestMs - RETENTION_MS;
    const startMs = this.#random.next() < 0.5 ? oldest : oldest + this.#random.below(RETENTION_MS);
    const endMs = this.#random.next() < 0.5 ? now + FUTURE_MS : startMs + this.#random.below(RETENTION_MS);
    const context = new QueryContext();
    using set = await this.#store.select({ matchers: [], startMs, endMs }, context);
    const found = new Map<string, string[]>();
    for (const { labels, times, values, startTimes, histograms } of set.read(context)) {
      const samples = Array.from(times, (time, i) => ({
        time,
        text: `${time}:${bits(values, i)} since ${startTimes?.[i] ?? 0}`,
      }));
      for (const [i, time] of (histograms?.times ?? []).entries()) {
        const since = histograms!.startTimes?.[i] ?? 0;
        samples.push({ time, text: `${time}:${histogramText(histograms!.values[i]!)} since ${since}` });
      }
      samples.sort((a, b) => a.time - b.time);
      expect(found.has(labels.key())).toBe(false);
      found.set(
        labels.key(),
        samples.map((sample) => sample.text),
      );
    }
    const expected = this.#twin.read(startMs, endMs);
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [key, samples] of expected) expect(found.get(key), key).toEqual(samples);
  }
}

test.for(SEEDS)("a random life, seed %i", { timeout: 60_000 }, async (seed) => {
  using dir = new TestDir();
  await Life.run(seed, dir.path);
});

function bits(values: Float64Array, i: number): string {
  const words = wordsOf(values);
  if (isStaleAt(words, i)) return "stale";
  const copy = new Uint32Array(2);
  copyValue(copy, 0, words, i);
  return `${copy[1]!.toString(16)}.${copy[0]!.toString(16)}`;
}

function countReasons(rejections: readonly { reason: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of rejections) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}

function histogramText(histogram: Histogram): string {
  return JSON.stringify(histogram, (_key, value: unknown) =>
    value instanceof Float64Array ? [...value] : value,
  );
}

function randomHistogram(random: Random): Histogram {
  const isInteger = random.next() < 0.5;
  const count = random.below(5);
  const bucket = (): number => (isInteger ? random.below(100) : random.below(2 ** 32) / 7);
  const isCustom = random.next() < 0.2;
  return {
    schema: isCustom ? -53 : random.below(13) - 4,
    isInteger,
    counterResetHint: pick(random, ["unknown", "reset", "not_reset", "gauge"] as const),
    count: isInteger ? random.below(1e6) : random.below(2 ** 32) / 3,
    sum: random.below(2 ** 32) / 9,
    zeroThreshold: 1e-128,
    zeroCount: bucket(),
    positiveSpans: count === 0 ? [] : [{ offset: random.below(20) - 10, length: count }],
    positiveCounts: Float64Array.from({ length: count }, bucket),
    negativeSpans: [
      { offset: -3, length: 1 },
      { offset: 2, length: 1 },
    ],
    negativeCounts: Float64Array.from({ length: 2 }, bucket),
    customBounds: isCustom ? Float64Array.of(0.5, 1, 2.5) : undefined,
  };
}
