import { expect, test } from "vitest";
import { readTime, stepFor } from "./times.ts";

const NOW_MS = 1_767_323_045_000;

test.each([
  ["now", NOW_MS],
  ["now-1h", NOW_MS - 3_600_000],
  ["now+90s", NOW_MS + 90_000],
  ["1767323045", NOW_MS],
  ["1767323045.25", NOW_MS + 250],
  ["2026-01-02T03:04:05Z", NOW_MS],
])("%s", (text, timeMs) => {
  expect(readTime(text, NOW_MS)).toBe(timeMs);
});

test.each(["", "yesterday", "now-", "now-1x", "1h", "2026-13-40"])("%j is no time", (text) => {
  expect(() => readTime(text, NOW_MS)).toThrow(/is no time: expected now/);
});

test.each([
  [3_600_000, 30_000],
  [60_000, 1000],
  [0, 1000],
  [86_400_000, 720_000],
])("a range of %d ms has steps of %d ms", (rangeMs, stepMs) => {
  expect(stepFor(rangeMs)).toBe(stepMs);
});
