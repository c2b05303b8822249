/** A full disk: appends are refused, queries go on, and so does everything once there is room. */
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SmallDisk } from "@binnacle/lmdb-file/small-disk";
import { NO_METER, type Meter } from "@binnacle/model";
import { expect, test } from "vitest";
import type { MetricStore } from "./store.ts";
import { labels, NOW_MS, openTestStore, readAll, row, TestClock, TestDir } from "./test-store.ts";

const MB = 1024 * 1024;
const SERIES = 500;

/** Rows that do not compress. */
async function append(store: MetricStore, step: number, group = "g"): Promise<number> {
  const samples = Array.from(
    { length: SERIES },
    (_, i) => [store.series(labels(`__name__=m,i=${i}`)), Math.sin(step * SERIES + i)] as const,
  );
  return (await store.append([row(group, NOW_MS - 3_600_000 + step * 100, samples)])).appended;
}

async function counts(store: MetricStore): Promise<number[]> {
  return Object.values(await readAll(store)).map(({ length }) => length);
}

/** Keeps what each gauge was last set to. */
class Gauges {
  readonly values = new Map<string, number>();
  readonly meter: Meter = {
    ...NO_METER,
    gauge: ({ name, help }) => ({
      ...NO_METER.gauge({ name, help }),
      set: (...args: unknown[]) => {
        this.values.set(name, args.findLast((arg) => typeof arg === "number") as number);
      },
    }),
  };
}

test("nearly full, a store is read-only, says so, and goes on when there is room (a double of a disk)", async () => {
  using dir = new TestDir();
  const clock = new TestClock();
  const gauges = new Gauges();
  let freeBytes = 100 * MB;
  await using store = await openTestStore(dir.path, {
    clock,
    meter: gauges.meter,
    essentialGroups: ["own/"],
    limits: { diskReserveBytes: 10 * MB },
    diskSpace: () => ({ freeBytes, totalBytes: 1000 * MB }),
  });
  await append(store, 0);
  freeBytes = 9 * MB;
  await store.maintain();
  expect(gauges.values.get("binnacle_tsdb_read_only")).toBe(1);
  await expect(append(store, 1)).rejects.toMatchObject({
    code: "UNAVAILABLE",
    status: 503,
    message: expect.stringContaining("diskReserveBytes"),
  });
  expect(await counts(store)).toEqual(Array(SERIES).fill(1));
  expect(await append(store, 2, "own/metrics")).toBe(SERIES);
  freeBytes = 4 * MB;
  await expect(append(store, 3, "own/metrics")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  freeBytes = 12 * MB;
  await expect(append(store, 4)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  freeBytes = 16 * MB;
  expect(await append(store, 5)).toBe(SERIES);
  await store.maintain();
  expect(gauges.values.get("binnacle_tsdb_read_only")).toBe(0);
  expect(await counts(store)).toEqual(Array(SERIES).fill(3));
  expect(store.stats().isReadOnly).toBe(false);
});

test("a full disk keeps a deletion and a snapshot from being half written", async () => {
  using dir = new TestDir();
  let freeBytes = 100 * MB;
  await using store = await openTestStore(dir.path, {
    diskSpace: () => ({ freeBytes, totalBytes: 1000 * MB }),
  });
  await append(store, 0);
  freeBytes = 0;
  const refused = { code: "UNAVAILABLE" };
  await expect(store.deleteSeries([[]], { startMs: 0, endMs: 2 ** 50 })).rejects.toMatchObject(refused);
  await expect(store.snapshot(join(dir.path, "copy"))).rejects.toMatchObject(refused);
  expect(await counts(store)).toEqual(Array(SERIES).fill(1));
});

test("a disk of 24 MB fills up: nothing acknowledged is lost", { timeout: 60_000 }, async ({ skip }) => {
  using dir = new TestDir();
  using disk = new SmallDisk(dir.path, 24);
  if (!disk.isMounted) skip("a file system can be mounted by root only");
  const ballast = join(disk.path, "ballast");
  writeFileSync(ballast, Buffer.alloc(8 * MB));
  const path = join(disk.path, "store");
  // A reserve of its own: a twentieth of so small a disk is less than one commit.
  const options = {
    journalSync: "commit",
    diskSpace: (at: string) => {
      const { bavail, bsize } = statfsSync(at);
      return { freeBytes: bavail * bsize, totalBytes: 1000 * MB };
    },
    limits: { diskReserveBytes: 6 * MB },
  } as const;
  let store = await openTestStore(path, options);
  let taken = 0;
  let refused = 0;
  for (let step = 0; step < 5000 && refused < 20; step++) {
    try {
      await append(store, step);
      taken++;
    } catch (error) {
      expect(error).toMatchObject({ code: "UNAVAILABLE" });
      refused++;
    }
  }
  expect(refused).toBe(20);
  expect(await counts(store)).toEqual(Array(SERIES).fill(taken));
  rmSync(ballast);
  for (let step = 6000; step < 6010; step++) {
    await append(store, step);
    taken++;
  }
  await store.compact();
  await store.close();
  store = await openTestStore(path, options);
  expect(await counts(store)).toEqual(Array(SERIES).fill(taken));
  await store.close();
});

test("a disk that is full before anybody knew costs the appends it has no room for, and no more", async ({
  skip,
}) => {
  using dir = new TestDir();
  using disk = new SmallDisk(dir.path, 8);
  if (!disk.isMounted) skip("a file system can be mounted by root only");
  const ballast = join(disk.path, "ballast");
  writeFileSync(ballast, Buffer.alloc(5 * MB));
  const path = join(disk.path, "store");
  const clock = new TestClock();
  let nowMs = 0;
  clock.monotonicMs = () => nowMs;
  const gauges = new Gauges();
  const options = {
    clock,
    meter: gauges.meter,
    journalSync: "commit",
    // As with a quota: the file system has room, and gives none.
    diskSpace: () => ({ freeBytes: 100 * MB, totalBytes: 1000 * MB }),
    limits: { diskReserveBytes: MB },
  } as const;
  let store = await openTestStore(path, options);
  let taken = 0;
  let failure: unknown;
  for (let step = 0; step < 5000 && failure === undefined; step++) {
    try {
      taken += (await append(store, step)) / SERIES;
    } catch (error) {
      failure = error;
    }
  }
  expect(failure).toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("cannot be written"),
  });
  expect(gauges.values.get("binnacle_tsdb_read_only")).toBe(1);
  await expect(append(store, 5000)).rejects.toMatchObject({
    message: expect.stringContaining("read-only"),
  });
  // What was not acknowledged is in memory, and may stay.
  expect((await counts(store)).every((count) => count >= taken)).toBe(true);
  rmSync(ballast);
  nowMs = 6000;
  taken += (await append(store, 6000)) / SERIES;
  expect(gauges.values.get("binnacle_tsdb_read_only")).toBe(0);
  await store.close();
  store = await openTestStore(path, options);
  expect((await counts(store)).every((count) => count >= taken)).toBe(true);
  await store.close();
});
