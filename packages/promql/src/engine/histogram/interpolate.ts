/** The line between two histogram samples, for smoothed ranges and selectors. */
import type { Place } from "../../parser/index.ts";
import type { Annotations } from "../annotations.ts";
import { addHistograms, detectReset, scaleHistogram, subtractHistograms } from "./arithmetic.ts";
import { hasCustomBuckets, type NativeHistogram } from "./native-histogram.ts";

export interface HistogramPoint {
  readonly timeMs: number;
  readonly value: NativeHistogram;
}

export interface AnnotationTarget {
  readonly place: Place;
  readonly metricName: string;
  readonly annotations: Annotations;
}

/**
 * Undefined, with a warning, where the two do not mix. A counter that was reset between them starts from
 * nothing.
 */
export function interpolateHistograms(
  first: HistogramPoint,
  second: HistogramPoint,
  timeMs: number,
  isCounter: boolean,
  at: AnnotationTarget,
): NativeHistogram | undefined {
  if (timeMs === first.timeMs) return first.value;
  if (timeMs === second.timeMs) return second.value;
  if (hasCustomBuckets(first.value) !== hasCustomBuckets(second.value)) {
    at.annotations.mixedExponentialCustom(at.place, at.metricName);
    return undefined;
  }
  const fraction = (timeMs - first.timeMs) / (second.timeMs - first.timeMs);
  if (isCounter && detectReset(second.value, first.value)) return scaleHistogram(second.value, fraction);
  const difference = subtractHistograms(second.value, first.value);
  const sum =
    difference === undefined
      ? undefined
      : addHistograms(scaleHistogram(difference.histogram, fraction), first.value);
  if (difference === undefined || sum === undefined) {
    at.annotations.mixedExponentialCustom(at.place, at.metricName);
    return undefined;
  }
  if (difference.isReconciled) at.annotations.customBucketsReconciled(at.place, "subtraction");
  if (sum.isReconciled) at.annotations.customBucketsReconciled(at.place, "addition");
  return sum.histogram;
}
