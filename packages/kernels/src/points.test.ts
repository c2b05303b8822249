/** Points beside the numbers and times of plain script. */
import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { countLiteral, PointWriter } from "./index.ts";

/**
 * Go's form of the shortest decimal: JavaScript's, with two digits of exponent and other names for infinity.
 */
function plainValue(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  if (Object.is(value, -0)) return "-0";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

function plainPoints(times: Float64Array, values: Float64Array): string[] {
  return Array.from(times, (timeMs, i) => {
    const ms = Math.abs(timeMs % 1000);
    const seconds = `${timeMs < 0 ? "-" : ""}${Math.floor(Math.abs(timeMs) / 1000)}`;
    const time = ms === 0 ? seconds : `${seconds}.${String(ms).padStart(3, "0")}`;
    return `[${time},"${plainValue(values[i]!)}"]`;
  });
}

function written(writer: PointWriter, times: Float64Array, values: Float64Array): string[] {
  let text = "";
  writer.write(times, values, (bytes) => (text += new TextDecoder().decode(bytes)));
  return text.split(/(?<=\]),/);
}

function rampOf(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 1_700_000_000_000 + i * 15_000);
}

/** Of each end of each form. */
const ODD: readonly number[] = (
  "0 -0 1 -1 NaN Infinity -Infinity 0.1 0.3333333333333333 -0.3333333333333333 4.35 123456.789 " +
  "1.7976931348623157e308 5e-324 -5e-324 2.2250738585072014e-308 2.225073858507201e-308 " +
  "1e15 1e16 1e20 1e21 1e22 1e23 123456789012345680000 9007199254740993 18446744073709551616 " +
  "1e-5 1e-6 9.5e-7 1e-7 1.5e-7 1.234e-10 1e100 1.2345e300 9.5e-308"
)
  .split(" ")
  .map(Number);

test("odd numbers and times", () => {
  const values = Float64Array.from(ODD);
  const times = Float64Array.from(
    ODD,
    (_, i) => (i % 2 === 0 ? 1 : -1) * i * 7_123 + (i % 3 === 0 ? 877 : 0),
  );
  expect(written(new PointWriter(), times, values)).toEqual(plainPoints(times, values));
});

test("powers of two, at which the neighbour below is nearer", () => {
  const values = Float64Array.from({ length: 2098 }, (_, i) => 2 ** (i - 1074));
  const times = rampOf(values.length);
  expect(written(new PointWriter(), times, values)).toEqual(plainPoints(times, values));
});

test("random bits, decimals, shares and whole numbers, in more steps than one", () => {
  const writer = new PointWriter();
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed);
    const values = new Float64Array(9000);
    const words = new Uint32Array(values.buffer);
    for (let i = 0; i < values.length; i++) {
      const kind = random.below(6);
      if (kind === 0) words.set([random.below(2 ** 32), random.below(2 ** 32)], 2 * i);
      else if (kind === 1) values[i] = random.next();
      else if (kind === 2) values[i] = random.below(1e9) / 10 ** random.below(12);
      else if (kind === 3) values[i] = random.below(2 ** 53) * 10 ** (random.below(40) - 20);
      else if (kind === 4) values[i] = random.below(1e6);
      else values[i] = i === 0 ? 0 : values[i - 1]!;
    }
    const times = rampOf(values.length);
    expect(written(writer, times, values), `seed ${seed}`).toEqual(plainPoints(times, values));
  }
});

test("two writers, and another kernel between them, do not disturb each other", () => {
  const [a, b] = [new PointWriter(), new PointWriter()];
  const times = [rampOf(5), Float64Array.from({ length: 5 }, (_, i) => i * 500)] as const;
  const values = Float64Array.of(1, 2.5, 2.5, 1e-9, 7);
  for (let round = 0; round < 3; round++) {
    expect(written(a, times[0], values)).toEqual(plainPoints(times[0], values));
    countLiteral(new Uint8Array(20_000).fill(0x61), Uint8Array.of(0x62));
    expect(written(b, times[1], values)).toEqual(plainPoints(times[1], values));
    expect(written(a, times[1], values)).toEqual(plainPoints(times[1], values));
  }
});
