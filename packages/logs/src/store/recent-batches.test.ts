import { join } from "node:path";
import { expect, test } from "vitest";
import { REPEATED_BATCH_AGE_MS, REPEATED_BATCHES_MAX } from "../limits.ts";
import { TestFolder } from "../testing/fixtures.ts";
import { RecentBatches } from "./recent-batches.ts";

function reloaded(batches: RecentBatches, nowMs: number): RecentBatches {
  using folder = new TestFolder();
  const path = join(folder.path, "recent");
  batches.save(path, nowMs);
  const after = new RecentBatches();
  expect(after.load(path)).toBe(true);
  return after;
}

test("a batch that was not durable when the others were written down is not known after a restart", async () => {
  const batches = new RecentBatches();
  const durable = Promise.withResolvers<void>();
  batches.add("sealed", 1000);
  batches.add("pending", 1000, durable.promise);
  expect(batches.find("pending", 1001)).toBeDefined();
  const before = reloaded(batches, 2000);
  expect(before.find("sealed", 2000)).toBeDefined();
  expect(before.find("pending", 2000)).toBeUndefined();
  durable.resolve();
  await durable.promise;
  expect(reloaded(batches, 2000).find("pending", 2000)).toBeDefined();
});

test("a batch that could not be written is forgotten, and may come again", async () => {
  const batches = new RecentBatches();
  const durable = Promise.withResolvers<void>();
  batches.add("x", 1000, durable.promise);
  durable.reject(new Error("the disk"));
  await expect(durable.promise).rejects.toThrow();
  expect(batches.find("x", 1000)).toBeUndefined();
});

test("old batches and more than are kept are forgotten", () => {
  const batches = new RecentBatches();
  for (let i = 0; i <= REPEATED_BATCHES_MAX; i++) batches.add(`b${i}`, 1000);
  expect(batches.find("b0", 1000)).toBeUndefined();
  expect(batches.find("b1", 1000)).toBeDefined();
  expect(batches.find("b1", 1001 + REPEATED_BATCH_AGE_MS)).toBeUndefined();
  expect(reloaded(batches, 1001 + REPEATED_BATCH_AGE_MS).find("b1", 1000)).toBeUndefined();
});
