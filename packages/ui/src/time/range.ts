/** The window of time a page looks at: its last part, or a fixed piece. */
import { formatDuration, parseDuration } from "./duration.ts";
import { parseInstant } from "./instant.ts";

export type TimeRange =
  | { readonly kind: "last"; readonly spanMs: number }
  | { readonly kind: "fixed"; readonly fromMs: number; readonly toMs: number };

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Shorter windows hold no sample, longer ones no sense. */
export const SPAN_MS_MIN = 1000;
export const SPAN_MS_MAX = 10 * 365 * 86_400_000;

export const QUICK_SPANS_MS: readonly number[] = [
  5 * 60_000,
  15 * 60_000,
  30 * 60_000,
  3_600_000,
  3 * 3_600_000,
  6 * 3_600_000,
  12 * 3_600_000,
  86_400_000,
  2 * 86_400_000,
  7 * 86_400_000,
  14 * 86_400_000,
  30 * 86_400_000,
];

export function lastSpan(spanMs: number): TimeRange {
  return { kind: "last", spanMs: clampSpan(spanMs) };
}

export function fixedRange(fromMs: number, toMs: number): TimeRange {
  const [from, to] = fromMs <= toMs ? [fromMs, toMs] : [toMs, fromMs];
  return { kind: "fixed", fromMs: Math.floor(from), toMs: Math.ceil(Math.max(to, from + SPAN_MS_MIN)) };
}

/**
 * A dragged range, its ends outwards to whole seconds: nobody aims at milliseconds, and they make long URLs.
 */
export function draggedRange(fromMs: number, toMs: number): TimeRange {
  const isLong = toMs - fromMs >= 10 * SPAN_MS_MIN;
  return isLong
    ? fixedRange(Math.floor(fromMs / 1000) * 1000, Math.ceil(toMs / 1000) * 1000)
    : fixedRange(fromMs, toMs);
}

export function resolveRange(range: TimeRange, nowMs: number): Window {
  return range.kind === "fixed"
    ? { fromMs: range.fromMs, toMs: range.toMs }
    : { fromMs: nowMs - range.spanMs, toMs: nowMs };
}

export function spanOf(range: TimeRange): number {
  return range.kind === "last" ? range.spanMs : range.toMs - range.fromMs;
}

/** As `from` and `to` stand in a URL. */
export function encodeRange(range: TimeRange): { from: string; to: string } {
  return range.kind === "last"
    ? { from: `now-${formatDuration(range.spanMs)}`, to: "now" }
    : { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() };
}

/**
 * undefined where the two texts are no range. "now-2h" to "now-1h" is taken as it stands now, and then is
 * fixed.
 */
export function decodeRange(
  from: string | undefined,
  to: string | undefined,
  nowMs: number,
): TimeRange | undefined {
  if (from === undefined || from.trim() === "") return undefined;
  const end = to === undefined || to.trim() === "" ? "now" : to.trim();
  const start = from.trim();
  if (end === "now" && start.startsWith("now-")) {
    const spanMs = parseDuration(start.slice(4));
    return spanMs === undefined || spanMs === 0 ? undefined : lastSpan(spanMs);
  }
  const fromMs = parseInstant(start, nowMs);
  const toMs = parseInstant(end, nowMs);
  if (fromMs === undefined || toMs === undefined || fromMs >= toMs) return undefined;
  return fixedRange(fromMs, toMs);
}

/** Half a span back or on. A shift on past now becomes the last span again. */
export function shiftRange(range: TimeRange, direction: -1 | 1, nowMs: number): TimeRange {
  const { fromMs, toMs } = resolveRange(range, nowMs);
  const byMs = (direction * (toMs - fromMs)) / 2;
  if (direction === 1 && toMs + byMs >= nowMs) return lastSpan(toMs - fromMs);
  return fixedRange(fromMs + byMs, toMs + byMs);
}

/** Twice the span about the same middle; a range that ends now stays there. */
export function zoomOut(range: TimeRange, nowMs: number): TimeRange {
  if (range.kind === "last") return lastSpan(range.spanMs * 2);
  const span = range.toMs - range.fromMs;
  const toMs = range.toMs + span / 2;
  return toMs >= nowMs ? lastSpan(span * 2) : fixedRange(range.fromMs - span / 2, toMs);
}

function clampSpan(spanMs: number): number {
  return Math.min(SPAN_MS_MAX, Math.max(SPAN_MS_MIN, Math.round(spanMs)));
}
