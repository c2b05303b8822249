/** Aggregations across series, step by step. */
import { Labels } from "@binnacle/model";
import type { Grouping, VectorAggregationExpr, VectorOp } from "../parser/ast.ts";
import { newSeries, type Grid, type GridSeries } from "./grid.ts";

export function aggregate(expr: VectorAggregationExpr, input: Grid, count: number): Grid {
  const { op } = expr;
  if (op === "sort" || op === "sort_desc") return sortSeries(input, op === "sort_desc");
  const groups = groupSeries(input, expr.grouping);
  if (op === "topk" || op === "bottomk" || op === "approx_topk") {
    return [...groups.values()].flatMap(({ members }) => pickSeries(members, op, expr.parameter!, count));
  }
  return [...groups.values()].map(({ labels, members }) => foldGroup(labels, members, op, count));
}

interface Group {
  readonly labels: Labels;
  readonly members: GridSeries[];
}

export function projectLabels(labels: Labels, grouping: Grouping | undefined): Labels {
  if (grouping === undefined) return Labels.EMPTY;
  const names = new Set(grouping.labels);
  // A label that is named may be empty; those that are only left over vanish then, as in Prometheus.
  return grouping.isWithout ? withoutEmpty(labels.without(names)) : labels.only(names);
}

export function withoutEmpty(labels: Labels): Labels {
  return labels.pairs.includes("") ? Labels.from(labels.entries()) : labels;
}

function groupSeries(input: Grid, grouping: Grouping | undefined): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const series of input) {
    const labels = projectLabels(series.labels, grouping);
    const group = groups.get(labels.key());
    if (group === undefined) groups.set(labels.key(), { labels, members: [series] });
    else group.members.push(series);
  }
  return groups;
}

type FoldOp = Exclude<VectorOp, "sort" | "sort_desc" | "topk" | "bottomk" | "approx_topk">;

function foldGroup(labels: Labels, members: readonly GridSeries[], op: FoldOp, count: number): GridSeries {
  const result = newSeries(labels, count);
  const values = new Float64Array(members.length);
  for (let step = 0; step < count; step++) {
    let found = 0;
    for (const { present, values: column } of members)
      if (present[step] === 1) values[found++] = column[step]!;
    if (found === 0) continue;
    result.values[step] = FOLDS[op](values.subarray(0, found));
    result.present[step] = 1;
  }
  return result;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

function variance(values: Float64Array): number {
  const average = sum(values) / values.length;
  return values.reduce((total, value) => total + (value - average) ** 2, 0) / values.length;
}

const FOLDS: Readonly<Record<FoldOp, (values: Float64Array) => number>> = {
  sum,
  avg: (values) => sum(values) / values.length,
  // A number is less and more than NaN: only a group of nothing else gives it.
  min: (values) => values.reduce((best, value) => (value < best || Number.isNaN(best) ? value : best)),
  max: (values) => values.reduce((best, value) => (value > best || Number.isNaN(best) ? value : best)),
  count: (values) => values.length,
  stdvar: variance,
  stddev: (values) => Math.sqrt(variance(values)),
};

/** Each step keeps its own k series, labels and all. NaN counts as the last. */
function pickSeries(
  members: readonly GridSeries[],
  op: "topk" | "bottomk" | "approx_topk",
  k: number,
  count: number,
): GridSeries[] {
  const sign = op === "bottomk" ? 1 : -1;
  const picked = new Map<GridSeries, GridSeries>();
  for (let step = 0; step < count; step++) {
    const here = members.filter(({ present }) => present[step] === 1);
    here.sort((a, b) => compareValues(a.values[step]!, b.values[step]!, sign));
    for (const series of here.slice(0, k)) {
      let kept = picked.get(series);
      if (kept === undefined) picked.set(series, (kept = newSeries(series.labels, count)));
      kept.values[step] = series.values[step]!;
      kept.present[step] = 1;
    }
  }
  return [...picked.values()];
}

function compareValues(a: number, b: number, sign: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : sign * (a - b);
}

/** By the value at the first step, which for an instant query is the only one. */
function sortSeries(input: Grid, isDescending: boolean): GridSeries[] {
  const here = input.filter(({ present }) => present.includes(1));
  return here.sort((a, b) => compareValues(a.values[0]!, b.values[0]!, isDescending ? -1 : 1));
}
