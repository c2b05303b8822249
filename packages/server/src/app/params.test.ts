import { expect, test } from "vitest";
import { readDurationMs, readLimit, readLokiTimeNs, readTimeMs } from "./params.ts";

test.each([
  ["1767323045.5", 1_767_323_045_500],
  ["0", 0],
  ["-1.25", -1250],
  ["1.5e3", 1_500_000],
  ["2026-01-02T03:04:05Z", 1_767_323_045_000],
  ["2026-01-02T03:04:05.25+01:00", 1_767_319_445_250],
])("time %s is %d ms", (text, ms) => {
  expect(readTimeMs("time", text)).toBe(ms);
});

test.each(["", "now", "2026-01-02", "1h", "NaN", "1e300", "2026-13-02T03:04:05Z"])(
  "time %j is refused",
  (text) => {
    expect(() => readTimeMs("time", text)).toThrow(/invalid parameter "time"/);
  },
);

test.each([
  ["15s", 15_000],
  ["0.5", 500],
  ["1h30m", 5_400_000],
])("duration %s is %d ms", (text, ms) => {
  expect(readDurationMs("step", text)).toBe(ms);
});

test("a duration that is none names the parameter and the text", () => {
  expect(() => readDurationMs("step", "1 hour")).toThrow('invalid parameter "step": cannot parse "1 hour"');
});

test("limits", () => {
  expect(readLimit("limit", undefined)).toBeUndefined();
  expect(readLimit("limit", "0")).toBeUndefined();
  expect(readLimit("limit", "7")).toBe(7);
  expect(() => readLimit("limit", "-1")).toThrow(/must be non-negative/);
  expect(() => readLimit("limit", "1.5")).toThrow(/strconv.Atoi: parsing "1.5"/);
});

test.each([
  ["1767323045", 1_767_323_045_000_000_000n],
  ["1767323045123456789", 1_767_323_045_123_456_789n],
  ["1767323045.5", 1_767_323_045_500_000_000n],
  ["2026-01-02T03:04:05.000000007Z", 1_767_323_045_000_000_007n],
])("Loki time %s is %d ns", (text, ns) => {
  expect(readLokiTimeNs("start", text)).toBe(ns);
});
