/** Times and durations as people type them on a command line. */
import { tryParseDuration } from "@binnacle/model";
import { InvalidArgumentError } from "commander";

/** Unix ms: `now`, `now-1h`, Unix seconds, or RFC 3339. Throws commander's error. */
export function readTime(text: string, nowMs: number): number {
  if (text === "now") return nowMs;
  if (/^now[+-]/.test(text)) {
    const ms = tryParseDuration(text.slice(4));
    if (ms !== undefined) return text[3] === "-" ? nowMs - ms : nowMs + ms;
  }
  if (/^-?\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new InvalidArgumentError(
    `${JSON.stringify(text)} is no time: expected now, now-1h, Unix seconds or 2026-01-02T03:04:05Z.`,
  );
}

/** Steps a range is cut into when no step is given. */
const STEPS_DEFAULT = 120;

/** A step in ms for a range: whole seconds, so that the range has about STEPS_DEFAULT of them. */
export function stepFor(rangeMs: number): number {
  return Math.max(1, Math.round(rangeMs / STEPS_DEFAULT / 1000)) * 1000;
}
