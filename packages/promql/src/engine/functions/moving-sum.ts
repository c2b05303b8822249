/**
 * Sums and means of all windows of a series, at the cost of its samples instead of their windows' lengths.
 *
 * Nothing is ever subtracted, so nothing drifts: a window is the tail of what lies before an anchor, whose
 * sums are known from every start, and what came after it, which is one growing sum.
 *
 *     samples   . . [ x x x | y y ] . .        tail sums of x from the anchor down, one sum of y
 *                   from    anchor  to
 *
 * When `from` passes the anchor, the anchor moves to `to`. Each sum carries what rounding lost of it, and two
 * are added as such: the result is as exact as summing the window anew with compensation.
 */
import { CompensatedSum, meanOf } from "../compensated-sum.ts";
import type { StepColumns } from "../step-series.ts";
import type { SampleWindows } from "../sample-windows.ts";
import type { ScratchColumn } from "./scratch-column.ts";

/** Below it no sum of a window's parts has overflowed, unless it shows. */
const FAST_MAX = 1e300;

export function movingSums(
  values: Float64Array,
  windows: SampleWindows,
  out: StepColumns,
  { of, tails, losses }: { of: "sum" | "mean"; tails: ScratchColumn; losses: ScratchColumn },
): void {
  const { from: starts, to: ends } = windows;
  const { values: results } = out;
  const tailSums = tails.of(values.length);
  const tailLost = losses.of(values.length);
  let anchor = 0;
  let sum = 0;
  let lost = 0;
  let done = 0;
  for (let step = 0; step < starts.length; step++) {
    const from = starts[step]!;
    const to = ends[step]!;
    if (from >= to) continue;
    if (from >= anchor) {
      let tail = 0;
      let tailLoss = 0;
      for (let i = to - 1; i >= from; i--) {
        const value = values[i]!;
        const next = tail + value;
        tailLoss += Math.abs(tail) >= Math.abs(value) ? tail - next + value : value - next + tail;
        tail = next;
        tailSums[i] = tail;
        tailLost[i] = tailLoss;
      }
      anchor = to;
      done = to;
      sum = 0;
      lost = 0;
    }
    for (; done < to; done++) {
      const value = values[done]!;
      const next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
    }
    const tail = from < anchor ? tailSums[from]! : 0;
    const total = tail + sum;
    let result: number;
    // What is not finite, or may have overflowed on the way, follows rules of its own.
    if (Math.abs(total) < FAST_MAX) {
      const loss = Math.abs(tail) >= Math.abs(sum) ? tail - total + sum : sum - total + tail;
      const compensation = (from < anchor ? tailLost[from]! : 0) + lost + loss;
      result = of === "sum" ? total + compensation : total / (to - from) + compensation / (to - from);
    } else {
      result = of === "sum" ? sumOf(values, from, to) : meanOf(values, from, to);
    }
    results[step] = result;
  }
  out.fillAt(windows.steps);
}

/** The sum of values[from…to) with compensation. */
export function sumOf(values: Float64Array, from: number, to: number): number {
  const sum = new CompensatedSum();
  for (let i = from; i < to; i++) sum.add(values[i]!);
  return sum.total;
}
