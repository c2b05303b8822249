/** irate and idelta: the last two samples of a window, of whichever kind they are. */
import { detectReset, scaleHistogram } from "../histogram/arithmetic.ts";
import { compact, type NativeHistogram } from "../histogram/native-histogram.ts";
import type { RangeSeries, Window } from "../range-input.ts";
import { metricNameOf, overRange, type FunctionImplementation } from "./function-types.ts";
import { subtractWithAnnotations } from "./histogram-rate.ts";
import { isResetByStart, type StampedTime } from "./start-times.ts";

interface Point extends StampedTime {
  readonly value: number;
  readonly histogram: NativeHistogram | undefined;
}

function lastTwo(window: Window, usesStarts: boolean): readonly [Point, Point] | undefined {
  const { series } = window;
  const points: Point[] = [];
  for (let i = Math.max(window.from, window.to - 2); i < window.to; i++) {
    points.push({
      timeMs: window.times[i]!,
      startMs: usesStarts ? (series.startTimes?.[i] ?? 0) : 0,
      value: window.values[i]!,
      histogram: undefined,
    });
  }
  for (let i = Math.max(window.histogramFrom, window.histogramTo - 2); i < window.histogramTo; i++) {
    points.push({
      timeMs: window.histogramTimes[i]!,
      startMs: usesStarts ? (series.histogramStartTimes?.[i] ?? 0) : 0,
      value: 0,
      histogram: window.histograms[i],
    });
  }
  points.sort((a, b) => a.timeMs - b.timeMs);
  return points.length < 2 ? undefined : [points.at(-2), points.at(-1)];
}

function instantaneous(isRate: boolean): FunctionImplementation {
  return overRange(({ evaluation, input: { place } }) => (series: RangeSeries) => (window, step, out) => {
    const two = lastTwo(window, evaluation.usesStartTimestamps);
    if (two === undefined) return;
    const [previous, current] = two;
    const seconds = (current.timeMs - previous.timeMs) / 1000;
    if (seconds === 0) return;
    const at = { place, metricName: metricNameOf(series), annotations: evaluation.annotations };
    if (previous.histogram === undefined && current.histogram === undefined) {
      const isReset = isRate && (current.value < previous.value || isResetByStart(previous, current));
      const difference = isReset ? current.value : current.value - previous.value;
      out.setFloat(step, isRate ? difference / seconds : difference);
      return;
    }
    if (previous.histogram === undefined || current.histogram === undefined) {
      at.annotations.mixedFloatsHistograms(place, at.metricName);
      return;
    }
    const isGauge = previous.histogram.hint === "gauge" && current.histogram.hint === "gauge";
    const hasGauge = previous.histogram.hint === "gauge" || current.histogram.hint === "gauge";
    if (isRate && hasGauge) at.annotations.histogramNotCounter(place, at.metricName);
    if (!isRate && !isGauge) at.annotations.histogramNotGauge(place, at.metricName);
    const isReset =
      isRate && (isResetByStart(previous, current) || detectReset(current.histogram, previous.histogram));
    const difference = isReset
      ? current.histogram
      : subtractWithAnnotations(current.histogram, previous.histogram, at);
    if (difference === undefined) return;
    const result = compact({ ...difference, hint: "gauge" });
    out.setHistogram(step, isRate ? scaleHistogram(result, seconds, "divide") : result);
  });
}

export const irate = instantaneous(true);
export const idelta = instantaneous(false);
