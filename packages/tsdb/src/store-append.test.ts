/** What the store takes and what it refuses: the rules of late, repeated, early and unknown samples. */
import { Labels, NO_METER, QueryContext, type Meter, type SampleRow } from "@binnacle/model";
import { expect, test } from "vitest";
import { labels, NOW_MS, openTestStore, readAll, row, TestClock, TestDir } from "./test-store.ts";

const HOUR_MS = 3_600_000;

/**
 * One series, by the times (minutes before now) and values it is given, in turn: `-10=1` is taken, `!too_old`
 * after it says that it is not. `/` seals what there is.
 */
const SCRIPTS: readonly (readonly [window: number, script: string, kept: string])[] = [
  [60, "-10=1 -9=2 0=3", "-10=1 -9=2 0=3"],
  [60, "-10=1 -10=1 -10=2!duplicate_timestamp", "-10=1"],
  [60, "0=3 -9=2 -10=1", "-10=1 -9=2 0=3"],
  [60, "0=3 -60=2 -61=1!too_old", "-60=2 0=3"],
  [0, "0=3 -1=2!out_of_order 0=3 0=4!duplicate_timestamp", "0=3"],
  [60, "0=3 -5=2 -5=2 -5=1!duplicate_timestamp", "-5=2 0=3"],
  [60, "-5=2 0=3 / -5=2 -5=1!duplicate_timestamp -4=7", "-5=2 -4=7 0=3"],
  [60, "0=NaN 0=NaN", "0=NaN"],
  [60, "10=1 11=2!too_far_in_future", "10=1"],
  [60, "-1440=1 -1441=2!too_old -720=5 0=6", "-1440=1 -720=5 0=6"],
  [60, "-700=1 / -600=2 / 0=3 / -30=4 / -61=5!too_old", "-700=1 -600=2 -30=4 0=3"],
];

test.for(SCRIPTS)("window %i min: %s", async ([window, script, kept]) => {
  using dir = new TestDir();
  const options = { retentionMs: 24 * HOUR_MS, outOfOrderWindowMs: window * 60_000 };
  await using store = await openTestStore(dir.path, options);
  for (const word of script.split(" ")) {
    if (word === "/") {
      await store.compact();
      continue;
    }
    const [sample, reason] = word.split("!");
    const [minutes, value] = sample!.split("=").map(Number);
    const series = store.series(labels("__name__=m"));
    const result = await store.append([row("g", NOW_MS + minutes! * 60_000, [[series, value!]])]);
    expect(result.rejections[0]?.reason, word).toBe(reason);
    expect([result.appended, result.rejected], word).toEqual(reason === undefined ? [1, 0] : [0, 1]);
  }
  const samples = Object.values(await readAll(store))[0]!;
  expect(
    samples.map((text) => text.replace(/^(-?\d+):/, (_, ms: string) => `${Number(ms) / 60_000}=`)).join(" "),
  ).toBe(kept);
});

test("a bad sample does not take its neighbours along, and each reason is counted", async () => {
  using dir = new TestDir();
  const counts: Record<string, number> = {};
  const counter: Meter["counter"] = ({ name }) => ({
    inc: (by, count = 1) =>
      (counts[`${name} ${JSON.stringify(by)}`] = (counts[`${name} ${JSON.stringify(by)}`] ?? 0) + count),
  });
  await using store = await openTestStore(dir.path, { meter: { ...NO_METER, counter } });
  const a = store.series(labels("__name__=a"));
  const b = store.series(labels("__name__=b"));
  await store.append([row("g", NOW_MS, [[a, 1]])]);
  const result = await store.append([
    row("g", NOW_MS, [
      [a, 2],
      [b, 3],
      [0x7f00_0001, 4],
    ]),
    row("g", NOW_MS + HOUR_MS, [[a, 1]]),
  ]);
  expect(result).toMatchObject({ appended: 1, rejected: 3, unknownSeries: [0x7f00_0001] });
  expect(result.rejections.map(({ reason }) => reason)).toEqual([
    "duplicate_timestamp",
    "unknown_series",
    "too_far_in_future",
  ]);
  expect(result.rejections[0]!.message).toContain("a already has another value at");
  expect(counts).toMatchObject({
    "binnacle_tsdb_samples_appended_total {}": 2,
    'binnacle_tsdb_samples_rejected_total {"reason":"too_far_in_future"}': 1,
  });
  expect(await readAll(store)).toEqual({ a: ["0:1"], b: ["0:3"] });
});

test("a ref is stable while its series lives, and is unknown afterwards, never another's", async () => {
  using dir = new TestDir();
  const clock = new TestClock();
  await using store = await openTestStore(dir.path, { clock });
  const first = store.series(labels("__name__=a"));
  expect(store.series(labels("__name__=a"))).toBe(first);
  await store.append([row("g", NOW_MS, [[first, 1]])]);
  const keeper = store.series(labels("__name__=keeper"));
  for (let step = 1; step < 4; step++) {
    clock.timeMs += 60_000;
    await store.append([row("g", clock.timeMs, [[keeper, step]])]);
    await store.compact();
  }
  const others = ["x", "y", "z"].map((name) => store.series(labels(`__name__=${name}`)));
  expect(others).not.toContain(first);
  expect(await store.append([row("g", clock.timeMs, [[first, 9]])])).toMatchObject({
    unknownSeries: [first],
  });
  expect(store.series(labels("__name__=keeper"))).toBe(keeper);
});

test("limits are named: of series, of labels, of label bytes", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path, { limits: { headSeriesMax: 2 } });
  store.series(labels("i=1"));
  store.series(labels("i=2"));
  expect(() => store.series(labels("i=3"))).toThrowError("headSeriesMax");
  expect(store.series(labels("i=2"))).toBe(store.series(labels("i=2")));
  const many = Labels.from(Array.from({ length: 300 }, (_, i) => [`l${i}`, "x"] as const));
  expect(() => store.series(many)).toThrowError("300 labels is over the limit of 256");
  expect(() => store.series(labels(`i=${"x".repeat(70_000)}`))).toThrowError(
    "70000 bytes is over the limit of 65535",
  );
});

test("start times come back with their samples: from rows, late samples and blocks", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  const append = (step: number, startMs: number | undefined): Promise<unknown> => {
    const plain = row("g", NOW_MS + step, [[store.series(labels("__name__=m")), step]]);
    const withStart: SampleRow =
      startMs === undefined ? plain : { ...plain, startTimes: Float64Array.of(startMs) };
    return store.append([withStart]);
  };
  for (const [step, start] of [
    [1, undefined],
    [2, 100],
    [3, 100],
    [5, 200],
    [6, undefined],
    [4, 150],
  ] as const) {
    await append(step, start);
  }
  const read = async (): Promise<number[]> => {
    const context = new QueryContext();
    using set = await store.select({ matchers: [], startMs: 0, endMs: 2 ** 50 }, context);
    const [series] = set.read(context);
    return [...series!.startTimes!];
  };
  expect(await read()).toEqual([0, 100, 100, 150, 200, 0]);
  await store.compact();
  expect(await read()).toEqual([0, 100, 100, 150, 200, 0]);
  await append(7, 300);
  expect(await read()).toEqual([0, 100, 100, 150, 200, 0, 300]);
});

test("series that bring their own times, and rows sent in parts, come back whole", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  const all = Array.from({ length: 60 }, (_, i) => Labels.fromObject({ __name__: "m", i: String(i) }));
  for (let step = 0; step < 80; step++) {
    const timeMs = NOW_MS + (step - 80) * 15_000;
    const ref = (i: number): number => store.series(all[i]!);
    const part = (from: number, to: number): SampleRow =>
      row(
        "g",
        timeMs,
        Array.from({ length: to - from }, (_, i) => [ref(from + i), step] as const),
      );
    await store.append([part(0, 20), part(20, 40)]);
    await store.append(Array.from({ length: 20 }, (_, i) => row("g", timeMs + i + 1, [[ref(40 + i), step]])));
    if (step === 50) await store.compact();
  }
  const found = await readAll(store);
  for (const [i, each] of all.entries()) {
    const offset = i < 40 ? 0 : i - 39;
    expect(found[each.toString()]).toEqual(
      Array.from({ length: 80 }, (_, step) => `${(step - 80) * 15_000 + offset}:${step}`),
    );
  }
});

test("appends are turned away while the journal is behind, and after closing", async () => {
  using dir = new TestDir();
  const store = await openTestStore(dir.path, { limits: { journalPendingBytesMax: 10 } });
  const series = store.series(labels("__name__=m"));
  const first = store.append([row("g", NOW_MS, [[series, 1]])]);
  await expect(store.append([row("g", NOW_MS + 1, [[series, 1]])])).rejects.toMatchObject({
    code: "TOO_MANY_REQUESTS",
  });
  await first;
  await store.close();
  await expect(store.append([])).rejects.toMatchObject({ code: "UNAVAILABLE" });
});
