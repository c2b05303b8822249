/** Metric names: when they are dropped, and what happens where series become equal by that. */
import { BinnacleError, METRIC_NAME, type Labels } from "@binnacle/model";
import { ABSENT, StepColumns, type StepSeries } from "./step-series.ts";

/** Labels that say what a metric is; whatever drops the name drops all of them. */
export const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, "__type__", "__unit__"]);

export function withoutMetadata(labels: Labels): Labels {
  return labels.without(METADATA_LABELS);
}

export const SAME_LABELSET = "vector cannot contain metrics with the same labelset";

/** Refuses two series of one label set. */
export function refuseDuplicates(series: readonly StepSeries[]): void {
  if (series.length < 2) return;
  const seen = new Set<string>();
  for (const { labels } of series) {
    const key = labels.key();
    if (seen.has(key)) throw new BinnacleError("EXECUTION_ERROR", SAME_LABELSET);
    seen.add(key);
  }
}

/**
 * Ends delayed name removal: names marked for it go. Series that become equal are merged where they share no
 * step, and refused where they do.
 */
export function dropMarkedNames(series: readonly StepSeries[]): readonly StepSeries[] {
  const renamed = series.map((one) =>
    one.dropName ? { ...one, labels: withoutMetadata(one.labels), dropName: false } : one,
  );
  return mergeEqual(renamed);
}

/** Series of one label set become one where they share no step, and are refused where they do. */
export function mergeEqual(series: readonly StepSeries[]): readonly StepSeries[] {
  const byKey = new Map<string, StepSeries>();
  for (const one of series) {
    const key = one.labels.key();
    const other = byKey.get(key);
    byKey.set(key, other === undefined ? one : merge(other, one));
  }
  return byKey.size === series.length ? series : [...byKey.values()];
}

function merge(a: StepSeries, b: StepSeries): StepSeries {
  const merged = new StepColumns(a.kinds.length);
  for (let step = 0; step < a.kinds.length; step++) {
    const inA = a.kinds[step] !== ABSENT;
    const inB = b.kinds[step] !== ABSENT;
    if (inA && inB) throw new BinnacleError("EXECUTION_ERROR", SAME_LABELSET);
    if (inA) merged.copy(step, a, step);
    if (inB) merged.copy(step, b, step);
  }
  return merged.toSeries(a.labels, a.dropName);
}
