/** Aggregation operators: a registry of what each does. */
import { BinnacleError, METRIC_NAME } from "@binnacle/model";
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
import { groupSeries } from "./grouping.ts";
import { quantileOf } from "./quantile.ts";
import { evaluateSelecting } from "./selecting.ts";

type Aggregation = (expr: AggregateExpr, grid: StepGrid, evaluation: Evaluation) => StepSeries[];

const AGGREGATE: Record<AggregationName, Aggregation> = {
  avg: accumulating(accumulate.avg),
  bottomk: selecting,
  count: accumulating(accumulate.count),
  count_values: countValues,
  group: accumulating(accumulate.group),
  limit_ratio: selecting,
  limitk: selecting,
  max: accumulating(accumulate.max),
  min: accumulating(accumulate.min),
  quantile,
  stddev: accumulating(accumulate.stddev),
  stdvar: accumulating(accumulate.stdvar),
  sum: accumulating(accumulate.sum),
  topk: selecting,
};

export function evaluateAggregation(
  expr: AggregateExpr,
  grid: StepGrid,
  evaluation: Evaluation,
): VectorValue {
  return { type: "vector", series: AGGREGATE[expr.op](expr, grid, evaluation) };
}

function accumulating(accumulator: accumulate.Accumulate): Aggregation {
  return (expr, grid, evaluation) => {
    const input = evaluation.evaluateVector(expr.expr, grid);
    const result: StepSeries[] = [];
    for (const { labels, dropName, members } of groupSeries(expr, input.series, evaluation)) {
      evaluation.context.check();
      const columns = evaluation.columns(grid);
      accumulator(members, columns, { expr, evaluation });
      if (!columns.isEmpty) result.push(columns.toSeries(labels, dropName));
    }
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
  return accumulating((members, columns, call) => {
    const byStep: number[][] = [];
    accumulate.eachFloat(members, "quantile", call, (step, value) => (byStep[step] ??= []).push(value));
    for (const [step, values] of byStep.entries()) {
      if (values !== undefined) columns.setFloat(step, quantileOf(params[step]!, Float64Array.from(values)));
    }
  })(expr, grid, evaluation);
}

/** One series for each value that occurs, under a label that carries it. */
function countValues(expr: AggregateExpr, grid: StepGrid, evaluation: Evaluation): StepSeries[] {
  const label = evaluation.evaluateString(expr.param!);
  if (label === "" || !isValidText(label)) {
    throw new BinnacleError("EXECUTION_ERROR", `invalid label name ${quote(label)}`);
  }
  const input = evaluation.evaluateVector(expr.expr, grid);
  const outputs = new Map<
    string,
    { labels: StepSeries["labels"]; dropName: boolean; columns: StepColumns }
  >();
  for (const { labels, dropName, members } of groupSeries(expr, input.series, evaluation)) {
    for (const member of members) {
      for (let step = 0; step < grid.count; step++) {
        const text = textAt(member, step);
        if (text === undefined) continue;
        const named = labels.with({ [label]: text });
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
