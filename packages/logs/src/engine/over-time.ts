/** What a range aggregation makes of the unwrapped samples of a window. */
import type { RangeOp } from "../parser/ast.ts";
import type { SampleColumn } from "./sample-column.ts";

export interface OverTimeOptions {
  readonly rangeNs: number;
  /** quantile_over_time's. */
  readonly parameter: number | undefined;
  /** The window's end, on the scale of the samples' times. */
  readonly endNs: number;
}

/** Samples [from, to) of the column, at least one; undefined for no value. */
type OverTime = (
  column: SampleColumn,
  from: number,
  to: number,
  options: OverTimeOptions,
) => number | undefined;

export const OVER_TIME: Readonly<Partial<Record<RangeOp, OverTime>>> = {
  rate: (column, from, to, { rangeNs }) => sum(column, from, to) / (rangeNs / 1e9),
  rate_counter: rateCounter,
  sum_over_time: sum,
  avg_over_time: mean,
  min_over_time: (column, from, to) => fold(column, from, to, (a, b) => (b < a || Number.isNaN(a) ? b : a)),
  max_over_time: (column, from, to) => fold(column, from, to, (a, b) => (b > a || Number.isNaN(a) ? b : a)),
  first_over_time: (column, from) => column.values[from]!,
  last_over_time: (column, _from, to) => column.values[to - 1]!,
  stdvar_over_time: variance,
  stddev_over_time: (column, from, to) => Math.sqrt(variance(column, from, to)),
  quantile_over_time: (column, from, to, { parameter }) =>
    quantile(column.values.slice(from, to), parameter!),
  absent_over_time: () => 1,
};

function sum(column: SampleColumn, from: number, to: number): number {
  // Kahan's summation, with Neumaier's correction.
  let total = 0;
  let lost = 0;
  for (let i = from; i < to; i++) {
    const value = column.values[i]!;
    const next = total + value;
    if (!Number.isFinite(next)) lost = 0;
    else if (Math.abs(total) >= Math.abs(value)) lost += total - next + value;
    else lost += value - next + total;
    total = next;
  }
  return total + lost;
}

function mean(column: SampleColumn, from: number, to: number): number {
  return sum(column, from, to) / (to - from);
}

function fold(
  column: SampleColumn,
  from: number,
  to: number,
  pick: (a: number, b: number) => number,
): number {
  let best = column.values[from]!;
  for (let i = from + 1; i < to; i++) best = pick(best, column.values[i]!);
  return best;
}

/** Population variance, by Welford. */
function variance(column: SampleColumn, from: number, to: number): number {
  let average = 0;
  let squares = 0;
  for (let i = from; i < to; i++) {
    const value = column.values[i]!;
    const distance = value - average;
    average += distance / (i - from + 1);
    squares += distance * (value - average);
  }
  return squares / (to - from);
}

/** Interpolated between the two nearest, as Prometheus does it. Reorders what it is given. */
export function quantile(values: Float64Array, q: number): number {
  if (values.length === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  values.sort();
  const rank = q * (values.length - 1);
  const low = Math.floor(rank);
  const high = Math.min(values.length - 1, low + 1);
  const weight = rank - low;
  return values[low]! * (1 - weight) + values[high]! * weight;
}

/**
 * As Prometheus's rate: resets of the counter are made up for, and the window's uncovered ends extrapolated.
 * Of a single sample, as in Loki, it is 0.
 */
function rateCounter(
  column: SampleColumn,
  from: number,
  to: number,
  { rangeNs, endNs }: OverTimeOptions,
): number | undefined {
  const count = to - from;
  if (count < 2) return 0;
  const { times, values } = column;
  let increase = values[to - 1]! - values[from]!;
  for (let i = from + 1; i < to; i++) if (values[i]! < values[i - 1]!) increase += values[i - 1]!;
  const toStart = (times[from]! - (endNs - rangeNs)) / 1e9;
  const toEnd = (endNs - times[to - 1]!) / 1e9;
  const covered = (times[to - 1]! - times[from]!) / 1e9;
  const spacing = covered / (count - 1);
  let before = toStart;
  if (increase > 0 && values[from]! >= 0) {
    // A counter does not begin below zero.
    before = Math.min(before, covered * (values[from]! / increase));
  }
  const reach = spacing * 1.1;
  const extended = covered + (before < reach ? before : spacing / 2) + (toEnd < reach ? toEnd : spacing / 2);
  return (increase * (extended / covered)) / (rangeNs / 1e9);
}
