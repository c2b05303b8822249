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

/** In the order in which their first members come. */
export function groupSeries(
  expr: AggregateExpr,
  series: readonly StepSeries[],
  evaluation: Evaluation,
): readonly Group[] {
  const names = new Set(expr.without ? [...METADATA_LABELS, ...expr.grouping] : expr.grouping);
  const groups = new Map<string, Group>();
  for (const one of series) {
    const labels = expr.without ? one.labels.without(names) : one.labels.only(names);
    const key = labels.key();
    const group = groups.get(key);
    if (group !== undefined) group.members.push(one);
    else groups.set(key, { labels, dropName: evaluation.delaysNameRemoval && one.dropName, members: [one] });
  }
  return [...groups.values()];
}
