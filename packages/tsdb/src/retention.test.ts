import { Labels, QueryContext, type Matcher } from "@binnacle/model";
import { expect, test } from "vitest";
import { THROUGH_ALWAYS } from "./deletion.ts";
import type { BlockMeta } from "./plan.ts";
import { planForgetting, planSelectorRewrites, planSizeRetention } from "./retention.ts";
import { openTestStore, readAll, row, TestClock, TestDir } from "./test-store.ts";

const HOUR_MS = 3_600_000;

/** `id:from-to`, in hours, with 100 bytes. */
function block(text: string, cutoffs?: Record<string, number>): BlockMeta {
  const [id, from, to] = text.split(/[:-]/).map(Number) as [number, number, number];
  return {
    id,
    file: `${id}.block`,
    level: 0,
    minTimeMs: from * HOUR_MS,
    maxTimeMs: to * HOUR_MS,
    seriesCount: 1,
    sampleCount: 1,
    fileBytes: 100,
    ...(cutoffs === undefined ? {} : { cutoffs }),
  };
}

test.for([
  [1000, 0, []],
  [300, 0, []],
  [299, 0, [2]],
  [150, 0, [2, 1]],
  [300, 50, [2]],
  [0, 0, [2, 1, 3]],
] as const)(
  "of three blocks, %i bytes with a journal of %i leave out %j",
  ([bytesMax, journalBytes, gone]) => {
    const blocks = [block("1:0-5"), block("2:0-4"), block("3:5-6")];
    expect(planSizeRetention(blocks, { bytesMax, journalBytes }).map(({ id }) => id)).toEqual(gone);
  },
);

const CI: Matcher = { name: "namespace", op: "=", value: "ci" };
const RETENTION = { match: "ci", matchers: [CI], retentionMs: 8 * HOUR_MS };

test.for([
  ["all of it has run out", "1:0-1", undefined, true],
  ["all had, and it was written without", "1:0-1", 2, false],
  ["all had, after it was written", "1:0-1", 0, true],
  ["a part worth writing", "1:0-12", undefined, true],
  ["a part that is not worth it", "1:3-12", undefined, false],
  ["a part worth it since it was written", "1:0-12", 2, true],
  ["nothing", "1:4-12", undefined, false],
] as const)(
  "at twelve o'clock, eight hours kept: %s (%s, written at cutoff %s)",
  ([, text, cutoff, isDue]) => {
    const cutoffs = cutoff === undefined ? undefined : { ci: cutoff * HOUR_MS };
    const blocks = [block(text, cutoffs)];
    const options = { retentions: [RETENTION], nowMs: 12 * HOUR_MS };
    expect(planSelectorRewrites(blocks, { ...options, hasSeries: () => true })).toEqual(isDue ? blocks : []);
    expect(planSelectorRewrites(blocks, { ...options, hasSeries: () => false })).toEqual([]);
  },
);

test("a deletion is forgotten when neither head nor blocks have anything it is about", () => {
  const deletion = { selectors: [[CI]], startMs: 2 * HOUR_MS, endMs: 3 * HOUR_MS, through: 5 };
  const isForgotten = (blocks: BlockMeta[], generations: number[]): boolean =>
    planForgetting([deletion], { blocks, generations }).length === 1;
  expect(isForgotten([], [6])).toBe(true);
  expect(isForgotten([], [5, 6])).toBe(false);
  expect(isForgotten([block("4:0-2")], [6])).toBe(false);
  expect(isForgotten([block("4:0-1"), block("6:2-3")], [7])).toBe(true);
  expect(
    planForgetting([{ ...deletion, through: THROUGH_ALWAYS }], { blocks: [], generations: [9] }),
  ).toEqual([]);
});

test("a selector's series vanish at their time, and from disk soon after", async () => {
  using dir = new TestDir();
  const clock = new TestClock();
  await using store = await openTestStore(dir.path, { clock, retentionBySelector: [RETENTION] });
  const all = ["ci", "prod"].map((namespace) =>
    store.series(Labels.fromObject({ __name__: "m", namespace })),
  );
  const startMs = clock.timeMs;
  const append = (): Promise<unknown> =>
    store.append([
      row(
        "g",
        clock.timeMs,
        all.map((series) => [series, 1] as const),
      ),
    ]);
  for (let hour = 0; hour < 20; hour++) {
    await append();
    if (hour % 4 === 3) await store.compact();
    clock.timeMs += HOUR_MS;
  }
  const counts = async (): Promise<number[]> =>
    Object.values(await readAll(store)).map(({ length }) => length);
  // The newest is an hour old: eight are not past eight hours.
  expect(await counts()).toEqual([8, 20]);
  await store.compact();
  clock.timeMs += 10 * HOUR_MS;
  const names = { selectors: [[CI]], startMs: 0, endMs: clock.timeMs, limit: undefined };
  expect(await store.listSeries(names, new QueryContext())).toEqual([]);
  await store.maintain();
  expect(store.stats().blockSamples).toBe(20);
  expect(await counts()).toEqual([20]);
  const { blocks } = store.stats();
  await store.maintain();
  expect(store.stats()).toMatchObject({ blocks, minTimeMs: startMs });
});

test("a sample that a selector's time is past for is refused, and its neighbours are kept", async () => {
  using dir = new TestDir();
  const clock = new TestClock();
  await using store = await openTestStore(dir.path, {
    clock,
    outOfOrderWindowMs: 30 * 86_400_000,
    retentionBySelector: [{ ...RETENTION, match: "all of ci", retentionMs: 9 * HOUR_MS }, RETENTION],
  });
  const refs = ["ci", "prod"].map((namespace) =>
    store.series(Labels.fromObject({ __name__: "m", namespace })),
  );
  for (const [hoursAgo, appended] of [
    [9, 1],
    [8, 2],
    [0, 2],
  ] as const) {
    const samples = refs.map((ref) => [ref, hoursAgo] as const);
    const startTimes = Float64Array.of(1, 2);
    const result = await store.append([
      { ...row("g", clock.timeMs - hoursAgo * HOUR_MS, samples), startTimes },
    ]);
    expect(result).toMatchObject({ appended, rejected: 2 - appended });
    if (appended === 1)
      expect(result.rejections).toMatchObject([
        {
          reason: "too_old",
          series: refs[0],
          message: expect.stringContaining(`retention of ${8 * HOUR_MS} ms`),
        },
      ]);
  }
  expect(Object.values(await readAll(store)).map(({ length }) => length)).toEqual([2, 3]);
});

test("names and values that only deleted or expired series have are listed no more", async () => {
  using dir = new TestDir();
  const clock = new TestClock();
  await using store = await openTestStore(dir.path, { clock, retentionBySelector: [RETENTION] });
  const all = [
    { __name__: "a", namespace: "ci", only_ci: "x" },
    { __name__: "b", namespace: "prod", of_b: "y" },
    { __name__: "c", namespace: "prod" },
  ].map((pairs) => store.series(Labels.fromObject(pairs)));
  await store.append([
    row(
      "g",
      clock.timeMs,
      all.map((ref) => [ref, 1] as const),
    ),
  ]);
  const listed = async (): Promise<(readonly string[])[]> => {
    const selection = { selectors: [], startMs: 0, endMs: 2 ** 50, limit: undefined };
    const context = new QueryContext();
    const values = await store.labelValues("namespace", selection, context);
    return [await store.labelNames(selection, context), values];
  };
  expect(await listed()).toEqual([
    ["__name__", "namespace", "of_b", "only_ci"],
    ["ci", "prod"],
  ]);
  clock.timeMs += 9 * HOUR_MS;
  for (const step of ["in the head", "sealed"]) {
    expect(await listed(), step).toEqual([["__name__", "namespace", "of_b"], ["prod"]]);
    await store.compact();
  }
  const isB = [{ name: "of_b", op: "!=", value: "" }] as const;
  await store.deleteSeries([isB], { startMs: 0, endMs: 2 ** 50 });
  expect(await listed()).toEqual([["__name__", "namespace"], ["prod"]]);
});

test("the oldest blocks go when the store has grown past its size", async () => {
  using dir = new TestDir();
  const clock = new TestClock();
  await using store = await openTestStore(dir.path, {
    clock,
    retentionBytes: 20_000,
    limits: { sealIntervalMs: 0 },
  });
  const series = Array.from({ length: 50 }, (_, i) =>
    store.series(Labels.fromObject({ __name__: "m", i: String(i) })),
  );
  for (let step = 0; step < 40; step++) {
    const values = series.map((each) => [each, Math.sin(step * each)] as const);
    for (let i = 0; i < 10; i++) await store.append([row("g", (clock.timeMs += 1000), values)]);
    await store.maintain();
  }
  const { blockBytes, journalBytes, maxTimeMs } = store.stats();
  expect(blockBytes + journalBytes).toBeLessThanOrEqual(40_000);
  expect(blockBytes).toBeGreaterThan(0);
  expect(maxTimeMs).toBe(clock.timeMs);
});
