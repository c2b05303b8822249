/** Points in time as people type them. */
import { parseDuration } from "./duration.ts";

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?$/;
const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;
const DIGITS = /^\d+(?:\.\d+)?$/;

/**
 * Unix ms of "now", "now-1h", an ISO time, a local date ("2026-01-02" or "2026-01-02 03:04[:05]") or Unix
 * time in seconds, milliseconds or nanoseconds, told apart by their number of digits; undefined where it is
 * none of these.
 */
export function parseInstant(text: string, nowMs: number): number | undefined {
  const trimmed = text.trim();
  if (trimmed === "now") return nowMs;
  if (trimmed.startsWith("now-")) {
    const backMs = parseDuration(trimmed.slice(4));
    return backMs === undefined ? undefined : nowMs - backMs;
  }
  if (DIGITS.test(trimmed)) return fromUnix(trimmed);
  if (ZONED.test(trimmed)) {
    const ms = Date.parse(trimmed);
    return Number.isNaN(ms) ? undefined : ms;
  }
  return fromLocal(trimmed);
}

function fromUnix(digits: string): number {
  const whole = digits.split(".")[0]!.length;
  const value = Number(digits);
  if (whole > 15) return Math.floor(value / 1e6);
  return whole > 11 ? Math.floor(value) : Math.round(value * 1000);
}

function fromLocal(text: string): number | undefined {
  const match = LOCAL.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const millisecond = Number((match[7] ?? "0").padEnd(3, "0"));
  const date = new Date(year!, month! - 1, day, hour, minute, second, millisecond);
  // A date like 31 February rolls over; it was a slip of the finger, not a time.
  return date.getMonth() === month! - 1 && date.getDate() === day ? date.getTime() : undefined;
}
