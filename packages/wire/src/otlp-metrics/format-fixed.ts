/**
 * A number as Prometheus writes OTLP's bounds and quantiles: the shortest that reads back, never with an
 * exponent.
 */

const SCIENTIFIC = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/;

export function formatFixed(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  const match = SCIENTIFIC.exec(text);
  if (match === null) return text;
  const [, sign = "", first = "", rest = "", exponentText = "0"] = match;
  const exponent = Number(exponentText);
  const digits = first + rest;
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  return sign + digits.padEnd(exponent + 1, "0");
}
