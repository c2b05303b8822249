/** A full disk: appends are refused, queries go on, and so does everything once there is room. */
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SmallDisk } from "@binnacle/lmdb-file/small-disk";
import { NO_METER, type LogEntries, type Meter } from "@binnacle/model";
import { expect, test } from "vitest";
import { dump, entries, NOON_NS, openStore, TestClock, TestFolder } from "../testing/fixtures.ts";

const MB = 1024 * 1024;

/** Lines that hardly pack. */
function batch(step: number): LogEntries[] {
  const lines = Array.from({ length: 50 }, (_, i) => ({
    timeNs: NOON_NS + BigInt(step * 50 + i),
    line: Array.from({ length: 30 }, (_x, k) => Math.sin(step * 5000 + i * 50 + k).toString(36)).join(""),
  }));
  return [entries({ app: "x" }, lines)];
}

function gaugesMeter(): { meter: Meter; values: Map<string, number> } {
  const values = new Map<string, number>();
  const meter: Meter = {
    ...NO_METER,
    gauge: ({ name, help }) => ({
      ...NO_METER.gauge({ name, help }),
      set: (...args: unknown[]) => {
        values.set(name, args.findLast((arg) => typeof arg === "number") as number);
      },
    }),
  };
  return { meter, values };
}

test("nearly full, a store is read-only, says so, and goes on when there is room (a double of a disk)", async () => {
  using folder = new TestFolder();
  const { meter, values } = gaugesMeter();
  let freeBytes = 100 * MB;
  const store = await openStore(folder.path, {
    meter,
    limits: { diskReserveBytes: 10 * MB },
    diskSpace: () => ({ freeBytes, totalBytes: 1000 * MB }),
  });
  await store.append(batch(0));
  freeBytes = 9 * MB;
  // What the file system said is believed for a moment.
  await store.snapshot(join(folder.path, "copy"));
  await expect(store.append(batch(1))).rejects.toMatchObject({
    code: "UNAVAILABLE",
    status: 503,
    message: expect.stringContaining("diskReserveBytes"),
  });
  expect(values.get("binnacle_logs_read_only")).toBe(1);
  expect(store.stats().isReadOnly).toBe(true);
  expect((await dump(store)).length).toBe(50);
  freeBytes = 12 * MB;
  await expect(store.append(batch(2))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  freeBytes = 16 * MB;
  expect((await store.append(batch(3))).appended).toBe(50);
  expect(values.get("binnacle_logs_read_only")).toBe(0);
  expect((await dump(store)).length).toBe(100);
  await store.close();
});

test("a full disk keeps deletions, snapshots and parts from being half written", async () => {
  using folder = new TestFolder();
  let freeBytes = 100 * MB;
  const store = await openStore(folder.path, { diskSpace: () => ({ freeBytes, totalBytes: 1000 * MB }) });
  await store.append(batch(0));
  freeBytes = 0;
  const refused = { code: "UNAVAILABLE" };
  const everything = { startNs: 0n, endNs: 1n << 62n };
  expect(() => store.deleteLines('{app="x"}', everything)).toThrow("the disk is full");
  await expect(store.snapshot(join(folder.path, "copy"))).rejects.toMatchObject(refused);
  await expect(store.compact()).rejects.toMatchObject(refused);
  expect((await dump(store)).length).toBe(50);
  freeBytes = 100 * MB;
  await store.compact();
  expect(store.stats()).toMatchObject({ headLines: 0, partLines: 50 });
  await store.close();
});

test("retention goes on while the disk is full", async () => {
  using folder = new TestFolder();
  const clock = new TestClock();
  let freeBytes = 100 * MB;
  const options = { clock, retentionMs: 86_400_000, diskSpace: () => ({ freeBytes, totalBytes: 1000 * MB }) };
  let store = await openStore(folder.path, options);
  await store.append(batch(0));
  await store.compact();
  await store.close();
  freeBytes = 1 * MB;
  clock.ms += 2 * 86_400_000;
  // A store looks after its parts when it starts.
  store = await openStore(folder.path, options);
  await expect(store.snapshot(join(folder.path, "copy"))).resolves.toBeUndefined();
  expect(store.stats()).toMatchObject({ parts: 0, isReadOnly: true });
  await store.close();
});

test("a disk of 24 MB fills up: nothing acknowledged is lost", { timeout: 60_000 }, async ({ skip }) => {
  using folder = new TestFolder();
  using disk = new SmallDisk(folder.path, 24);
  if (!disk.isMounted) skip("a file system can be mounted by root only");
  const ballast = join(disk.path, "ballast");
  writeFileSync(ballast, Buffer.alloc(8 * MB));
  const path = join(disk.path, "store");
  // A reserve of its own: a twentieth of so small a disk is less than one commit.
  const options = {
    diskSpace: (at: string) => {
      const { bavail, bsize } = statfsSync(at);
      return { freeBytes: bavail * bsize, totalBytes: 1000 * MB };
    },
    limits: { diskReserveBytes: 6 * MB },
  };
  mkdirSync(path);
  let store = await openStore(path, options);
  let taken = 0;
  let refused = 0;
  for (let step = 0; step < 5000 && refused < 20; step++) {
    try {
      await store.append(batch(step));
      taken++;
    } catch (error) {
      expect(error).toMatchObject({ code: "UNAVAILABLE" });
      refused++;
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
  }
  expect(refused).toBe(20);
  expect((await dump(store)).length).toBe(taken * 50);
  rmSync(ballast);
  for (let step = 6000; step < 6010; step++) {
    await store.append(batch(step));
    taken++;
  }
  await store.compact();
  await store.close();
  store = await openStore(path, options);
  expect((await dump(store)).length).toBe(taken * 50);
  await store.close();
});

test("a disk without a reserve fills up: what fails is told, and is there once at most when it is sent again", async ({
  skip,
}) => {
  using folder = new TestFolder();
  using disk = new SmallDisk(folder.path, 24);
  if (!disk.isMounted) skip("a file system can be mounted by root only");
  const ballast = join(disk.path, "ballast");
  writeFileSync(ballast, Buffer.alloc(18 * MB));
  const clock = new TestClock();
  const path = join(disk.path, "store");
  mkdirSync(path);
  // So small a reserve that a commit fails before it is met.
  const limits = { diskReserveBytes: 1 };
  const store = await openStore(path, { clock, limits });
  const failed: LogEntries[][] = [];
  let taken = 0;
  for (let step = 0; step < 3000 && failed.length < 3; step++) {
    const lines = batch(step);
    try {
      await store.append(lines);
      taken++;
    } catch (error) {
      expect(error).toMatchObject({ code: "UNAVAILABLE" });
      failed.push(lines);
    }
  }
  expect(failed.length).toBe(3);
  expect(taken).toBeGreaterThan(5);
  rmSync(ballast);
  const deadlineMs = performance.now() + 20_000;
  for (const lines of failed) {
    for (;;) {
      try {
        await store.append(lines);
        break;
      } catch (error) {
        expect(error).toMatchObject({ code: "UNAVAILABLE" });
        expect(performance.now()).toBeLessThan(deadlineMs);
        await store.compact().catch(() => undefined);
        await new Promise((resolve) => void setTimeout(resolve, 200));
      }
    }
  }
  await store.compact();
  const lines = await dump(store);
  expect(lines.length).toBe((taken + 3) * 50);
  expect(new Set(lines).size).toBe(lines.length);
  await store.close();
});
