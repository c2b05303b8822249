/** Which output series each input series of an aggregation belongs to. */
import type { Labels } from "@binnacle/model";
import type { AggregateExpr } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import { METADATA_LABELS } from "../names.ts";
import type { StepSeries } from "../step-series.ts";

export interface Group {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly members: StepSeries[];
}

/** Which group a label set belongs to. */
export interface Grouping {
  /** Equal for members of one group, and for no others. */
  keyOf(labels: Labels): string;
  /** The labels of the group of this member. */
  labelsOf(labels: Labels): Labels;
}

export function groupingOf(expr: AggregateExpr): Grouping {
  const names = new Set(expr.without ? [...METADATA_LABELS, ...expr.grouping] : expr.grouping);
  const labelsOf = (labels: Labels): Labels => (expr.without ? labels.without(names) : labels.only(names));
  if (expr.without) return { labelsOf, keyOf: (labels) => labelsOf(labels).key() };
  const [first, ...others] = names;
  if (first === undefined) return { labelsOf, keyOf: () => "" };
  if (others.length === 0) return { labelsOf, keyOf: (labels) => labels.get(first) };
  return { labelsOf, keyOf: (labels) => keyOfValues(labels, names) };
}

function keyOfValues(labels: Labels, names: Iterable<string>): string {
  let key = "";
  for (const name of names) {
    const value = labels.get(name);
    key += `${value.length}:${value}`;
  }
  return key;
}

/** In the order in which their first members come. */
export function groupSeries(
  expr: AggregateExpr,
  series: readonly StepSeries[],
  evaluation: Evaluation,
): readonly Group[] {
  const grouping = groupingOf(expr);
  const groups = new Map<string, Group>();
  for (const one of series) {
    const key = grouping.keyOf(one.labels);
    const group = groups.get(key);
    if (group !== undefined) {
      group.members.push(one);
      continue;
    }
    const dropName = evaluation.delaysNameRemoval && one.dropName;
    groups.set(key, { labels: grouping.labelsOf(one.labels), dropName, members: [one] });
  }
  return [...groups.values()];
}
