import { expect, test } from "vitest";
import { restoredActiveAtMs } from "./restore-for-state.ts";

const MINUTE = 60_000;

// The program wrote last at minute 100 and is back at minute 130; `for` is an hour, the grace period 10
// minutes.
test.for<[what: string, activeAt: number, restored: number]>([
  ["was firing: it fires at once", 20, 20],
  ["had 40 minutes to go: the outage does not count", 80, 110],
  ["had 5 minutes to go: it gets the grace period", 45, 80],
  ["had just begun", 100, 130],
])("an alert that %s", ([, activeAt, restored]) => {
  const state = { writtenAtMs: 100 * MINUTE, activeAtMs: activeAt * MINUTE };
  expect(restoredActiveAtMs(state, 60 * MINUTE, 130 * MINUTE) / MINUTE).toBe(restored);
});
