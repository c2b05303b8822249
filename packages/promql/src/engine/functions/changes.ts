/** changes and resets: how often a series moved, how often its counter began anew. */
import { detectReset, equalHistograms } from "../histogram/arithmetic.ts";
import type { NativeHistogram } from "../histogram/native-histogram.ts";
import type { Window } from "../range-input.ts";
import { overRange, type FunctionImplementation } from "./function-types.ts";
import { indexRange } from "./index-range.ts";
import { isResetByStart, type StampedTime } from "./start-times.ts";

interface Point extends StampedTime {
  readonly value: number;
  readonly histogram: NativeHistogram | undefined;
}

type Differs = (current: Point, previous: Point, usesStarts: boolean) => boolean;

/** The samples of a window in order of time; anchored, with the last one at or before its start in front. */
function* pointsOf(window: Window, anchorAfterMs: number | undefined): Generator<Point> {
  const { series, startMs, endMs } = window;
  let floats = { from: window.from, to: window.to };
  let histograms = { from: window.histogramFrom, to: window.histogramTo };
  if (anchorAfterMs !== undefined) {
    if (window.isEmpty) return;
    floats = indexRange(series.times, anchorAfterMs, endMs);
    histograms = indexRange(series.histogramTimes, anchorAfterMs, endMs);
  }
  let anchor: Point | undefined;
  let { from: f } = floats;
  let { from: h } = histograms;
  while (f < floats.to || h < histograms.to) {
    const isFloat = h >= histograms.to || (f < floats.to && series.times[f]! < series.histogramTimes[h]!);
    const point = isFloat
      ? {
          timeMs: series.times[f]!,
          startMs: series.startTimes?.[f] ?? 0,
          value: series.values[f]!,
          histogram: undefined,
        }
      : {
          timeMs: series.histogramTimes[h]!,
          startMs: series.histogramStartTimes?.[h] ?? 0,
          value: 0,
          histogram: series.histograms[h],
        };
    if (isFloat) f++;
    else h++;
    if (point.timeMs <= startMs) {
      anchor = point;
      continue;
    }
    if (anchor !== undefined) yield anchor;
    anchor = undefined;
    yield point;
  }
}

function counting(differs: Differs): FunctionImplementation {
  return overRange(({ evaluation, input }) => () => (window, step, out) => {
    const anchorAfterMs = input.extension === undefined ? undefined : window.startMs - input.lookbackMs;
    let previous: Point | undefined;
    let count = 0;
    for (const point of pointsOf(window, anchorAfterMs)) {
      if (previous !== undefined && differs(point, previous, evaluation.usesStartTimestamps)) count++;
      previous = point;
    }
    if (previous !== undefined) out.setFloat(step, count);
  });
}

export const changes = counting((current, previous) => {
  if (current.histogram !== undefined && previous.histogram !== undefined) {
    return !equalHistograms(current.histogram, previous.histogram);
  }
  if (current.histogram !== undefined || previous.histogram !== undefined) return true;
  return current.value !== previous.value && !(Number.isNaN(current.value) && Number.isNaN(previous.value));
});

export const resets = counting((current, previous, usesStarts) => {
  if (usesStarts && isResetByStart(previous, current)) return true;
  if (current.histogram !== undefined && previous.histogram !== undefined) {
    return detectReset(current.histogram, previous.histogram);
  }
  if (current.histogram !== undefined || previous.histogram !== undefined) return true;
  return current.value < previous.value;
});
