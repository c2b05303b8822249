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
  refuseEqual(series.map(({ labels }) => labels));
}

function refuseEqual(sets: readonly Labels[]): void {
  if (sets.length < 2) return;
  const seen = new Set<string>();
  for (const labels of sets) {
    const key = labels.key();
    if (seen.has(key)) throw new BinnacleError("EXECUTION_ERROR", SAME_LABELSET);
    seen.add(key);
  }
}

/** Watches the label sets of series that lose their names one by one, and refuses two of one label set. */
export class UniqueLabels {
  readonly #isOff: boolean;
  readonly #labels: Labels[] = [];
  #name: string | undefined;
  #mayCollide = false;

  /** `isOff`: names are dropped later, and looked at then. */
  constructor(isOff: boolean) {
    this.#isOff = isOff;
  }

  add(before: Labels, after: Labels): void {
    if (this.#isOff) return;
    this.#labels.push(after);
    if (this.#mayCollide) return;
    // As long as all had one name, and lost no more than that, they differ as they did before.
    const name = before.get(METRIC_NAME);
    this.#name ??= name;
    this.#mayCollide = name !== this.#name || before.size - after.size > 1;
  }

  check(): void {
    if (this.#mayCollide) refuseEqual(this.#labels);
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
