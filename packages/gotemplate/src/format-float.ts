/**
 * Writes float64 numbers as Go's strconv does.
 *
 * JavaScript's toFixed and toExponential round ties away from zero, Go to even; so digits of a given
 * precision are computed exactly, from the number's binary mantissa.
 */
import { unreachable } from "@binnacle/model";

/** Digits d1 d2 d3… of 0.d1d2d3… × 10^point. Zero has the digits "0" and the point 1. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** Shortest text that reads back as the same number, in the manner of `%g` (-1 as Go's precision). */
export function formatShortest(value: number): string {
  return formatFloat(value, "g", undefined);
}

/** As Go's FormatFloat; an undefined precision is the shortest that reads back. */
export function formatFloat(value: number, verb: "e" | "f" | "g", precision: number | undefined): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return sign + formatMagnitude(Math.abs(value), verb, precision);
}

function formatMagnitude(value: number, verb: "e" | "f" | "g", precision: number | undefined): string {
  switch (verb) {
    case "f":
      return precision === undefined ? writeFixed(shortestDecimal(value)) : fixed(value, precision);
    case "e":
      return writeExponent(
        precision === undefined ? shortestDecimal(value) : significant(value, precision + 1),
      );
    case "g": {
      const decimal =
        precision === undefined ? shortestDecimal(value) : trimZeros(significant(value, precision || 1));
      const exponent = decimal.point - 1;
      const bound = precision === undefined ? 6 : precision || 1;
      return exponent < -4 || exponent >= bound ? writeExponent(decimal) : writeFixed(decimal);
    }
    default:
      return unreachable(verb);
  }
}

function shortestDecimal(value: number): Decimal {
  if (value === 0) return { digits: "0", point: 1 };
  const [mantissa, exponent] = value.toExponential().split("e");
  return { digits: mantissa!.replace(".", ""), point: Number(exponent) + 1 };
}

function writeFixed({ digits, point }: Decimal): string {
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (digits.length <= point) return digits.padEnd(point, "0");
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

function writeExponent({ digits, point }: Decimal): string {
  const exponent = point - 1;
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  const sign = exponent < 0 ? "-" : "+";
  return `${digits[0]}${fraction}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** The `%g` of a given precision leaves out trailing zeros. */
function trimZeros({ digits, point }: Decimal): Decimal {
  return { digits: digits.replace(/0+$/, "") || "0", point };
}

/** `precision` digits after the point. */
function fixed(value: number, precision: number): string {
  const scaled = String(scaleByPowerOfTen(value, precision));
  if (precision === 0) return scaled;
  const padded = scaled.padStart(precision + 1, "0");
  return `${padded.slice(0, -precision)}.${padded.slice(-precision)}`;
}

/** Exactly `count` significant digits. */
function significant(value: number, count: number): Decimal {
  if (value === 0) return { digits: "0".repeat(count), point: 1 };
  // The shortest digits may be rounded up to a power of ten that the number itself does not reach: 1e23 is
  // 9.99…e22.
  let exponent = Number(value.toExponential().split("e")[1]);
  let digits = String(scaleByPowerOfTen(value, count - 1 - exponent));
  if (digits.length < count) {
    exponent--;
    digits = String(scaleByPowerOfTen(value, count - 1 - exponent));
  }
  // 9.99 rounded to 10.0 has one digit more before the point.
  const point = exponent + 1 + (digits.length - count);
  return { digits: digits.slice(0, count), point };
}

/** round(value × 10^power), ties to even, exactly. */
function scaleByPowerOfTen(value: number, power: number): bigint {
  const { mantissa, exponent } = splitFloat(value);
  let numerator = mantissa;
  let denominator = 1n;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator *= 10n ** BigInt(-power);
  const quotient = numerator / denominator;
  const twiceRest = 2n * (numerator % denominator);
  const roundsUp = twiceRest > denominator || (twiceRest === denominator && (quotient & 1n) === 1n);
  return roundsUp ? quotient + 1n : quotient;
}

/** value = mantissa × 2^exponent, for a finite number that is not negative. */
function splitFloat(value: number): { mantissa: bigint; exponent: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const fraction = word & ((1n << 52n) - 1n);
  const biased = Number((word >> 52n) & 0x7ffn);
  if (biased === 0) return { mantissa: fraction, exponent: -1074 };
  return { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}
