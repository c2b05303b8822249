import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { MetricStore } from "./store.ts";
import { labels, NOW_MS, openTestStore, readAll, row, TestDir } from "./test-store.ts";

async function append(store: MetricStore, from: number, to: number): Promise<void> {
  for (let step = from; step < to; step++) {
    const samples = ["a", "b"].map((i) => [store.series(labels(`__name__=m,i=${i}`)), step] as const);
    await store.append([row("g", NOW_MS - 100_000 + step * 1000, samples)]);
  }
}

test("a snapshot is a store of its own, with all there was, deletions and metadata too", async () => {
  using dir = new TestDir();
  const target = join(dir.path, "snapshots", "one");
  let expected: Record<string, string[]>;
  {
    await using store = await openTestStore(join(dir.path, "store"));
    await append(store, 0, 10);
    await store.compact();
    await append(store, 10, 20);
    store.describe([{ metric: "m", type: "gauge", help: "h", unit: "" }]);
    await store.deleteSeries([[{ name: "i", op: "=", value: "b" }]], { startMs: 0, endMs: NOW_MS - 85_000 });
    expected = await readAll(store);
    const appending = append(store, 20, 30);
    await store.snapshot(target);
    await appending;
    const linked = readdirSync(join(target, "blocks")).map((file) => join(target, "blocks", file));
    expect(linked.map((file) => statSync(file).nlink)).toEqual(linked.map(() => 2));
    await store.deleteSeries([[]], { startMs: 0, endMs: 2 ** 50 });
    await store.cleanTombstones();
    expect(await readAll(store)).toEqual({});
  }
  await using restored = await openTestStore(target);
  const found = await readAll(restored);
  for (const [key, samples] of Object.entries(expected)) {
    expect(found[key]!.slice(0, samples.length)).toEqual(samples);
  }
  expect(restored.metadata("m")).toHaveLength(1);
  await append(restored, 40, 45);
  await restored.cleanTombstones();
  expect(Object.values(await readAll(restored))[1]!.slice(0, 4)).toEqual(
    Object.values(expected)[1]!.slice(0, 4),
  );
});

test("a snapshot in a place that is taken leaves what is there, and nothing beside it", async () => {
  using dir = new TestDir();
  const target = join(dir.path, "taken");
  mkdirSync(join(target, "something"), { recursive: true });
  await using store = await openTestStore(join(dir.path, "store"));
  await append(store, 0, 3);
  await expect(store.snapshot(target)).rejects.toThrowError("taken");
  expect(readdirSync(dir.path).sort()).toEqual(["store", "taken"]);
});
