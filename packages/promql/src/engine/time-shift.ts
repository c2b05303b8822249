/** Durations and times of a query's nodes, once the query is known. */
import { BinnacleError } from "@binnacle/model";
import { evaluateDuration, type AtModifier, type Duration } from "../parser/index.ts";
import type { QueryFrame } from "./query-frame.ts";

export function durationMsOf(frame: QueryFrame, duration: Duration): number {
  const environment = {
    stepSeconds: frame.stepMs / 1000,
    rangeSeconds: (frame.endMs - frame.startMs) / 1000,
  };
  const seconds = evaluateDuration(duration, environment);
  if (typeof seconds === "number") return Math.round(seconds * 1000) + 0;
  throw new BinnacleError("EXECUTION_ERROR", seconds ?? "duration cannot be evaluated");
}

export function rangeMsOf(frame: QueryFrame, duration: Duration): number {
  const ms = durationMsOf(frame, duration);
  if (ms > 0) return ms;
  const { line, column } = duration.position;
  throw new BinnacleError("EXECUTION_ERROR", `${line}:${column}: duration must be greater than 0`, {
    position: duration.position,
  });
}

/** How evaluation times become the times that are looked at. */
export interface TimeShift {
  readonly fixedMs: number | undefined;
  readonly offsetMs: number;
}

export function timeShiftOf(
  frame: QueryFrame,
  node: { readonly at: AtModifier | undefined; readonly offset: Duration | undefined },
): TimeShift {
  const { at } = node;
  const fixedMs = at === "start" ? frame.startMs : at === "end" ? frame.endMs : at?.timeMs;
  return { fixedMs, offsetMs: node.offset === undefined ? 0 : durationMsOf(frame, node.offset) };
}

export function shifted(shift: TimeShift, timeMs: number): number {
  return (shift.fixedMs ?? timeMs) - shift.offsetMs;
}
