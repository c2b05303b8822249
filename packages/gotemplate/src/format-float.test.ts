import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { formatFloat } from "./format-float.ts";

const SHORTEST = undefined;

// What Go's strconv.FormatFloat writes.
test.for<[value: number, verb: "e" | "f" | "g", precision: number | undefined, text: string]>([
  [1, "e", 5, "1.00000e+00"],
  [1, "f", 5, "1.00000"],
  [1, "g", 5, "1"],
  [1, "g", SHORTEST, "1"],
  [20, "g", SHORTEST, "20"],
  [200_000, "g", SHORTEST, "200000"],
  [1_000_000, "g", SHORTEST, "1e+06"],
  [2_000_000, "g", SHORTEST, "2e+06"],
  [1_234_567.8, "g", SHORTEST, "1.2345678e+06"],
  [0.0001, "g", SHORTEST, "0.0001"],
  [0.00001, "g", SHORTEST, "1e-05"],
  [400, "g", 2, "4e+02"],
  [40, "g", 2, "40"],
  [0.04, "g", 2, "0.04"],
  [0.0004, "g", 2, "0.0004"],
  [0.00004, "g", 2, "4e-05"],
  [32, "g", 0, "3e+01"],
  [0, "e", 5, "0.00000e+00"],
  [0, "f", 5, "0.00000"],
  [0, "g", SHORTEST, "0"],
  [-0, "g", SHORTEST, "-0"],
  [-1, "f", 0, "-1"],
  [123_456_700, "e", 5, "1.23457e+08"],
  [123_456_700, "g", 5, "1.2346e+08"],
  [123_456_700, "g", SHORTEST, "1.234567e+08"],
  [9.995, "g", 3, "9.99"],
  [9.999, "g", 3, "10"],
  [99.99, "e", 2, "1.00e+02"],
  [1e23, "e", 17, "9.99999999999999916e+22"],
  [1e23, "f", 17, "99999999999999991611392.00000000000000000"],
  [1e23, "f", SHORTEST, "100000000000000000000000"],
  [1e23, "g", SHORTEST, "1e+23"],
  [5e-324, "g", SHORTEST, "5e-324"],
  [5e-324, "f", 3, "0.000"],
  [0.05, "f", 1, "0.1"],
  [0.05, "f", 0, "0"],
  [0.5, "f", 0, "0"],
  [1.5, "f", 0, "2"],
  [2.5, "f", 0, "2"],
  [0.125, "f", 2, "0.12"],
  [383_260_575_764_816_448, "f", 0, "383260575764816448"],
  [Number.NaN, "f", 2, "NaN"],
  [Infinity, "g", SHORTEST, "+Inf"],
  [-Infinity, "e", 3, "-Inf"],
])("%d as %%%s with precision %s is %s", ([value, verb, precision, text]) => {
  expect(formatFloat(value, verb, precision)).toBe(text);
});

test("random numbers agree with JavaScript's own formatting where that is exact", () => {
  const seed = 20_240_817;
  const random = seededRandom(seed);
  const bits = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < 3000; i++) {
    bits.setUint32(0, random.below(2 ** 32));
    bits.setUint32(4, random.below(2 ** 32));
    const value = bits.getFloat64(0);
    if (!Number.isFinite(value)) continue;
    const digits = random.below(18);
    const place = `seed ${seed}, case ${i}: ${value} with ${digits} digits`;
    const [mantissa, exponent] = value.toExponential(digits).split("e");
    const own = formatFloat(value, "e", digits).split("e");
    expect([own[0], Number(own[1])], place).toEqual([mantissa, Number(exponent)]);
    expect(Number(formatFloat(value, "g", SHORTEST)), place).toBe(value);
    expect(Number(formatFloat(value, "f", SHORTEST)), place).toBe(value);
  }
});
