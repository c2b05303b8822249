/**
 * Names, values and series, with and without selectors, from the head and from blocks; metadata, exemplars,
 * counts.
 */
import { QueryContext, type ListSelection, type Matcher } from "@binnacle/model";
import { expect, test } from "vitest";
import type { MetricStore } from "./store.ts";
import { labels, NOW_MS, openTestStore, readAll, row, TestDir } from "./test-store.ts";

const ALL: ListSelection = { selectors: [], startMs: 0, endMs: 2 ** 50, limit: undefined };

async function fill(store: MetricStore): Promise<void> {
  const append = async (texts: readonly string[], timeMs: number): Promise<void> => {
    const samples = texts.map((text, i) => [store.series(labels(text)), i] as const);
    await store.append([row("g", timeMs, samples)]);
  };
  await append(["__name__=up,job=a", "__name__=up,job=b,zone=x", "__name__=old,job=c"], NOW_MS);
  await store.compact();
  await append(
    ["__name__=up,job=a", "__name__=up,job=b,zone=x", "__name__=new,job=d,Über=ä"],
    NOW_MS + 60_000,
  );
}

test("names and values are sorted, limited, and narrowed by selectors and time", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  await fill(store);
  const context = new QueryContext();
  const up: Matcher[] = [{ name: "__name__", op: "=", value: "up" }];
  expect(await store.labelNames(ALL, context)).toEqual(["__name__", "job", "zone", "Über"]);
  expect(await store.labelNames({ ...ALL, selectors: [up] }, context)).toEqual(["__name__", "job", "zone"]);
  expect(await store.labelValues("job", ALL, context)).toEqual(["a", "b", "c", "d"]);
  expect(await store.labelValues("job", { ...ALL, limit: 2 }, context)).toEqual(["a", "b"]);
  expect(await store.labelValues("job", { ...ALL, selectors: [up] }, context)).toEqual(["a", "b"]);
  expect(await store.labelValues("none", ALL, context)).toEqual([]);
  const late = { ...ALL, startMs: NOW_MS + 1000 };
  const names = (await store.listSeries(late, context)).map(String).sort();
  expect(names).toEqual(['new{job="d", "Über"="ä"}', 'up{job="a"}', 'up{job="b", zone="x"}']);
  expect(await store.listSeries({ ...ALL, startMs: NOW_MS + 120_000 }, context)).toEqual([]);
  const either: Matcher[][] = [
    [{ name: "job", op: "=", value: "c" }],
    [{ name: "zone", op: "!=", value: "" }],
  ];
  expect((await store.listSeries({ ...ALL, selectors: either }, context)).map(String)).toEqual([
    'old{job="c"}',
    'up{job="b", zone="x"}',
  ]);
});

const SELECTIONS: readonly (readonly [matcher: Matcher, series: readonly string[]])[] = [
  [{ name: "job", op: "=", value: "a" }, ['up{job="a"}']],
  [{ name: "zone", op: "=", value: "" }, ["new", "old", 'up{job="a"}']],
  [{ name: "zone", op: "!=", value: "" }, ['up{job="b", zone="x"}']],
  [{ name: "job", op: "=~", value: "a|c" }, ["old", 'up{job="a"}']],
  [{ name: "job", op: "=~", value: "[cd]" }, ["new", "old"]],
  [{ name: "job", op: "!~", value: "a|b" }, ["new", "old"]],
  [{ name: "nowhere", op: "=~", value: ".*" }, ["new", "old", 'up{job="a"}', 'up{job="b", zone="x"}']],
  [{ name: "nowhere", op: "=~", value: ".+" }, []],
];

test.for(SELECTIONS)("%o finds the same in head and blocks", async ([matcher, expected]) => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  await fill(store);
  for (const sealed of [false, true]) {
    if (sealed) await store.compact();
    const found = Object.keys(await readAll(store, [matcher])).sort();
    expect(found.map((text) => text.replace(/^(new|old).*/, "$1"))).toEqual(expected);
  }
});

test("a pattern that is no RE2 is refused", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  await fill(store);
  await expect(readAll(store, [{ name: "job", op: "=~", value: "(" }])).rejects.toMatchObject({
    code: "BAD_REGEXP",
  });
  expect(store.stats().openSnapshots).toBe(0);
});

test("a query over its budget stops, and gives back what it held", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  await fill(store);
  const context = new QueryContext({ limits: { timeoutMs: 10_000, samplesMax: 3, bytesMax: 1e6 } });
  const set = await store.select({ matchers: [], startMs: 0, endMs: 2 ** 50 }, context);
  expect(() => [...set.read(context)]).toThrowError("samplesMax");
  set[Symbol.dispose]();
  context.chargeSamples(3);
  expect(store.stats().openSnapshots).toBe(0);
});

test("metadata outlives a restart, exemplars are found by series, counts are the largest first", async () => {
  using dir = new TestDir();
  {
    await using store = await openTestStore(dir.path);
    store.describe([{ metric: "up", type: "gauge", help: "Whether it is up.", unit: "" }]);
    store.describe([{ metric: "up", type: "gauge", help: "Newer.", unit: "" }]);
    const series = store.series(labels("__name__=up,job=a"));
    const exemplar = { series, labels: labels("trace=1"), value: 0.5, timeMs: NOW_MS };
    await store.append([{ ...row("g", NOW_MS, [[series, 1]]), exemplars: [exemplar] }]);
    await fill(store);
    expect(store.cardinality(1)).toMatchObject({
      seriesByMetric: [{ name: "up", count: 2 }],
      valuesByLabel: [{ name: "job", count: 4 }],
    });
  }
  await using store = await openTestStore(dir.path);
  expect(store.metadata("up")).toEqual([{ metric: "up", type: "gauge", help: "Newer.", unit: "" }]);
  expect(store.metadata()).toHaveLength(1);
});

test("a series of the head counts once, though it is in two generations and in blocks", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  const append = async (texts: readonly string[], minute: number): Promise<void> => {
    const samples = texts.map((text) => [store.series(labels(text)), minute] as const);
    await store.append([row("g", NOW_MS + minute * 60_000, samples)]);
  };
  await append(["__name__=up,job=a", "__name__=up,job=b"], 0);
  await store.compact();
  await append(["__name__=up,job=a", "__name__=up,job=b", "__name__=new,job=é"], 1);
  // A deletion freezes a generation, so that two of them hold the same series until the next seal.
  await store.deleteSeries([[{ name: "job", op: "=", value: "none" }]], { startMs: 0, endMs: 1 });
  await append(["__name__=up,job=a", "__name__=new,job=é"], 2);
  const { seriesCount, labelPairCount, ...lists } = store.cardinality(10);
  expect({ seriesCount, labelPairCount }).toEqual({ seriesCount: 3, labelPairCount: 5 });
  for (const list of Object.values(lists)) {
    const counts = list.map(({ count }) => count);
    expect(counts).toEqual(counts.toSorted((one, other) => other - one));
  }
  expect(byName(lists.seriesByMetric)).toEqual({ up: 2, new: 1 });
  expect(byName(lists.valuesByLabel)).toEqual({ job: 3, __name__: 2 });
  expect(byName(lists.bytesByLabel)).toEqual({ __name__: 2 + 2 + 3, job: 1 + 1 + 2 });
  expect(byName(lists.seriesByPair)).toEqual({
    "__name__=up": 2,
    "__name__=new": 1,
    "job=a": 1,
    "job=b": 1,
    "job=é": 1,
  });
  expect(store.cardinality(1).seriesByPair).toEqual([{ name: "__name__=up", count: 2 }]);
});

test("exemplars not sealed yet outlive a restart", async () => {
  using dir = new TestDir();
  const selector: Matcher[] = [{ name: "job", op: "=", value: "a" }];
  const range = { startMs: NOW_MS, endMs: NOW_MS };
  for (let life = 0; life < 2; life++) {
    await using store = await openTestStore(dir.path);
    if (life === 0) {
      const series = store.series(labels("__name__=up,job=a"));
      const exemplar = { series, labels: labels("trace=1"), value: 0.5, timeMs: NOW_MS };
      await store.append([{ ...row("g", NOW_MS, [[series, 1]]), exemplars: [exemplar] }]);
    }
    expect(store.exemplars([selector], range)).toMatchObject([{ value: 0.5, timeMs: NOW_MS }]);
    expect(store.exemplars([[{ name: "job", op: "=", value: "b" }]], range)).toEqual([]);
  }
});

function byName(list: readonly { name: string; count: number }[]): Record<string, number> {
  return Object.fromEntries(list.map(({ name, count }) => [name, count]));
}
