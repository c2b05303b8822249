/**
 * Arithmetic on the decimals that doubles are written as, as addf and its kin calculate: 0.1 + 0.2 is 0.3. A
 * quotient is rounded to 16 places.
 */
import { templateError } from "@binnacle/gotemplate";

export type DecimalOp = "+" | "-" | "*" | "/";

/** value = units · 10^−places */
interface Decimal {
  readonly units: bigint;
  readonly places: number;
}

const QUOTIENT_PLACES = 16;
/** A number with a larger exponent than this is calculated as a double, which is as good there. */
const PLACES_MAX = 400;

/** Throws BAD_TEMPLATE for a division by zero. */
export function calculateDecimal(op: DecimalOp, a: number, b: number): number {
  const left = toDecimal(a);
  const right = toDecimal(b);
  if (left === undefined || right === undefined) return calculateDouble(op, a, b);
  switch (op) {
    case "*":
      return toNumber({ units: left.units * right.units, places: left.places + right.places });
    case "/":
      return toNumber(divide(left, right));
    default: {
      const places = Math.max(left.places, right.places);
      const [x, y] = [scale(left, places), scale(right, places)];
      return toNumber({ units: op === "+" ? x + y : x - y, places });
    }
  }
}

function calculateDouble(op: DecimalOp, a: number, b: number): number {
  if (op === "+") return a + b;
  if (op === "-") return a - b;
  return op === "*" ? a * b : a / b;
}

function toDecimal(value: number): Decimal | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (match === null) return undefined;
  const [, sign, whole, fraction = "", exponent = "0"] = match;
  const places = fraction.length - Number(exponent);
  if (Math.abs(places) > PLACES_MAX) return undefined;
  const units = BigInt(`${whole}${fraction}`) * (sign === "-" ? -1n : 1n);
  return places >= 0 ? { units, places } : { units: units * 10n ** BigInt(-places), places: 0 };
}

function scale({ units, places }: Decimal, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - places);
}

function divide(a: Decimal, b: Decimal): Decimal {
  if (b.units === 0n) throw templateError("decimal division by 0");
  const shift = QUOTIENT_PLACES + b.places - a.places;
  const dividend = shift >= 0 ? a.units * 10n ** BigInt(shift) : a.units;
  const divisor = shift >= 0 ? b.units : b.units * 10n ** BigInt(-shift);
  // Half away from zero.
  const rounded = (2n * magnitude(dividend) + magnitude(divisor)) / (2n * magnitude(divisor));
  const isNegative = dividend < 0n !== divisor < 0n;
  return { units: isNegative ? -rounded : rounded, places: QUOTIENT_PLACES };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function toNumber({ units, places }: Decimal): number {
  return Number(`${units}e${-places}`);
}
