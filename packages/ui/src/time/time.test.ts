import { expect, test } from "vitest";
import { describeDuration, formatDuration, parseDuration } from "./duration.ts";
import { describeRange, formatAgo, formatLogTime } from "./format.ts";
import { parseInstant } from "./instant.ts";
import {
  decodeRange,
  draggedRange,
  encodeRange,
  fixedRange,
  lastSpan,
  shiftRange,
  zoomOut,
} from "./range.ts";
import { decodeRefresh, refreshIntervalMs } from "./refresh.ts";
import { alignWindow, niceStepMs, POINTS_MAX } from "./step.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse("2026-03-04T05:06:07.089Z");

test.each([
  ["15s", 15_000],
  ["250ms", 250],
  ["1h30m", 90 * MINUTE],
  ["1d", 24 * HOUR],
  ["1w2d", 9 * 24 * HOUR],
  ["1y", 365 * 24 * HOUR],
  ["0s", 0],
])("the duration %s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "5", "m", "1.5h", "30m1h", "1h1h", "-1h", "1h ", "1month", "99999999999999999999y"])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test("a formatted duration parses to itself", () => {
  for (const ms of [0, 1, 999, 1000, 90 * MINUTE, 24 * HOUR + 1, 400 * 24 * HOUR, 86_399_999]) {
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  }
});

test.each([
  [0.25, "250 µs"],
  [12, "12 ms"],
  [1500, "1.5 s"],
  [42_000, "42 s"],
  [61_000, "1m 1s"],
  [3 * 24 * HOUR + 4 * HOUR, "3d 4h"],
  [HOUR, "1h"],
])("%d ms reads as %s", (ms, text) => {
  expect(describeDuration(ms)).toBe(text);
});

test.each([
  ["now", NOW],
  ["now-1h", NOW - HOUR],
  ["2026-01-02T03:04:05Z", Date.parse("2026-01-02T03:04:05Z")],
  ["2026-01-02T03:04:05.5+02:00", Date.parse("2026-01-02T01:04:05.5Z")],
  ["2026-01-02", new Date(2026, 0, 2).getTime()],
  [" 2026-01-02 03:04 ", new Date(2026, 0, 2, 3, 4).getTime()],
  ["2026-01-02 03:04:05.67", new Date(2026, 0, 2, 3, 4, 5, 670).getTime()],
  ["1700000000", 1_700_000_000_000],
  ["1700000000.25", 1_700_000_000_250],
  ["1700000000123", 1_700_000_000_123],
  ["1700000000123456789", 1_700_000_000_123],
])("%j is an instant", (text, ms) => {
  expect(parseInstant(text, NOW)).toBe(ms);
});

test.each(["", "yesterday", "now+1h", "now-", "2026-02-31", "2026-13-01", "2026-01-02 25:00", "-5"])(
  "%j is no instant",
  (text) => {
    expect(parseInstant(text, NOW)).toBeUndefined();
  },
);

test("a range survives its URL", () => {
  for (const range of [lastSpan(HOUR), lastSpan(90_000), fixedRange(NOW - HOUR, NOW)]) {
    const { from, to } = encodeRange(range);
    expect(decodeRange(from, to, NOW)).toEqual(range);
  }
});

test.each([
  [undefined, undefined],
  ["", "now"],
  ["now", "now-1h"],
  ["now-0s", "now"],
  ["rubbish", "now"],
  ["now-1h", "rubbish"],
])("from %j to %j is no range", (from, to) => {
  expect(decodeRange(from, to, NOW)).toBeUndefined();
});

test("a range that ends before now is fixed where it stands", () => {
  expect(decodeRange("now-2h", "now-1h", NOW)).toEqual(fixedRange(NOW - 2 * HOUR, NOW - HOUR));
});

test("back and on again leads to where one was, and on past now to the last span", () => {
  const back = shiftRange(lastSpan(HOUR), -1, NOW);
  expect(back).toEqual(fixedRange(NOW - 1.5 * HOUR, NOW - HOUR / 2));
  expect(shiftRange(back, 1, NOW)).toEqual(lastSpan(HOUR));
  const far = fixedRange(NOW - 10 * HOUR, NOW - 9 * HOUR);
  expect(shiftRange(far, 1, NOW)).toEqual(fixedRange(NOW - 9.5 * HOUR, NOW - 8.5 * HOUR));
});

test("zooming out doubles about the middle, and never shows the future", () => {
  expect(zoomOut(lastSpan(HOUR), NOW)).toEqual(lastSpan(2 * HOUR));
  expect(zoomOut(fixedRange(NOW - 10 * HOUR, NOW - 8 * HOUR), NOW)).toEqual(
    fixedRange(NOW - 11 * HOUR, NOW - 7 * HOUR),
  );
  expect(zoomOut(fixedRange(NOW - 3 * HOUR, NOW - HOUR), NOW)).toEqual(lastSpan(4 * HOUR));
});

test("a drag from right to left, or of no width, is a range all the same", () => {
  expect(fixedRange(2000, 1000)).toEqual(fixedRange(1000, 2000));
  expect(fixedRange(1000, 1000)).toEqual({ kind: "fixed", fromMs: 1000, toMs: 2000 });
});

test("a dragged range takes whole seconds, unless it is of seconds itself", () => {
  expect(draggedRange(1500, 60_250)).toEqual(fixedRange(1000, 61_000));
  expect(draggedRange(1500, 2750)).toEqual(fixedRange(1500, 2750));
});

test("steps are round, and never too many", () => {
  expect(niceStepMs(HOUR, 250)).toBe(15_000);
  expect(niceStepMs(15 * MINUTE, 180)).toBe(5000);
  for (let spanMs = 1000; spanMs < 4e11; spanMs *= 3) {
    expect(spanMs / niceStepMs(spanMs, POINTS_MAX)).toBeLessThanOrEqual(POINTS_MAX);
  }
});

test("an aligned window lies within the one asked for", () => {
  expect(alignWindow(1001, 9999, 1000)).toEqual({ fromMs: 2000, toMs: 9000 });
  expect(alignWindow(2000, 9000, 1000)).toEqual({ fromMs: 2000, toMs: 9000 });
});

test("a page asks again by itself only while its range moves", () => {
  expect(refreshIntervalMs("auto", { isMoving: true, stepMs: 1000 })).toBe(5000);
  expect(refreshIntervalMs("auto", { isMoving: true, stepMs: 60_000 })).toBe(60_000);
  expect(refreshIntervalMs("15s", { isMoving: true, stepMs: 1 })).toBe(15_000);
  expect(refreshIntervalMs("15s", { isMoving: false, stepMs: 1 })).toBe(false);
  expect(refreshIntervalMs("off", { isMoving: true, stepMs: 1 })).toBe(false);
  expect(decodeRefresh("7s", "off")).toBe("off");
});

test("a line of another day says which, and a time that never was is a dash", () => {
  const noon = new Date(2026, 2, 4, 12, 0, 0, 7).getTime();
  expect(formatLogTime(noon, noon + HOUR)).toBe("12:00:00.007");
  expect(formatLogTime(noon, noon + 24 * HOUR)).toBe("03-04 12:00:00.007");
  expect(formatAgo(Date.parse("0001-01-01T00:00:00Z"), NOW)).toBe("—");
  expect(formatAgo(Number.NaN, NOW)).toBe("—");
  expect(formatAgo(NOW - 4200, NOW)).toBe("4.2 s ago");
  expect(describeRange(fixedRange(noon, noon + HOUR))).toBe("2026-03-04 12:00:00 – 13:00:00");
});
