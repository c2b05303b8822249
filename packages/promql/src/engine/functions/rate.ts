/**
 * rate, increase and delta: the difference over a window, extrapolated to its edges as Prometheus does it,
 * with counter resets made good. irate and idelta: the same of the last two samples, without extrapolation.
 */
import { METRIC_NAME, type Labels } from "@binnacle/model";
import { scaleHistogram } from "../histogram/arithmetic.ts";
import type { NativeHistogram } from "../histogram/native-histogram.ts";
import type { RangeSeries, Window } from "../range-input.ts";
import type { StepColumns } from "../step-series.ts";
import { ByTimes } from "../sample-windows.ts";
import { extendedFloatRate, extendedHistogramRate, type RateKind } from "./extended-rate.ts";
import { extrapolationFactor, type Span } from "./extrapolation.ts";
import {
  metricNameOf,
  overRange,
  type FunctionImplementation,
  type RangeCall,
  type WindowKernel,
} from "./function-types.ts";
import { addWithAnnotations, histogramDifference } from "./histogram-rate.ts";
import { indexRange } from "./index-range.ts";
import { findRateWindows, rateColumns } from "./rate-columns.ts";
import { isResetByStart, stampedAt, startOverlaps } from "./start-times.ts";

function extrapolating(kind: RateKind): FunctionImplementation {
  return overRange((call) => windowKernel(kind, call), {
    columns: (call, windowsOf) => {
      const { evaluation, input } = call;
      if (evaluation.usesStartTimestamps) return undefined;
      const { ends, rangeMs } = input;
      const counters = new CounterNames(call);
      const rateWindows = new ByTimes(ends.length, (times) =>
        findRateWindows(windowsOf(times), { ends, rangeMs, isRate: kind.isRate }),
      );
      return (series, _windows, out) => {
        const resets = kind.isCounter && !series.ascends ? findResets(series, false).at : NO_RESETS.at;
        const { isCounter } = kind;
        rateColumns(series.values, rateWindows.get(series.times), { resets, isCounter }, out);
        if (isCounter && !out.isEmpty) counters.check(series.labels);
      };
    },
  });
}

function windowKernel(kind: RateKind, call: RangeCall): (series: RangeSeries) => WindowKernel {
  return (series) => {
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
  };
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
  const { factor } = extrapolationFactor(span, countingSinceMs, zeroAt);
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
  const { factor } = extrapolationFactor(span, countingSinceMs, zeroAt);
  return scaleHistogram(difference, isRate ? factor / (input.rangeMs / 1000) : factor);
}

/** When the first sample's counting began, where that lies inside the window and before the sample. */
function sinceInside(sinceMs: number | undefined, { startMs, firstMs }: Span): number | undefined {
  if (sinceMs === undefined || sinceMs === 0) return undefined;
  return sinceMs > startMs && sinceMs < firstMs ? sinceMs : undefined;
}

/** Looks at each name once for all series that have it one after the other. */
class CounterNames {
  readonly #call: RangeCall;
  #name: string | undefined;

  constructor(call: RangeCall) {
    this.#call = call;
  }

  check(labels: Labels): void {
    const name = labels.get(METRIC_NAME);
    if (name === this.#name && !this.#call.evaluation.hasTypeLabels) return;
    this.#name = name;
    annotateNonCounter(labels, this.#call);
  }
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
