/**
 * rate, increase and delta: the difference over a window, extrapolated to its edges as Prometheus does it,
 * with counter resets made good. irate and idelta: the same of the last two samples, without extrapolation.
 */
import { METRIC_NAME, type Labels } from "@binnacle/model";
import { scaleHistogram } from "../histogram/arithmetic.ts";
import type { NativeHistogram } from "../histogram/native-histogram.ts";
import type { RangeSeries, Window } from "../range-input.ts";
import type { StepColumns } from "../step-series.ts";
import { extendedFloatRate, extendedHistogramRate, type RateKind } from "./extended-rate.ts";
import { metricNameOf, overRange, type FunctionImplementation, type RangeCall } from "./function-types.ts";
import { addWithAnnotations, histogramDifference } from "./histogram-rate.ts";
import { indexRange } from "./index-range.ts";
import { isResetByStart, stampedAt, startOverlaps } from "./start-times.ts";

/** Gaps up to this many times the average count as the sampling going on to the window's edge. */
const EXTRAPOLATION_GAPS = 1.1;

function extrapolating(kind: RateKind): FunctionImplementation {
  return overRange((call) => (series) => {
    const { evaluation, input } = call;
    const resets = kind.isCounter ? findResets(series, evaluation.usesStartTimestamps) : NO_RESETS;
    let namesChecked = false;
    return (window, step, out) => {
      if (input.extension !== undefined) {
        extended(window, step, out, kind, call);
      } else if (window.isMixed) {
        evaluation.annotations.mixedFloatsHistograms(input.place, metricNameOf(series));
      } else if (window.floatCount > 0) {
        const value = floatRate(window, resets, kind, call);
        if (value === undefined) return;
        out.setFloat(step, value);
      } else {
        const value = histogramRate(window, kind, call);
        if (value !== undefined) out.setHistogram(step, value);
        return;
      }
      if (kind.isCounter && !namesChecked && out.kinds[step] === 1) {
        namesChecked = true;
        annotateNonCounter(series.labels, call);
      }
    };
  });
}

export const rate = extrapolating({ isCounter: true, isRate: true });
export const increase = extrapolating({ isCounter: true, isRate: false });
export const delta = extrapolating({ isCounter: false, isRate: false });

/** A series' resets, found once for all its windows: each window adds up the few that fall into it. */
interface Resets {
  /** Indexes of samples before which the counter was reset, ascending. */
  readonly at: readonly number[];
  /** Indexes of samples whose start overlaps the sample before. */
  readonly overlaps: readonly number[];
}
const NO_RESETS: Resets = { at: [], overlaps: [] };

function findResets({ times, values, startTimes }: RangeSeries, usesStarts: boolean): Resets {
  const at: number[] = [];
  const overlaps: number[] = [];
  const starts = usesStarts ? startTimes : undefined;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! < values[i - 1]!) at.push(i);
    if (starts === undefined) continue;
    const previous = stampedAt(times, starts, i - 1);
    const current = stampedAt(times, starts, i);
    if (at.at(-1) !== i && isResetByStart(previous, current)) at.push(i);
    if (startOverlaps(previous, current)) overlaps.push(i);
  }
  return { at, overlaps };
}

/** The place of the first index over a bound, in ascending ones. */
function firstOver(indexes: readonly number[], bound: number): number {
  let low = 0;
  let high = indexes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indexes[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

function floatRate(
  { series, times, values, from, to, startMs, endMs }: Window,
  resets: Resets,
  { isCounter, isRate }: RateKind,
  { evaluation, input }: RangeCall,
): number | undefined {
  const last = to - 1;
  let difference = values[last]! - values[from]!;
  for (let i = firstOver(resets.at, from); i < resets.at.length && resets.at[i]! <= last; i++) {
    difference += values[resets.at[i]! - 1]!;
  }
  const overlap = resets.overlaps[firstOver(resets.overlaps, from)];
  if (overlap !== undefined && overlap <= last) {
    evaluation.annotations.startTimeOverlap(input.place, metricNameOf(series));
  }
  const starts = evaluation.usesStartTimestamps ? series.startTimes : undefined;
  const span: Span = { startMs, endMs, firstMs: times[from]!, lastMs: times[last]!, count: to - from };
  const countingSinceMs = isCounter ? sinceInside(starts?.[from], span) : undefined;
  if (countingSinceMs !== undefined) difference += values[from]!;
  else if (span.count < 2) return undefined;
  const zeroAt = isCounter && difference > 0 && values[from]! >= 0 ? values[from]! / difference : undefined;
  const factor = extrapolationFactor(span, countingSinceMs, zeroAt);
  return difference * (isRate ? factor / (input.rangeMs / 1000) : factor);
}

function histogramRate(
  { series, histogramTimes, histograms, histogramFrom, histogramTo, startMs, endMs }: Window,
  { isCounter, isRate }: RateKind,
  call: RangeCall,
): NativeHistogram | undefined {
  const { evaluation, input } = call;
  const starts = evaluation.usesStartTimestamps ? series.histogramStartTimes : undefined;
  const at = { place: input.place, metricName: metricNameOf(series), annotations: evaluation.annotations };
  const span: Span = {
    startMs,
    endMs,
    firstMs: histogramTimes[histogramFrom]!,
    lastMs: histogramTimes[histogramTo - 1]!,
    count: histogramTo - histogramFrom,
  };
  const first = histograms[histogramFrom]!;
  let difference: NativeHistogram | undefined;
  if (span.count > 1) {
    const points = {
      times: histogramTimes.slice(histogramFrom, histogramTo),
      histograms: histograms.slice(histogramFrom, histogramTo),
      startTimes: starts?.slice(histogramFrom, histogramTo),
    };
    difference = histogramDifference(points, isCounter, at);
    if (difference === undefined) return undefined;
  }
  const countingSinceMs = isCounter ? sinceInside(starts?.[histogramFrom], span) : undefined;
  if (countingSinceMs !== undefined) {
    difference = difference === undefined ? first : addWithAnnotations(difference, first, at);
  }
  if (difference === undefined) return undefined;
  const zeroAt =
    isCounter && difference.count > 0 && first.count >= 0 ? first.count / difference.count : undefined;
  const factor = extrapolationFactor(span, countingSinceMs, zeroAt);
  return scaleHistogram(difference, isRate ? factor / (input.rangeMs / 1000) : factor);
}

/** The window and the samples in it. */
interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
}

/** When the first sample's counting began, where that lies inside the window and before the sample. */
function sinceInside(sinceMs: number | undefined, { startMs, firstMs }: Span): number | undefined {
  if (sinceMs === undefined || sinceMs === 0) return undefined;
  return sinceMs > startMs && sinceMs < firstMs ? sinceMs : undefined;
}

/**
 * How much longer the window is, as far as the samples speak for it, than the time between first and last
 * sample. Towards an edge that is near the difference is taken to go on; towards a far one by half a gap; and
 * no counter is taken to have been below zero (`zeroAt`: how many spans before the first sample it was zero).
 */
function extrapolationFactor(
  span: Span,
  countingSinceMs: number | undefined,
  zeroAt: number | undefined,
): number {
  const { startMs, endMs, firstMs, lastMs, count } = span;
  let toStart = (firstMs - startMs) / 1000;
  let toEnd = (endMs - lastMs) / 1000;
  let sampled = (lastMs - firstMs) / 1000;
  const gap = count > 1 ? sampled / (count - 1) : 0;
  const threshold = gap * EXTRAPOLATION_GAPS;
  if (countingSinceMs === undefined) {
    if (toStart >= threshold) toStart = gap / 2;
    if (zeroAt !== undefined) toStart = Math.min(toStart, sampled * zeroAt);
  } else {
    toStart = 0;
    sampled = (lastMs - countingSinceMs) / 1000;
  }
  if (toEnd >= threshold) toEnd = gap / 2;
  return sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
}

/** A counter should say by its name, or by its type where that is known, that it is one. */
function annotateNonCounter(labels: Labels, { evaluation, input }: RangeCall): void {
  const name = labels.get(METRIC_NAME);
  if (name === "") return;
  if (evaluation.hasTypeLabels) {
    const type = labels.get("__type__");
    if (type !== "counter" && type !== "histogram") {
      evaluation.annotations.possibleNonCounterType(input.place, name, type);
    }
  } else if (!/_(?:total|sum|count|bucket)$/.test(name)) {
    evaluation.annotations.possibleNonCounter(input.place, name);
  }
}

function extended(window: Window, step: number, out: StepColumns, kind: RateKind, call: RangeCall): void {
  const { series } = window;
  const { lookbackMs, extension, place } = call.input;
  const isSmoothed = extension === "smoothed";
  const afterMs = window.startMs - lookbackMs;
  const untilMs = window.endMs + (isSmoothed ? lookbackMs : 0);
  const floats = indexRange(series.times, afterMs, untilMs);
  const histograms = indexRange(series.histogramTimes, afterMs, untilMs);
  if (floats.to > floats.from && histograms.to > histograms.from) {
    call.evaluation.annotations.mixedFloatsHistograms(place, metricNameOf(series));
  } else if (floats.to > floats.from) {
    const value = extendedFloatRate(window, floats, kind, call.input);
    if (value !== undefined) out.setFloat(step, value);
  } else if (histograms.to > histograms.from) {
    const at = { place, metricName: metricNameOf(series), annotations: call.evaluation.annotations };
    const value = extendedHistogramRate(window, histograms, kind, call.input, at);
    if (value !== undefined) out.setHistogram(step, value);
  }
}
