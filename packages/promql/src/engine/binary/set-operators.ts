/** and, or, unless: by step, what one side has decides what of the other stays. */
import type { BinaryExpr } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import { ABSENT, type StepSeries, type VectorValue } from "../step-series.ts";
import { groupBySignature, signatureKeyOf } from "./signature.ts";

export function evaluateSetOperator(
  expr: BinaryExpr,
  left: VectorValue,
  right: VectorValue,
  grid: StepGrid,
  evaluation: Evaluation,
): StepSeries[] {
  const keyOf = signatureKeyOf(expr.matching!);
  switch (expr.op) {
    case "and":
    case "unless": {
      const presence = presenceByKey(groupBySignature(right.series, keyOf), grid);
      const wanted = expr.op === "and" ? 1 : 0;
      return filterSeries(left.series, grid, evaluation, ({ labels }) => {
        const present = presence.get(keyOf(labels));
        return (step) => (present?.[step] ?? 0) === wanted;
      });
    }
    default: {
      const presence = presenceByKey(groupBySignature(left.series, keyOf), grid);
      const added = filterSeries(right.series, grid, evaluation, ({ labels }) => {
        const present = presence.get(keyOf(labels));
        return (step) => (present?.[step] ?? 0) === 0;
      });
      return union(left.series, added, grid, evaluation);
    }
  }
}

/** By signature, which steps some series of the group is present at. */
function presenceByKey(
  groups: ReadonlyMap<string, readonly StepSeries[]>,
  grid: StepGrid,
): ReadonlyMap<string, Uint8Array> {
  const presence = new Map<string, Uint8Array>();
  for (const [key, group] of groups) {
    const steps = new Uint8Array(grid.count);
    for (const { kinds } of group) {
      for (let step = 0; step < steps.length; step++) if (kinds[step] !== ABSENT) steps[step] = 1;
    }
    presence.set(key, steps);
  }
  return presence;
}

function filterSeries(
  series: readonly StepSeries[],
  grid: StepGrid,
  evaluation: Evaluation,
  keepsOf: (series: StepSeries) => (step: number) => boolean,
): StepSeries[] {
  const result: StepSeries[] = [];
  for (const one of series) {
    evaluation.context.check();
    const columns = evaluation.columns(grid);
    const keeps = keepsOf(one);
    for (let step = 0; step < grid.count; step++) {
      if (one.kinds[step] !== ABSENT && keeps(step)) columns.copy(step, one, step);
    }
    if (!columns.isEmpty) result.push(columns.toSeries(one.labels, one.dropName));
  }
  return result;
}

/** A series of both sides may be the same one, present at different steps. */
function union(
  left: readonly StepSeries[],
  added: readonly StepSeries[],
  grid: StepGrid,
  evaluation: Evaluation,
): StepSeries[] {
  const result = [...left];
  const indexByKey = new Map(left.map((series, i) => [series.labels.key(), i]));
  for (const one of added) {
    const index = indexByKey.get(one.labels.key());
    if (index === undefined) {
      result.push(one);
      continue;
    }
    const columns = evaluation.columns(grid);
    for (let step = 0; step < grid.count; step++) {
      columns.copy(step, result[index]!, step);
      columns.copy(step, one, step);
    }
    result[index] = columns.toSeries(one.labels, one.dropName && result[index]!.dropName);
  }
  return result;
}
