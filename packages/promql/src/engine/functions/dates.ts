/** Functions of times: of samples' own, and of values taken for Unix seconds, all in UTC. */
import { Labels } from "@binnacle/model";
import { unwrapParens, type VectorSelector } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import { timeAt, type StepGrid } from "../grid.ts";
import { selectTimes, type TimesWindow } from "../instant-selector.ts";
import { ABSENT, type Value } from "../step-series.ts";
import { timeShiftOf } from "../time-shift.ts";
import { mapFloats, vectorOf, type FunctionImplementation } from "./function-types.ts";

/** Days of the Gregorian calendar's cycle of 400 years, in seconds. */
const CYCLE_SECONDS = 146_097 * 86_400;
const CYCLE_YEARS = 400;
/** Prometheus on x86-64 takes what is no 64-bit number of seconds for this one, NaN too. */
const SECONDS_OUT_OF_RANGE = 2 ** 63;

/** Past this year only SECONDS_OUT_OF_RANGE lies. */
const YEARS_MAX = 292_277_000_000;

/** A moment, moved by whole cycles into a year that Date knows. */
interface Moment {
  readonly date: Date;
  readonly addedYears: number;
}

function momentOf(value: number): Moment {
  const seconds = Math.abs(value) < 2 ** 63 ? Math.trunc(value) : SECONDS_OUT_OF_RANGE;
  let rest = seconds % CYCLE_SECONDS;
  if (rest < 0) rest += CYCLE_SECONDS;
  return {
    date: new Date(rest * 1000),
    addedYears: Math.round((seconds - rest) / CYCLE_SECONDS) * CYCLE_YEARS,
  };
}

function ofDate(part: (date: Date, addedYears: number) => number): FunctionImplementation {
  const partOf = (seconds: number): number => {
    const { date, addedYears } = momentOf(seconds);
    return part(date, addedYears);
  };
  return (call, grid, evaluation) => {
    if (call.args.length > 0) return mapFloats(call, grid, evaluation, partOf);
    const columns = evaluation.columns(grid);
    for (let step = 0; step < grid.count; step++) columns.setFloat(step, partOf(timeAt(grid, step) / 1000));
    return { type: "vector", series: [columns.toSeries(Labels.EMPTY, false)] };
  };
}

const DAY_MS = 86_400_000;

export const minute = ofDate((date) => date.getUTCMinutes());
export const hour = ofDate((date) => date.getUTCHours());
export const dayOfWeek = ofDate((date) => date.getUTCDay());
export const dayOfMonth = ofDate((date) => date.getUTCDate());
export const month = ofDate((date) => date.getUTCMonth() + 1);
export const year = ofDate((date, addedYears) => date.getUTCFullYear() + addedYears);
export const dayOfYear = ofDate((date, addedYears) => {
  // Where there is no such second the day of the year is the first, though the day of the month is not.
  if (addedYears > YEARS_MAX) return 1;
  const first = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - first) / DAY_MS) + 1;
});
export const daysInMonth = ofDate((date) =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
);

function timesOf(
  selector: VectorSelector,
  grid: StepGrid,
  evaluation: Evaluation,
  which: "time" | "startTime",
  window?: TimesWindow,
): Value {
  const found = selectTimes(selector, grid, evaluation, which, window);
  return vectorOf(
    found.map(({ series, columns }) => evaluation.renamed(columns, series.labels)),
    evaluation,
  );
}

/**
 * Prometheus's timestamp() looks at the time of @ itself, whatever the offset, among samples that were read
 * for the time that the offset leads to: a sample must be within the lookback of both.
 */
function windowOfTimestamp(selector: VectorSelector, { frame }: Evaluation): TimesWindow | undefined {
  const { fixedMs, offsetMs } = timeShiftOf(frame, selector);
  if (fixedMs === undefined || offsetMs === 0) return undefined;
  const shift = { fixedMs, offsetMs: Math.max(0, offsetMs) };
  return { shift, lookbackMs: frame.lookbackDeltaMs - Math.abs(offsetMs) };
}

/** A selector's own sample times; of anything else the time of evaluation. */
export const timestamp: FunctionImplementation = (call, grid, evaluation) => {
  const arg = unwrapParens(call.args[0]!);
  if (arg.kind === "selector") {
    return timesOf(arg, grid, evaluation, "time", windowOfTimestamp(arg, evaluation));
  }
  const { series } = evaluation.evaluateVector(arg, grid);
  const result = series.map(({ labels, kinds }) => {
    const columns = evaluation.columns(grid);
    for (let step = 0; step < grid.count; step++) {
      if (kinds[step] !== ABSENT) columns.setFloat(step, timeAt(grid, step) / 1000);
    }
    return evaluation.renamed(columns, labels);
  });
  return vectorOf(result, evaluation);
};

/** When the counting of a selector's samples began; an expression has lost it. */
export const startTimestamp: FunctionImplementation = (call, grid, evaluation) => {
  const arg = unwrapParens(call.args[0]!);
  if (arg.kind !== "selector" || !evaluation.usesStartTimestamps) return { type: "vector", series: [] };
  return timesOf(arg, grid, evaluation, "startTime");
};
