import { seededRandom, type TimeRange } from "@binnacle/model";
import { expect, test } from "vitest";
import { ChangeLog, LowWater } from "./change-log.ts";
import { CHANGES_FRESH_MS } from "./limits.ts";

const NOW_MS = 1_000_000_000;

test("the smallest value since a moment, as a list says it", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    const max = 8 + random.below(60);
    const water = new LowWater(max);
    const added: (readonly [moment: number, value: number])[] = [];
    for (let moment = 1; moment <= 300; moment++) {
      const value = moment * 3 - random.below(random.below(4) === 0 ? 200 : 20);
      added.push([moment, value]);
      water.add(moment, value);
      const since = random.below(moment + 1);
      const naive = Math.min(...added.filter(([at]) => at > since).map(([, each]) => each));
      const said = water.since(since) ?? Infinity;
      // Joined entries may say too little, which costs work; too much would be wrong.
      expect(said, `seed ${seed}, moment ${moment}, since ${since}`).toBeLessThanOrEqual(naive);
      if (since > moment - max / 2) expect(said).toBe(naive);
    }
    expect(water.since(300)).toBeUndefined();
  }
});

test("without joining it is exact", () => {
  const water = new LowWater(100);
  for (const [moment, value] of [7, 8, 5, 6, 9].entries()) water.add(moment + 1, value);
  expect([0, 1, 2, 3, 4, 5].map((moment) => water.since(moment))).toEqual([5, 5, 5, 6, 9, undefined]);
});

/** What a log that forgets nothing would say. */
class NaiveLog {
  readonly changes: { moment: number; slots: readonly number[] | undefined; range: TimeRange }[] = [];

  touches(moment: number, slots: ReadonlySet<number>, timeMs: number): boolean {
    return this.changes.some(
      (change) =>
        change.moment > moment &&
        (change.slots?.some((slot) => slots.has(slot)) ?? true) &&
        timeMs >= change.range.startMs &&
        timeMs <= change.range.endMs,
    );
  }
}

test("whatever changed is said, and what is said of others' late samples is about them alone", () => {
  let silent = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed);
    const log = new ChangeLog();
    const naive = new NaiveLog();
    for (let i = 0; i < 200; i++) {
      const late = NOW_MS - CHANGES_FRESH_MS - 1 - random.below(50_000);
      const timeMs = random.below(3) === 0 ? late : NOW_MS - random.below(CHANGES_FRESH_MS);
      const range = { startMs: timeMs, endMs: timeMs };
      const slots = Uint32Array.from({ length: 1 + random.below(4) }, () => random.below(20));
      switch (random.below(12)) {
        case 0:
          log.noteRange({ startMs: late - 500, endMs: late });
          naive.changes.push({
            moment: log.moment,
            slots: undefined,
            range: { startMs: late - 500, endMs: late },
          });
          break;
        case 1:
          log.forgetSlots();
          break;
        case 2:
          log.noteSample(slots[0]!, timeMs, NOW_MS);
          naive.changes.push({ moment: log.moment, slots: [slots[0]!], range });
          break;
        default:
          log.noteRow(`g${random.below(3)}`, timeMs, slots, NOW_MS);
          naive.changes.push({ moment: log.moment, slots: [...slots], range });
      }
      const since = random.below(log.moment + 1);
      const wanted = new Set([random.below(20), random.below(20)]);
      const ranges = log.since(since, () => wanted);
      for (const { range: changed } of naive.changes) {
        const at = changed.startMs;
        if (!naive.touches(since, wanted, at)) continue;
        const isSaid = ranges.some(({ startMs, endMs }) => startMs <= at && endMs >= at);
        expect(isSaid, `seed ${seed}, change ${i}`).toBe(true);
      }
      if (ranges.length === 0) silent++;
    }
  }
  expect(silent).toBeGreaterThan(50);
});

test("late samples of one series say nothing of another", () => {
  const log = new ChangeLog();
  log.noteRow("g", NOW_MS - CHANGES_FRESH_MS - 10, Uint32Array.of(1, 2), NOW_MS);
  const late = NOW_MS - CHANGES_FRESH_MS - 10;
  expect(log.since(0, () => new Set([3]))).toEqual([]);
  expect(log.since(0, () => new Set([2]))).toEqual([{ startMs: late, endMs: late }]);
  expect(log.since(log.moment, () => new Set([2]))).toEqual([]);
  log.forgetSlots();
  expect(log.since(0, () => new Set([3]))).toEqual([{ startMs: late, endMs: late }]);
});

/** New samples are about any series. */
function unasked(): never {
  throw new Error("no series matters to new samples");
}

test("new samples are known by the oldest of them", () => {
  const log = new ChangeLog();
  log.noteRow("g", NOW_MS - 5000, Uint32Array.of(1), NOW_MS);
  const before = log.moment;
  log.noteRow("g", NOW_MS - 1000, Uint32Array.of(1), NOW_MS);
  log.noteRow("h", NOW_MS - 3000, Uint32Array.of(2), NOW_MS);
  expect(log.since(0, unasked)).toEqual([{ startMs: NOW_MS - 5000, endMs: Infinity }]);
  expect(log.since(before, unasked)).toEqual([{ startMs: NOW_MS - 3000, endMs: Infinity }]);
});
