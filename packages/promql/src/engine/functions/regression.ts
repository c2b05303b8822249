/** Straight lines and trends through a window: deriv, predict_linear, double_exponential_smoothing. */
import { BinnacleError } from "@binnacle/model";
import { CompensatedSum } from "../compensated-sum.ts";
import { timeAt } from "../grid.ts";
import type { Window } from "../range-input.ts";
import { ofFloats } from "./over-time.ts";

interface Line {
  /** Per second. */
  readonly slope: number;
  /** Value at the time the line was fitted around. */
  readonly intercept: number;
}

/** Least squares. A series that does not move has slope 0, exactly. */
function fitLine({ times, values, from, to }: Window, aroundMs: number): Line {
  const first = values[from]!;
  let isConstant = true;
  const sumX = new CompensatedSum();
  const sumY = new CompensatedSum();
  const sumXY = new CompensatedSum();
  const sumX2 = new CompensatedSum();
  for (let i = from; i < to; i++) {
    const y = values[i]!;
    if (y !== first) isConstant = false;
    const x = (times[i]! - aroundMs) / 1000;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumX2.add(x * x);
  }
  if (isConstant) {
    return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: NaN, intercept: NaN };
  }
  const count = to - from;
  const x = sumX.sum + sumX.compensation;
  const y = sumY.sum + sumY.compensation;
  const covariance = sumXY.sum + sumXY.compensation - (x * y) / count;
  const variance = sumX2.sum + sumX2.compensation - (x * x) / count;
  const slope = covariance / variance;
  return { slope, intercept: y / count - (slope * x) / count };
}

/** Around the first sample, since large numbers lose digits. */
export const deriv = ofFloats(
  () => (window) => (window.floatCount < 2 ? undefined : fitLine(window, window.times[window.from]!).slope),
);

export const predictLinear = ofFloats(({ grid, scalar }) => {
  const aheadSeconds = scalar(1);
  return (window, step) => {
    if (window.floatCount < 2) return undefined;
    const { slope, intercept } = fitLine(window, timeAt(grid, step));
    return slope * aheadSeconds[step]! + intercept;
  };
});

export const doubleExponentialSmoothing = ofFloats(({ scalar }) => {
  const smoothings = scalar(1);
  const trends = scalar(2);
  return ({ values, from, to }, step) => {
    const smoothing = smoothings[step]!;
    const trend = trends[step]!;
    refuseFactor("smoothing", "sf", smoothing);
    refuseFactor("trend", "tf", trend);
    if (to - from < 2) return undefined;
    let previous = 0;
    let smoothed = values[from]!;
    let slope = values[from + 1]! - smoothed;
    for (let i = from + 1; i < to; i++) {
      if (i > from + 1) slope = trend * (smoothed - previous) + (1 - trend) * slope;
      const next = smoothing * values[i]! + (1 - smoothing) * (smoothed + slope);
      previous = smoothed;
      smoothed = next;
    }
    return smoothed;
  };
});

function refuseFactor(name: string, short: string, factor: number): void {
  if (!(factor <= 0 || factor >= 1)) return;
  throw new BinnacleError(
    "EXECUTION_ERROR",
    `invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${factor.toFixed(6)}`,
  );
}
