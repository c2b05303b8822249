/**
 * The largest (or smallest) value of all windows of a series, by the same two parts as moving sums: the best
 * of each tail before an anchor, and the best since. NaN gives way to every number.
 */
import type { StepColumns } from "../step-series.ts";
import type { SampleWindows } from "../sample-windows.ts";
import type { ScratchColumn } from "./scratch-column.ts";

export function movingExtremes(
  values: Float64Array,
  windows: SampleWindows,
  out: StepColumns,
  { of, scratch }: { of: "max" | "min"; scratch: ScratchColumn },
): void {
  const { from: starts, to: ends } = windows;
  const { values: results } = out;
  // Of negated values the largest is the smallest.
  const sign = of === "max" ? 1 : -1;
  const tails = scratch.of(values.length);
  let anchor = 0;
  let best = NaN;
  let done = 0;
  for (let step = 0; step < starts.length; step++) {
    const from = starts[step]!;
    const to = ends[step]!;
    if (from >= to) continue;
    if (from >= anchor) {
      let tail = NaN;
      for (let i = to - 1; i >= from; i--) tails[i] = tail = larger(tail, sign * values[i]!);
      anchor = to;
      done = to;
      best = NaN;
    }
    for (; done < to; done++) best = larger(best, sign * values[done]!);
    results[step] = sign * (from < anchor ? larger(tails[from]!, best) : best);
  }
  out.fillAt(windows.steps);
}

function larger(a: number, b: number): number {
  // oxlint-disable-next-line no-self-compare
  return b > a || a !== a ? b : a;
}
