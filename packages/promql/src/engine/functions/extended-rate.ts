/**
 * rate, increase and delta of anchored and smoothed ranges: no extrapolation, since the value at the window's
 * edges is known, from the last sample before (anchored) or from the line between the samples around
 * (smoothed).
 */
import { detectReset, scaleHistogram } from "../histogram/arithmetic.ts";
import { interpolateHistograms, type AnnotationTarget } from "../histogram/interpolate.ts";
import { compact, hasCustomBuckets, type NativeHistogram } from "../histogram/native-histogram.ts";
import type { RangeInput, Window } from "../range-input.ts";
import { addWithAnnotations, subtractWithAnnotations } from "./histogram-rate.ts";
import type { IndexRange } from "./index-range.ts";

export interface RateKind {
  readonly isCounter: boolean;
  readonly isRate: boolean;
}

interface Edges {
  readonly first: number;
  readonly last: number;
}

/** The samples at or around the two edges; undefined where the window has nothing to say. */
function edgesOf(
  times: Float64Array,
  { from, to }: IndexRange,
  window: Window,
  isSmoothed: boolean,
): Edges | undefined {
  let first = from;
  while (first + 1 < to && times[first + 1]! <= window.startMs) first++;
  let last = to - 1;
  if (isSmoothed) {
    last = from;
    while (last < to - 1 && times[last]! < window.endMs) last++;
  }
  if (times[last]! <= window.startMs) return undefined;
  if (isSmoothed && times[first]! > window.endMs) return undefined;
  return { first, last };
}

export function extendedFloatRate(
  window: Window,
  range: IndexRange,
  { isCounter, isRate }: RateKind,
  { extension, rangeMs }: RangeInput,
): number | undefined {
  const isSmoothed = extension === "smoothed";
  const { times, values, startMs, endMs } = window;
  const edges = edgesOf(times, range, window, isSmoothed);
  if (edges === undefined) return undefined;
  const { first, last } = edges;
  const between = (i: number, timeMs: number): number => {
    const next = values[i + 1]!;
    const value = isCounter && next < values[i]! ? 0 : values[i]!;
    return value + ((next - value) * (timeMs - times[i]!)) / (times[i + 1]! - times[i]!);
  };
  const left = isSmoothed && times[first]! < startMs ? between(first, startMs) : values[first]!;
  const right =
    isSmoothed && last > range.from && times[last]! > endMs ? between(last - 1, endMs) : values[last]!;
  let difference = right - left;
  if (isCounter) {
    let previous = left;
    const inner = {
      from: times[first]! <= startMs ? first + 1 : first,
      to: times[last]! >= endMs ? last : last + 1,
    };
    for (let i = inner.from; i < inner.to; i++) {
      if (values[i]! < previous) difference += previous;
      previous = values[i]!;
    }
    if (right < previous) difference += previous;
  }
  return isRate ? difference / (rangeMs / 1000) : difference;
}

export function extendedHistogramRate(
  window: Window,
  range: IndexRange,
  { isCounter, isRate }: RateKind,
  { extension, rangeMs }: RangeInput,
  at: AnnotationTarget,
): NativeHistogram | undefined {
  const isSmoothed = extension === "smoothed";
  const { histogramTimes: times, histograms, startMs, endMs } = window;
  const edges = edgesOf(times, range, window, isSmoothed);
  if (edges === undefined) return undefined;
  const { first, last } = edges;
  const involved = histograms.slice(first, last + 1);
  if (involved.some((histogram) => hasCustomBuckets(histogram) !== hasCustomBuckets(involved[0]!))) {
    at.annotations.mixedExponentialCustom(at.place, at.metricName);
    return undefined;
  }
  if (isCounter && involved.some(({ hint }) => hint === "gauge")) {
    at.annotations.histogramNotCounter(at.place, at.metricName);
  }
  const between = (i: number, timeMs: number): NativeHistogram | undefined =>
    interpolateHistograms(
      { timeMs: times[i]!, value: histograms[i]! },
      { timeMs: times[i + 1]!, value: histograms[i + 1]! },
      timeMs,
      isCounter,
      at,
    );
  const isLeftBetween = isSmoothed && times[first]! < startMs;
  const left = isLeftBetween ? between(first, startMs) : histograms[first]!;
  const right =
    isSmoothed && last > range.from && times[last]! > endMs ? between(last - 1, endMs) : histograms[last]!;
  if (left === undefined || right === undefined) return undefined;
  if (!isCounter && (left.hint !== "gauge" || right.hint !== "gauge")) {
    at.annotations.histogramNotGauge(at.place, at.metricName);
  }
  let result = subtractWithAnnotations(right, left, at);
  if (isCounter) {
    for (const lost of lostInResets(histograms, edges, left, right, isLeftBetween)) {
      if (result !== undefined) result = addWithAnnotations(result, lost, at);
    }
  }
  if (result === undefined) return undefined;
  const scaled = isRate ? scaleHistogram(result, rangeMs / 1000, "divide") : result;
  return compact({ ...scaled, hint: "gauge" });
}

/**
 * What the counter had reached before each reset inside the window. A reset that the line at the left edge
 * crosses is in that line already; the last sample is compared as `right`, since it would else meet its own
 * hint twice.
 */
function lostInResets(
  histograms: readonly NativeHistogram[],
  { first, last }: Edges,
  left: NativeHistogram,
  right: NativeHistogram,
  isLeftBetween: boolean,
): NativeHistogram[] {
  const lost: NativeHistogram[] = [];
  let next = first + 1;
  let previous = left;
  if (isLeftBetween && detectReset(histograms[next]!, histograms[first]!)) {
    previous = histograms[next]!;
    next++;
  }
  if (next > last) return lost;
  for (; next < last; next++) {
    if (detectReset(histograms[next]!, previous)) lost.push(previous);
    previous = histograms[next]!;
  }
  if (detectReset(right, previous)) lost.push(previous);
  return lost;
}
