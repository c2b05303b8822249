/** absent and absent_over_time: 1 where there is nothing, with the labels that the selector pins down. */
import { Labels, METRIC_NAME } from "@binnacle/model";
import { unwrapParens, type Expr } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import { Window } from "../range-input.ts";
import { ABSENT, type Value } from "../step-series.ts";
import type { FunctionImplementation } from "./function-types.ts";

/** Labels with exactly one matcher, and that an equality. */
function pinnedLabels(arg: Expr): Labels {
  const expr = unwrapParens(arg);
  const selector = expr.kind === "matrix" ? expr.selector : expr;
  if (selector.kind !== "selector") return Labels.EMPTY;
  const pinned = new Map<string, string>();
  const refuted = new Set<string>();
  for (const { name, op, value } of selector.matchers) {
    if (name === METRIC_NAME) continue;
    if (op === "=" && !pinned.has(name)) pinned.set(name, value);
    else refuted.add(name);
  }
  for (const name of refuted) pinned.delete(name);
  return Labels.from(pinned);
}

function complement(arg: Expr, present: Uint8Array, grid: StepGrid, evaluation: Evaluation): Value {
  const columns = evaluation.columns(grid);
  for (let step = 0; step < grid.count; step++) if (present[step] === 0) columns.setFloat(step, 1);
  return {
    type: "vector",
    series: columns.isEmpty ? [] : [columns.toSeries(pinnedLabels(arg), false)],
  };
}

export const absent: FunctionImplementation = (call, grid, evaluation) => {
  const arg = call.args[0]!;
  const present = new Uint8Array(grid.count);
  for (const { kinds } of evaluation.evaluateVector(arg, grid).series) {
    for (let step = 0; step < grid.count; step++) if (kinds[step] !== ABSENT) present[step] = 1;
  }
  return complement(arg, present, grid, evaluation);
};

export const absentOverTime: FunctionImplementation = (call, grid, evaluation) => {
  const arg = call.args[0]!;
  const present = new Uint8Array(grid.count);
  const input = evaluation.evaluateRange(arg, grid);
  for (const series of input.series) {
    const window = new Window(series);
    for (let step = 0; step < grid.count; step++) {
      window.moveTo(input.ends[step]! - input.rangeMs, input.ends[step]!);
      if (!window.isEmpty) present[step] = 1;
    }
  }
  return complement(arg, present, grid, evaluation);
};
