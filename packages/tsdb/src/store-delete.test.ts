/** Deleting: hidden at once, for good after cleaning, over restarts; and what comes later is kept. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QueryContext, type Matcher } from "@binnacle/model";
import { expect, test } from "vitest";
import type { MetricStore } from "./store.ts";
import { labels, NOW_MS, openTestStore, readAll, row, TestClock, TestDir } from "./test-store.ts";
import { decodeTombstones } from "./tombstone-store.ts";

const EVER = { startMs: 0, endMs: 2 ** 50 };
const IS_A: Matcher = { name: "i", op: "=", value: "a" };

/** Steps of ten seconds; value = step. */
async function fill(store: MetricStore, from: number, to: number): Promise<void> {
  const a = store.series(labels("__name__=m,i=a"));
  const b = store.series(labels("__name__=m,i=b"));
  for (let step = from; step < to; step++) {
    await store.append([
      row("g", at(step), [
        [a, step],
        [b, step],
      ]),
    ]);
  }
}

function at(step: number): number {
  return NOW_MS - 3_600_000 + step * 10_000;
}

/** The values of each series, which are its steps. */
async function steps(store: MetricStore): Promise<Record<string, number[]>> {
  const found = Object.entries(await readAll(store));
  return Object.fromEntries(
    found.map(([key, samples]) => [
      /i="(.)"/.exec(key)![1]!,
      samples.map((sample) => Number(sample.split(":")[1])),
    ]),
  );
}

async function seriesNames(store: MetricStore): Promise<string[]> {
  const selection = { selectors: [[]], ...EVER, limit: undefined };
  return (await store.listSeries(selection, new QueryContext())).map((each) => each.get("i")).sort();
}

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const WITHOUT = [0, 1, 2, 7, 8, 9];
const HOLE = { startMs: at(3), endMs: at(6) };

const PLACES: readonly (readonly [string, (store: MetricStore) => Promise<void>])[] = [
  ["the head", async () => {}],
  ["a block", (store) => store.compact()],
  [
    "head and block",
    async (store) => {
      await store.compact();
      await fill(store, 10, 12);
    },
  ],
];

test.for(PLACES)("a range of one series in %s", async ([, prepare]) => {
  using dir = new TestDir();
  let store = await openTestStore(dir.path);
  await fill(store, 0, 10);
  await prepare(store);
  const more = (await steps(store))["b"]!.slice(10);
  const expected = { a: [...WITHOUT, ...more], b: [...ALL, ...more] };
  await store.deleteSeries([[IS_A]], HOLE);
  expect(await steps(store)).toEqual(expected);
  await store.close();
  store = await openTestStore(dir.path);
  expect(await steps(store)).toEqual(expected);
  await store.maintain();
  await store.compact();
  expect(await steps(store)).toEqual(expected);
  await store.cleanTombstones();
  expect(store.stats().tombstones).toBe(0);
  expect(store.stats().blockSamples).toBe(expected.a.length + expected.b.length);
  expect(await steps(store)).toEqual(expected);
  await store.close();
});

test("a series of which all is deleted is not listed any more", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  await fill(store, 0, 10);
  await store.deleteSeries([[IS_A]], EVER);
  expect(await seriesNames(store)).toEqual(["b"]);
  await store.compact();
  expect(await seriesNames(store)).toEqual(["b"]);
});

test("cleaning away all of a store leaves no block", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  await fill(store, 0, 10);
  await store.compact();
  await store.deleteSeries([[]], EVER);
  await store.cleanTombstones();
  expect(readdirSync(join(dir.path, "blocks"))).toEqual([]);
  expect(await steps(store)).toEqual({});
});

test("what is appended after a deletion is kept, at the same times too", async () => {
  using dir = new TestDir();
  let store = await openTestStore(dir.path);
  await fill(store, 0, 5);
  await store.compact();
  await fill(store, 5, 10);
  await store.deleteSeries([[IS_A]], EVER);
  const again = await store.append([
    row("g", at(2), [[store.series(labels("__name__=m,i=a")), 42]]),
    row("g", at(7), [[store.series(labels("__name__=m,i=a")), 43]]),
  ]);
  expect(again).toMatchObject({ appended: 2, rejected: 0 });
  for (const next of ["as it is", "restarted", "compacted", "cleaned"]) {
    if (next === "restarted") {
      await store.close();
      store = await openTestStore(dir.path);
    } else if (next === "compacted") await store.compact();
    else if (next === "cleaned") await store.cleanTombstones();
    expect(await steps(store), next).toEqual({ a: [42, 43], b: ALL });
  }
  await store.close();
});

test("a deletion of nothing yet says nothing of the next journal", async () => {
  using dir = new TestDir();
  {
    await using store = await openTestStore(dir.path);
    await store.deleteSeries([[]], EVER);
  }
  for (const from of [0, 5]) {
    await using store = await openTestStore(dir.path);
    await fill(store, from, from + 5);
  }
  await using store = await openTestStore(dir.path);
  expect((await steps(store))["a"]).toEqual(ALL);
});

test("deletions are forgotten once nothing is left of what they are about", async () => {
  using dir = new TestDir();
  const clock = new TestClock();
  await using store = await openTestStore(dir.path, { clock, retentionMs: 7_200_000 });
  await fill(store, 0, 10);
  await store.deleteSeries([[IS_A]], HOLE);
  await store.maintain();
  expect(store.stats()).toMatchObject({ tombstones: 1, blocks: 1 });
  clock.timeMs += 7_200_000;
  await store.maintain();
  expect(store.stats()).toMatchObject({ tombstones: 0, blocks: 0 });
});

test.for([
  [[], EVER, "BAD_PARAMETER"],
  [[[{ name: "i", op: "=~", value: "(" }]], EVER, "BAD_REGEXP"],
  [[[IS_A]], { startMs: 2, endMs: 1 }, "BAD_PARAMETER"],
] as const)("deleting %j in %j is refused: %s", async ([selectors, range, code]) => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  await expect(store.deleteSeries(selectors, range)).rejects.toMatchObject({ code });
  expect(store.stats().tombstones).toBe(0);
});

test("the file of deletions says which they are, and damage to it stops the store", async () => {
  using dir = new TestDir();
  {
    await using store = await openTestStore(dir.path);
    await fill(store, 0, 10);
    await store.deleteSeries([[IS_A]], HOLE);
  }
  const path = join(dir.path, "tombstones.json");
  const text = readFileSync(path, "utf8");
  expect(text).toMatch(/^binnacle tombstones 1 [0-9a-f]{8}\n\[/);
  const deletion = { selectors: [[IS_A]], ...HOLE, through: 1 };
  expect(decodeTombstones(Buffer.from(text), path)).toEqual([deletion]);
  for (const damaged of ["", text.slice(0, -2), text.replace("=", "!"), text.replace("s 1 ", "s 2 ")]) {
    writeFileSync(path, damaged);
    await expect(openTestStore(dir.path), damaged).rejects.toThrowError(path);
  }
});
