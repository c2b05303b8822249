/**
 * When a group is evaluated: at the same moments whatever the time of the start, spread over the interval by
 * its name.
 *
 *     time   0        interval      2 × interval
 *            |---offset---x-------------x-------------x
 */
import { fnv1a } from "../alert.ts";

/** The group's place in the interval, in ms. */
export function slotOffsetMs(groupKey: string, intervalMs: number): number {
  return Number(fnv1a(Buffer.from(groupKey, "utf8")) % BigInt(intervalMs));
}

/** The first slot after `nowMs`. */
export function nextSlotMs(nowMs: number, intervalMs: number, offsetMs: number): number {
  return Math.floor((nowMs - offsetMs) / intervalMs) * intervalMs + offsetMs + intervalMs;
}

/** The slot after one that has been evaluated, and how many were missed because that took until `nowMs`. */
export function slotAfter(
  slotMs: number,
  intervalMs: number,
  nowMs: number,
): { readonly slotMs: number; readonly missed: number } {
  const missed = Math.max(0, Math.floor((nowMs - slotMs) / intervalMs) - 1);
  return { slotMs: slotMs + (missed + 1) * intervalMs, missed };
}
