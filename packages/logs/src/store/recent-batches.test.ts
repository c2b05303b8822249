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
  batches.add("sealed", 1000, 1);
  batches.add("pending", 1000, 2, durable.promise);
  expect(batches.find("pending", 1001)).toBeDefined();
  const before = reloaded(batches, 2000);
  expect(before.find("sealed", 2000)).toBeDefined();
  expect(before.find("pending", 2000)).toBeUndefined();
  durable.resolve();
  await durable.promise;
  expect(reloaded(batches, 2000).find("pending", 2000)).toBeDefined();
});

test("a batch that could not be journalled is refused again, until the head that has it is sealed", async () => {
  const batches = new RecentBatches();
  const durable = Promise.withResolvers<void>();
  batches.add("x", 1000, 7, durable.promise);
  durable.reject(new Error("the disk"));
  await expect(batches.find("x", 1000)).rejects.toThrow("the disk");
  expect(reloaded(batches, 1000).find("x", 1000)).toBeUndefined();
  batches.sealed(6);
  await expect(batches.find("x", 1000)).rejects.toThrow("the disk");
  batches.sealed(7);
  await expect(batches.find("x", 1000)).resolves.toBeUndefined();
  expect(reloaded(batches, 1000).find("x", 1000)).toBeDefined();
});

test("old batches and more than are kept are forgotten", () => {
  const batches = new RecentBatches();
  for (let i = 0; i <= REPEATED_BATCHES_MAX; i++) batches.add(`b${i}`, 1000, 1);
  expect(batches.find("b0", 1000)).toBeUndefined();
  expect(batches.find("b1", 1000)).toBeDefined();
  expect(batches.find("b1", 1001 + REPEATED_BATCH_AGE_MS)).toBeUndefined();
  expect(reloaded(batches, 1001 + REPEATED_BATCH_AGE_MS).find("b1", 1000)).toBeUndefined();
});
