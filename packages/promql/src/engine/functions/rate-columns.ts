/**
 * rate, increase and delta of a series of floats over all steps at once. How far a window is extrapolated
 * depends on times alone, unless a counter would have been below zero: so it is worked out once for all
 * series that share their times.
 */
import { FLOAT, floatSteps, type StepColumns } from "../step-series.ts";
import type { SampleWindows } from "../sample-windows.ts";
import { extrapolationFactor } from "./extrapolation.ts";

export interface RateWindows extends SampleWindows {
  readonly ends: Float64Array;
  readonly rangeMs: number;
  /** By step: what a difference is multiplied with; for a rate, divided by the range already. */
  readonly factors: Float64Array;
  /** By step: the seconds taken on before the first sample, and those between the first and the last. */
  readonly toStart: Float64Array;
  readonly sampled: Float64Array;
  /** 1, or the seconds of the range. */
  readonly divisor: number;
  /** What is the same at all steps, where a target is scraped as regularly as it is looked at. */
  readonly regular: RegularWindows | undefined;
}

/** Windows that move on by so many samples a step, and are extrapolated alike. */
interface RegularWindows {
  readonly stride: number;
  readonly factor: number;
  readonly toStart: number;
  readonly sampled: number;
}

export function findRateWindows(
  windows: SampleWindows,
  { ends, rangeMs, isRate }: { ends: Float64Array; rangeMs: number; isRate: boolean },
): RateWindows {
  const { times, from, to } = windows;
  const count = ends.length;
  const factors = new Float64Array(count);
  const toStart = new Float64Array(count);
  const sampled = new Float64Array(count);
  const kinds = new Uint8Array(count);
  const divisor = isRate ? rangeMs / 1000 : 1;
  for (let step = 0; step < count; step++) {
    if (to[step]! - from[step]! < 2) continue;
    const span = {
      startMs: ends[step]! - rangeMs,
      endMs: ends[step]!,
      firstMs: times[from[step]!]!,
      lastMs: times[to[step]! - 1]!,
      count: to[step]! - from[step]!,
    };
    const { factor, startSeconds, sampledSeconds } = extrapolationFactor(span, undefined, undefined);
    factors[step] = factor / divisor;
    toStart[step] = startSeconds;
    sampled[step] = sampledSeconds;
    kinds[step] = FLOAT;
  }
  const steps = floatSteps(kinds);
  const found = { ...windows, steps, ends, rangeMs, factors, toStart, sampled, divisor };
  return { ...found, regular: regularWindows(found) };
}

function regularWindows(windows: Omit<RateWindows, "regular">): RegularWindows | undefined {
  const { from, to, steps, factors, toStart, sampled } = windows;
  const { run } = steps;
  if (run === undefined || run.to - run.from < 2) return undefined;
  const first = run.from;
  const stride = from[first + 1]! - from[first]!;
  for (let step = first; step < run.to; step++) {
    const moved = stride * (step - first);
    if (from[step]! - from[first]! !== moved || to[step]! - to[first]! !== moved) return undefined;
    if (factors[step] !== factors[first] || toStart[step] !== toStart[first]) return undefined;
    if (sampled[step] !== sampled[first]) return undefined;
  }
  return { stride, factor: factors[first]!, toStart: toStart[first]!, sampled: sampled[first]! };
}

/** `resets`: indexes of samples before which the counter was reset, ascending. Whether there is a result. */
export function rateColumns(
  values: Float64Array,
  windows: RateWindows,
  { resets, isCounter }: { resets: readonly number[]; isCounter: boolean },
  out: StepColumns,
): void {
  const { from: starts, to: ends, factors, toStart, sampled, steps } = windows;
  const { values: results } = out;
  if (windows.regular !== undefined && resets.length === 0) {
    regularRates(values, windows, windows.regular, isCounter, results);
    out.fillAt(steps);
    return;
  }
  const stepCount = starts.length;
  // The first reset that lies behind a window's first sample.
  let reset = 0;
  for (let step = 0; step < stepCount; step++) {
    const from = starts[step]!;
    const last = ends[step]! - 1;
    if (last <= from) continue;
    const first = values[from]!;
    let difference = values[last]! - first;
    if (reset < resets.length) {
      while (reset < resets.length && resets[reset]! <= from) reset++;
      for (let i = reset; i < resets.length && resets[i]! <= last; i++) difference += values[resets[i]! - 1]!;
    }
    let factor = factors[step]!;
    // No counter is taken to have been below zero. Most are far from it, which is told without a division.
    if (isCounter && difference > 0 && first >= 0) {
      const isFar = sampled[step]! * first > toStart[step]! * difference * FAR;
      if (!isFar && sampled[step]! * (first / difference) < toStart[step]!) {
        factor = clippedFactor(windows, step, first / difference);
      }
    }
    results[step] = difference * factor;
  }
  out.fillAt(steps);
}

/** The same of regular windows, in which the counter was not reset. */
function regularRates(
  values: Float64Array,
  windows: RateWindows,
  { stride, factor, toStart, sampled }: RegularWindows,
  isCounter: boolean,
  results: Float64Array,
): void {
  const { from, to } = windows.steps.run!;
  let firstAt = windows.from[from]!;
  let lastAt = windows.to[from]! - 1;
  for (let step = from; step < to; step++) {
    const first = values[firstAt]!;
    const difference = values[lastAt]! - first;
    firstAt += stride;
    lastAt += stride;
    results[step] = difference * factor;
    if (!isCounter || !(difference > 0 && first >= 0)) continue;
    if (sampled * first > toStart * difference * FAR || sampled * (first / difference) >= toStart) continue;
    results[step] = difference * clippedFactor(windows, step, first / difference);
  }
}

/** Over 1 by more than rounding can bring about. */
const FAR = 1 + 1e-9;

function clippedFactor(windows: RateWindows, step: number, zeroAt: number): number {
  const { times, from, to, ends, rangeMs, divisor } = windows;
  const span = {
    startMs: ends[step]! - rangeMs,
    endMs: ends[step]!,
    firstMs: times[from[step]!]!,
    lastMs: times[to[step]! - 1]!,
    count: to[step]! - from[step]!,
  };
  return extrapolationFactor(span, undefined, zeroAt).factor / divisor;
}
