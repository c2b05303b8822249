import { expect, test } from "vitest";
import { formatSeconds, formatValue } from "./json-number.ts";

test.each([
  [0, "0"],
  [-0, "-0"],
  [1.5, "1.5"],
  [1e21, "1e+21"],
  [123456789012345680000, "123456789012345680000"],
  [1e-7, "1e-07"],
  [1.5e-10, "1.5e-10"],
  [5e-324, "5e-324"],
  [Infinity, "+Inf"],
  [-Infinity, "-Inf"],
  [NaN, "NaN"],
])("value %d is written %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});

test.each([
  [0, "0"],
  [1_435_781_430_781, "1435781430.781"],
  [1100, "1.100"],
  [1001, "1.001"],
  [-1500, "-1.500"],
])("%d ms is written %s", (timeMs, text) => {
  expect(formatSeconds(timeMs)).toBe(text);
});
