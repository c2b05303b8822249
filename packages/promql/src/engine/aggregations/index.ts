/** Aggregation operators: a registry of what each does. */
import { BinnacleError, compareLabels, METRIC_NAME, type Labels } from "@binnacle/model";
import {
  formatPlain,
  isValidText,
  quote,
  type AggregateExpr,
  type AggregationName,
} from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import { formatHistogram } from "../histogram/format.ts";
import { refuseDuplicates } from "../names.ts";
import { FLOAT, HISTOGRAM, type StepColumns, type StepSeries, type VectorValue } from "../step-series.ts";
import * as accumulate from "./accumulators.ts";
import { groupingOf, groupSeries } from "./grouping.ts";
import { quantileOf } from "./quantile.ts";
import { evaluateSelecting } from "./selecting.ts";

/** Bytes a step of an open group holds at most, of floats. */
const ACCUMULATOR_BYTES = 32;

type Aggregation = (expr: AggregateExpr, grid: StepGrid, evaluation: Evaluation) => StepSeries[];

const AGGREGATE: Record<AggregationName, Aggregation> = {
  avg: accumulating(accumulate.avg, true),
  bottomk: selecting,
  count: accumulating(accumulate.count, true, true),
  count_values: countValues,
  group: accumulating(accumulate.group, true, true),
  limit_ratio: selecting,
  limitk: selecting,
  max: accumulating(accumulate.max, true),
  min: accumulating(accumulate.min, true),
  quantile,
  stddev: accumulating(accumulate.stddev, false),
  stdvar: accumulating(accumulate.stdvar, false),
  sum: accumulating(accumulate.sum, true),
  topk: selecting,
};

export function evaluateAggregation(
  expr: AggregateExpr,
  grid: StepGrid,
  evaluation: Evaluation,
): VectorValue {
  return { type: "vector", series: AGGREGATE[expr.op](expr, grid, evaluation) };
}

interface OpenGroup {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly accumulator: accumulate.Accumulator;
  /** Its smallest member: groups come in the order of these, whatever order the members came in. */
  first: Labels;
}

/**
 * `isAnyOrder`: the result is the same in whatever order the members come. `presenceOnly`: it is whatever the
 * values are.
 */
function accumulating(
  factory: accumulate.AccumulatorFactory,
  isAnyOrder: boolean,
  presenceOnly = false,
): Aggregation {
  return (expr, grid, evaluation) => {
    const grouping = groupingOf(expr);
    const groups = new Map<string, OpenGroup>();
    for (const member of evaluation.stream(expr.expr, grid, { isAnyOrder, reuses: true, presenceOnly })) {
      evaluation.context.check();
      const key = grouping.keyOf(member.labels);
      let group = groups.get(key);
      if (group === undefined) {
        evaluation.context.chargeBytes(ACCUMULATOR_BYTES * grid.count);
        group = {
          labels: grouping.labelsOf(member.labels),
          dropName: evaluation.delaysNameRemoval && member.dropName,
          accumulator: factory(grid.count, { expr, evaluation }),
          first: member.labels,
        };
        groups.set(key, group);
      } else if (isAnyOrder && compareLabels(member.labels, group.first) < 0) group.first = member.labels;
      group.accumulator.add(member);
    }
    const ordered = [...groups.values()];
    if (isAnyOrder) ordered.sort((a, b) => compareLabels(a.first, b.first));
    const result: StepSeries[] = [];
    for (const { labels, dropName, accumulator } of ordered) {
      const columns = evaluation.columns(grid);
      accumulator.store(columns);
      if (!columns.isEmpty) result.push(columns.toSeries(labels, dropName));
    }
    evaluation.context.release({ bytes: ACCUMULATOR_BYTES * grid.count * groups.size });
    return result;
  };
}

function selecting(expr: AggregateExpr, grid: StepGrid, evaluation: Evaluation): StepSeries[] {
  return evaluateSelecting(expr as Parameters<typeof evaluateSelecting>[0], grid, evaluation);
}

function quantile(expr: AggregateExpr, grid: StepGrid, evaluation: Evaluation): StepSeries[] {
  const params = evaluation.evaluateScalar(expr.param!, grid);
  for (const q of params) {
    if (!(q >= 0 && q <= 1)) evaluation.annotations.invalidQuantile(expr.param!, q);
  }
  return accumulating((_steps, call) => {
    const byStep: number[][] = [];
    return {
      add(member) {
        accumulate.eachFloat(member, "quantile", call, (step, value) => (byStep[step] ??= []).push(value));
      },
      store(columns) {
        for (const [step, values] of byStep.entries()) {
          if (values === undefined) continue;
          columns.setFloat(step, quantileOf(params[step]!, Float64Array.from(values)));
        }
      },
    };
  }, true)(expr, grid, evaluation);
}

/** One series for each value that occurs, under a label that carries it. */
function countValues(expr: AggregateExpr, grid: StepGrid, evaluation: Evaluation): StepSeries[] {
  const label = evaluation.evaluateString(expr.param!);
  if (label === "" || !isValidText(label)) {
    throw new BinnacleError("EXECUTION_ERROR", `invalid label name ${quote(label)}`);
  }
  const input = evaluation.evaluateVector(expr.expr, grid);
  // A label that carries the value and is grouped away in the same breath is not there.
  const isDropped = expr.without && expr.grouping.includes(label);
  const outputs = new Map<
    string,
    { labels: StepSeries["labels"]; dropName: boolean; columns: StepColumns }
  >();
  for (const { labels, dropName, members } of groupSeries(expr, input.series, evaluation)) {
    for (const member of members) {
      for (let step = 0; step < grid.count; step++) {
        const text = textAt(member, step);
        if (text === undefined) continue;
        const named = isDropped ? labels : labels.with({ [label]: text });
        const key = named.key();
        let output = outputs.get(key);
        if (output === undefined) {
          const drops = dropName && label !== METRIC_NAME;
          output = { labels: named, dropName: drops, columns: evaluation.columns(grid) };
          outputs.set(key, output);
        }
        output.columns.setFloat(step, output.columns.values[step]! + 1);
      }
    }
  }
  const result = [...outputs.values()].map((out) => out.columns.toSeries(out.labels, out.dropName));
  if (!evaluation.delaysNameRemoval) refuseDuplicates(result);
  return result;
}

function textAt(series: StepSeries, step: number): string | undefined {
  switch (series.kinds[step]) {
    case FLOAT:
      return formatPlain(series.values[step]!);
    case HISTOGRAM:
      return formatHistogram(series.histograms![step]!);
    default:
      return undefined;
  }
}
