/**
 * A reader in a real worker thread, beside the one in the store's own thread, while samples come and blocks
 * change.
 */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";
import { Labels, NO_METER, QueryContext, type Matcher } from "@binnacle/model";
import { expect, test } from "vitest";
import type { MetricStore } from "./store.ts";
import { labels, NOW_MS, openTestStore, readAll, row, TestClock, TestDir } from "./test-store.ts";

class ReaderThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #served: Disposable;
  readonly #port: MessageChannel;

  constructor(store: MetricStore) {
    this.#port = new MessageChannel();
    this.#worker = new Worker(new URL("test-reader-worker.ts", import.meta.url));
    this.#served = store.serve(this.#port.port1);
    this.#worker.postMessage(this.#port.port2, [this.#port.port2]);
  }

  async read(matchers: readonly Matcher[] = []): Promise<Record<string, string[]>> {
    this.#worker.postMessage(matchers, []);
    const [found] = (await once(this.#worker, "message")) as [Record<string, string[]>];
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
    this.#served[Symbol.dispose]();
    this.#port.port1.close();
  }
}

test("a worker gives the same answers as the store's own thread", { timeout: 60_000 }, async () => {
  using dir = new TestDir();
  const clock = new TestClock();
  await using store = await openTestStore(dir.path, { clock, limits: { sealIntervalMs: 0 } });
  await using reader = new ReaderThread(store);
  const all = Array.from({ length: 300 }, (_, i) =>
    Labels.fromObject({ __name__: `m${i % 7}`, i: String(i) }),
  );
  for (let step = 0; step < 120; step++) {
    clock.timeMs += 15_000;
    // Some series leave for good half way, and others come.
    const present = all.filter((_, i) => (step < 60 ? i < 200 : i >= 100));
    const samples = present.map((each, i) => [store.series(each), step * i] as const);
    await store.append([row("g", clock.timeMs, samples)]);
    if (step % 10 === 3) await store.append([row("g", clock.timeMs - 7_000, samples.slice(0, 5))]);
    if (step % 16 === 5) await store.maintain();
    if (step % 40 === 39) await store.compact();
    if (step % 8 !== 0) continue;
    const matchers: Matcher[] = step % 16 === 0 ? [] : [{ name: "__name__", op: "=~", value: "m[1-3]" }];
    const [own, theirs] = await Promise.all([readAll(store, matchers), reader.read(matchers)]);
    expect(theirs).toEqual(own);
    expect(Object.keys(own).length).toBeGreaterThan(50);
  }
});

test("appends and seals that go on while a worker reads never tear a row", { timeout: 60_000 }, async () => {
  using dir = new TestDir();
  const clock = new TestClock();
  await using store = await openTestStore(dir.path, { clock, limits: { sealIntervalMs: 0 } });
  await using reader = new ReaderThread(store);
  const all = Array.from({ length: 100 }, (_, i) => Labels.fromObject({ __name__: "m", i: String(i) }));
  const reading = (async () => {
    for (let i = 0; i < 15; i++) {
      const found = Object.values(await reader.read());
      // Every row was written at once, so every series has the same ones.
      for (const samples of found) expect(samples).toEqual(found[0]);
    }
  })();
  const state = { isDone: false };
  void reading.catch(() => {}).then(() => (state.isDone = true));
  for (let step = 0; !state.isDone && step < 100_000; step++) {
    clock.timeMs += 1000;
    const current = all.map((each) => [store.series(each), step] as const);
    await store.append([row("g", clock.timeMs, current)]);
    if (step % 50 === 0) await store.maintain();
  }
  await reading;
});

test("a selection keeps its blocks and rows until it is disposed of", async () => {
  using dir = new TestDir();
  const clock = new TestClock();
  await using store = await openTestStore(dir.path, { clock, retentionMs: 3_600_000 });
  const a = store.series(labels("__name__=up,job=a"));
  await store.append([row("g", NOW_MS, [[a, 1]])]);
  await store.compact();
  await store.append([row("g", NOW_MS + 1000, [[a, 2]])]);
  const context = new QueryContext();
  const range = { matchers: [], startMs: 0, endMs: NOW_MS + 10_000 };
  const set = await store.select(range, context);
  await store.compact();
  clock.timeMs += 10 * 3_600_000;
  await store.maintain();
  expect(store.stats()).toMatchObject({ blocks: 0, openSnapshots: 1 });
  expect([...set.read(context)].map(({ values }) => Array.from(values))).toEqual([[1, 2]]);
  expect(readdirSync(join(dir.path, "blocks"))).toHaveLength(1);
  set[Symbol.dispose]();
  expect(readdirSync(join(dir.path, "blocks"))).toHaveLength(0);
  expect(store.stats().openSnapshots).toBe(0);
});

test("memory of a sealed generation is written again only when no selection can read it", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  const a = store.series(labels("__name__=up,job=a"));
  const context = new QueryContext();
  const range = { matchers: [], startMs: 0, endMs: NOW_MS + 10_000 };
  await store.append([row("g", NOW_MS, [[a, 1]])]);
  const set = await store.select(range, context);
  for (const value of [2, 3]) {
    await store.compact();
    await store.append([row("g", NOW_MS + value, [[a, value]])]);
  }
  expect([...set.read(context)].map(({ values }) => Array.from(values))).toEqual([[1]]);
  set[Symbol.dispose]();
  await store.compact();
  using all = await store.select(range, context);
  expect([...all.read(context)].map(({ values }) => Array.from(values))).toEqual([[1, 2, 3]]);
});

test("series of one group share one array of times where they have every row", async () => {
  using dir = new TestDir();
  await using store = await openTestStore(dir.path);
  const refs = ["a", "b", "c"].map((job) => store.series(labels(`__name__=up,job=${job}`)));
  const append = async (step: number, count: number): Promise<void> => {
    const samples = Array.from({ length: count }, (_, i) => [refs[i]!, step] as const);
    await store.append([row("g", NOW_MS + step * 1000, samples)]);
  };
  for (let step = 0; step < 50; step++) await append(step, step === 7 ? 2 : 3);
  await store.compact();
  for (let step = 50; step < 100; step++) await append(step, 3);
  const context = new QueryContext();
  using set = await store.select({ matchers: [], startMs: 0, endMs: NOW_MS + 90_500 }, context);
  const series = [...set.read(context)];
  expect(series.map(({ times }) => times.length)).toEqual([91, 91, 90]);
  expect(series[0]!.times).toBe(series[1]!.times);
});

test("metrics of the store are registered once", async () => {
  using dir = new TestDir();
  const names: string[] = [];
  const counter = ({
    name,
  }: {
    name: string;
  }): ReturnType<typeof NO_METER.counter> & ReturnType<typeof NO_METER.gauge> => {
    names.push(name);
    return { inc() {}, set() {} };
  };
  await using store = await openTestStore(dir.path, { meter: { ...NO_METER, counter, gauge: counter } });
  expect(store.stats().blocks).toBe(0);
  expect(new Set(names).size).toBe(names.length);
  expect(names.every((name) => name.startsWith("binnacle_tsdb_"))).toBe(true);
});
