import { expect, test } from "vitest";
import { nextSlotMs, slotAfter, slotOffsetMs } from "./group-schedule.ts";

test("a group's slots do not depend on when it starts", () => {
  const offset = slotOffsetMs("a.yml;g", 60_000);
  expect(offset).toBeGreaterThanOrEqual(0);
  expect(offset).toBeLessThan(60_000);
  const slots = new Set<number>();
  for (let nowMs = 600_000; nowMs < 660_000; nowMs += 777) {
    const slot = nextSlotMs(nowMs, 60_000, offset);
    expect(slot - nowMs).toBeGreaterThan(0);
    expect(slot - nowMs).toBeLessThanOrEqual(60_000);
    slots.add(slot % 60_000);
  }
  expect([...slots]).toEqual([offset]);
});

test("groups spread over the interval", () => {
  const offsets = new Set(
    Array.from({ length: 50 }, (_, i) => Math.floor(slotOffsetMs(`f;${i}`, 60_000) / 10_000)),
  );
  expect(offsets.size).toBe(6);
});

test.for<[nowMs: number, next: number, missed: number]>([
  [100, 160, 0],
  [159, 160, 0],
  [160, 160, 0],
  [219, 160, 0],
  [220, 220, 1],
  [300, 280, 2],
  [90, 160, 0],
])("after the slot 100, done at %i, comes %i with %i missed", ([nowMs, next, missed]) => {
  expect(slotAfter(100, 60, nowMs)).toEqual({ slotMs: next, missed });
});
