/** Times as the page shows them: the browser's zone, 24 hours, ISO order, so that columns of them line up. */
import { describeDuration, formatDuration } from "./duration.ts";
import type { TimeRange } from "./range.ts";

const two = (value: number): string => String(value).padStart(2, "0");

export function formatClock(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function formatDate(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function formatDateTime(ms: number): string {
  return `${formatDate(ms)} ${formatClock(ms)}`;
}

/** A log line's time: 03:04:05.678, with the date where the day is not today's. */
export function formatLogTime(ms: number, nowMs: number): string {
  const clock = `${formatClock(ms)}.${String(Math.floor(ms) % 1000).padStart(3, "0")}`;
  return formatDate(ms) === formatDate(nowMs) ? clock : `${formatDate(ms).slice(5)} ${clock}`;
}

/** "4 s ago"; an em dash for a time that never was (servers write the year 1 for it). */
export function formatAgo(ms: number, nowMs: number): string {
  if (!Number.isFinite(ms) || ms <= 0) return "—";
  const ageMs = nowMs - ms;
  return ageMs < 1000 ? "now" : `${describeDuration(ageMs)} ago`;
}

export function describeRange(range: TimeRange): string {
  if (range.kind === "last") return `Last ${formatDuration(range.spanMs)}`;
  const sameDay = formatDate(range.fromMs) === formatDate(range.toMs);
  const end = sameDay ? formatClock(range.toMs) : formatDateTime(range.toMs);
  return `${formatDateTime(range.fromMs)} – ${end}`;
}

/** The browser's zone as an offset: UTC+2, UTC. */
export function zoneName(nowMs: number): string {
  const minutes = -new Date(nowMs).getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${minutes < 0 ? "−" : "+"}${hours}${rest === 0 ? "" : `:${two(rest)}`}`;
}
