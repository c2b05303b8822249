/** Numbers in the words of people, as Prometheus's templates write them. */
import { timeText } from "../go-time.ts";
import { printf } from "../printf.ts";
import { templateError, typeName, type Value } from "../values.ts";

const LARGE = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL = ["m", "u", "n", "p", "f", "a", "z", "y"];
const BINARY = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

/** A float, an int, or a text that holds a number. */
export function toFloat(value: Value): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string") {
    const number = parseFloatText(value);
    if (number !== undefined) return number;
    throw templateError(`cannot read ${JSON.stringify(value)} as a number`);
  }
  throw templateError(`can't convert ${typeName(value)} to float64`);
}

function parseFloatText(text: string): number | undefined {
  const special = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2]!.toLowerCase() === "nan") return Number.NaN;
    return special[1] === "-" ? -Infinity : Infinity;
  }
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** Four significant digits. */
function brief(value: number): string {
  return printf("%.4g", [value]);
}

/** 1234567 → 1.235M, 0.001234 → 1.234m. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return brief(value);
  return Math.abs(value) >= 1 ? scaledDown(value, 1000, LARGE) : scaledUp(value);
}

/** 1048576 → 1Mi. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return brief(value);
  return scaledDown(value, 1024, BINARY);
}

function scaledDown(value: number, step: number, prefixes: readonly string[]): string {
  let scaled = value;
  let prefix = "";
  for (const next of prefixes) {
    if (Math.abs(scaled) < step) break;
    prefix = next;
    scaled /= step;
  }
  return brief(scaled) + prefix;
}

function scaledUp(value: number): string {
  let scaled = value;
  let prefix = "";
  for (const next of SMALL) {
    if (Math.abs(scaled) >= 1) break;
    prefix = next;
    scaled *= 1000;
  }
  return brief(scaled) + prefix;
}

/** Seconds → 1d 2h 3m 4s, 12.3s, 4ms. */
export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return brief(value);
  if (value === 0) return "0s";
  if (Math.abs(value) < 1) return `${scaledUp(value)}s`;
  const sign = value < 0 ? "-" : "";
  const whole = Math.trunc(Math.abs(value));
  const parts = `${Math.trunc(whole / 60) % 60}m ${whole % 60}s`;
  const hours = Math.trunc(whole / 3600) % 24;
  const days = Math.trunc(whole / 86_400);
  if (days !== 0) return `${sign}${days}d ${hours}h ${parts}`;
  if (hours !== 0) return `${sign}${hours}h ${parts}`;
  return whole >= 60 ? sign + parts : `${sign}${brief(Math.abs(value))}s`;
}

export function humanizePercentage(value: number): string {
  return `${brief(value * 100)}%`;
}

/** Unix seconds → 2015-07-01 00:00:00 +0000 UTC. */
export function humanizeTimestamp(value: number): string {
  return Number.isFinite(value) ? timeText(secondsToNs(value)) : brief(value);
}

/**
 * Rounded to a nanosecond as Prometheus does, by float arithmetic. Throws BAD_TEMPLATE outside Go's range of
 * times.
 */
export function secondsToNs(seconds: number): bigint {
  const ns = Math.trunc(seconds * 1e9);
  if (Math.abs(ns) >= 2 ** 63) throw templateError(`${seconds} cannot be represented as a time or duration`);
  return BigInt(ns);
}
