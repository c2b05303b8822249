/** The difference of histograms over a window, counter resets made good. */
import { addHistograms, detectReset, emptyLike, subtractHistograms } from "../histogram/arithmetic.ts";
import type { AnnotationTarget } from "../histogram/interpolate.ts";
import { hasCustomBuckets, type NativeHistogram } from "../histogram/native-histogram.ts";
import { isResetByStart, stampedAt, startOverlaps } from "./start-times.ts";

export interface HistogramPoints {
  readonly times: Float64Array;
  /** At least two. */
  readonly histograms: readonly NativeHistogram[];
  readonly startTimes: Float64Array | undefined;
}

/** Undefined, with a warning, where the histograms do not go together. */
export function histogramDifference(
  points: HistogramPoints,
  isCounter: boolean,
  at: AnnotationTarget,
): NativeHistogram | undefined {
  const { times, histograms, startTimes } = points;
  const { annotations, place, metricName } = at;
  const isReset = (i: number): boolean =>
    startTimes !== undefined &&
    isResetByStart(stampedAt(times, startTimes, i - 1), stampedAt(times, startTimes, i));
  const last = histograms.at(-1)!;
  let first = histograms[0]!;
  if (isCounter && histograms.some(({ hint }) => hint === "gauge")) {
    annotations.histogramNotCounter(place, metricName);
  }
  // What stood before a reset right after the first sample plays no part, nor may its buckets be in the way.
  if (isCounter && (isReset(1) || detectReset(histograms[1]!, first))) first = emptyLike(histograms[1]!);
  const relevant = isCounter ? [first, ...histograms.slice(1)] : [first, last];
  if (relevant.some((histogram) => hasCustomBuckets(histogram) !== hasCustomBuckets(last))) {
    annotations.mixedExponentialCustom(place, metricName);
    return undefined;
  }
  let difference = subtractWithAnnotations(last, first, at);
  if (!isCounter) {
    if (histograms[0]!.hint !== "gauge" || last.hint !== "gauge")
      annotations.histogramNotGauge(place, metricName);
  } else {
    let previous = first;
    for (let i = 1; i < histograms.length && difference !== undefined; i++) {
      const current = histograms[i]!;
      if (startTimes !== undefined) {
        const overlaps = startOverlaps(stampedAt(times, startTimes, i - 1), stampedAt(times, startTimes, i));
        if (overlaps) annotations.startTimeOverlap(place, metricName);
      }
      if (isReset(i) || detectReset(current, previous))
        difference = addWithAnnotations(difference, previous, at);
      previous = current;
    }
  }
  return difference === undefined ? undefined : { ...difference, hint: "gauge" };
}

export function addWithAnnotations(
  a: NativeHistogram,
  b: NativeHistogram,
  at: AnnotationTarget,
): NativeHistogram | undefined {
  return annotated(addHistograms(a, b), "addition", at);
}

export function subtractWithAnnotations(
  a: NativeHistogram,
  b: NativeHistogram,
  at: AnnotationTarget,
): NativeHistogram | undefined {
  return annotated(subtractHistograms(a, b), "subtraction", at);
}

function annotated(
  combined: ReturnType<typeof addHistograms>,
  operation: "addition" | "subtraction",
  { annotations, place, metricName }: AnnotationTarget,
): NativeHistogram | undefined {
  if (combined === undefined) {
    annotations.mixedExponentialCustom(place, metricName);
    return undefined;
  }
  if (combined.isReconciled) annotations.customBucketsReconciled(place, operation);
  return combined.histogram;
}
