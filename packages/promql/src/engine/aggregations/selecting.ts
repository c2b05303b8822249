/** Aggregations that choose among their members and keep their labels: topk, bottomk, limitk, limit_ratio. */
import { BinnacleError, type Labels } from "@binnacle/model";
import type { AggregateExpr } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import { ABSENT, FLOAT, HISTOGRAM, type StepColumns, type StepSeries } from "../step-series.ts";
import { BoundedHeap } from "./bounded-heap.ts";
import { groupSeries } from "./grouping.ts";
import { labelsFraction } from "./labels-hash.ts";

/** Decides for one step after the other. */
interface Choice {
  /** Which members of a group the step keeps, in no order; valid until the next step. */
  choose(members: readonly StepSeries[], step: number, param: number): readonly number[];
  /** The same of the last step, best first. */
  ordered(): readonly number[];
}

export function evaluateSelecting(
  expr: AggregateExpr & { readonly op: "topk" | "bottomk" | "limitk" | "limit_ratio" },
  grid: StepGrid,
  evaluation: Evaluation,
): StepSeries[] {
  const params = evaluation.evaluateScalar(expr.param!, grid);
  checkParams(expr, params, evaluation);
  const input = evaluation.evaluateVector(expr.expr, grid);
  const groups = groupSeries(expr, input.series, evaluation);
  const choice = CHOICES[expr.op](expr, evaluation);
  const result: StepSeries[] = [];
  for (const { members } of groups) {
    evaluation.context.check();
    const outputs: (StepColumns | undefined)[] = members.map(() => undefined);
    let order: readonly number[] = [];
    for (let step = 0; step < grid.count; step++) {
      const param = params[step]!;
      if (expr.op !== "limit_ratio" && param < 1) continue;
      for (const index of choice.choose(members, step, param)) {
        const columns = (outputs[index] ??= evaluation.columns(grid));
        columns.copy(step, members[index]!, step);
      }
      // For an instant query the best comes first; a range query is sorted by labels at its end.
      if (grid.count === 1) order = choice.ordered();
    }
    const indexes = grid.count === 1 ? order : members.keys();
    for (const index of indexes) {
      const columns = outputs[index];
      if (columns !== undefined) {
        result.push(columns.toSeries(members[index]!.labels, members[index]!.dropName));
      }
    }
  }
  return result;
}

const CHOICES = {
  topk: (expr: AggregateExpr, evaluation: Evaluation) => byValue(expr, evaluation, "largest"),
  bottomk: (expr: AggregateExpr, evaluation: Evaluation) => byValue(expr, evaluation, "smallest"),
  limitk: () =>
    inOrder((members, step, param, kept) => {
      for (let i = 0; i < members.length && kept.length < param; i++) {
        if (members[i]!.kinds[step] !== ABSENT) kept.push(i);
      }
    }),
  limit_ratio: () =>
    inOrder((members, step, param, kept) => {
      for (const [i, member] of members.entries()) {
        if (member.kinds[step] !== ABSENT && isInRatio(member.labels, param)) kept.push(i);
      }
    }),
};

/** Those that are kept as they come. */
function inOrder(
  fill: (members: readonly StepSeries[], step: number, param: number, kept: number[]) => void,
): Choice {
  const kept: number[] = [];
  return {
    choose(members, step, param) {
      kept.length = 0;
      fill(members, step, param, kept);
      return kept;
    },
    ordered: () => kept,
  };
}

/** Histograms have no place in an order of values. */
function byValue(expr: AggregateExpr, evaluation: Evaluation, best: "largest" | "smallest"): Choice {
  const heap = new BoundedHeap(best);
  return {
    choose(members, step, param) {
      heap.clear(Math.trunc(param));
      for (let i = 0; i < members.length; i++) {
        const { kinds, values } = members[i]!;
        if (kinds[step] === FLOAT) {
          const value = values[step]!;
          if (!heap.refuses(value)) heap.offer(i, value);
        } else if (kinds[step] === HISTOGRAM) {
          evaluation.annotations.histogramIgnoredInAggregation(expr.expr, expr.op);
        }
      }
      return heap.kept;
    },
    ordered: () => heap.sorted(),
  };
}

/** A ratio r keeps the label sets whose hash lies in [0, r); −r keeps what 1 − r leaves out. */
function isInRatio(labels: Labels, ratio: number): boolean {
  const fraction = labelsFraction(labels);
  const capped = Math.max(-1, Math.min(1, ratio));
  return capped >= 0 ? fraction < capped : fraction >= 1 + capped;
}

function checkParams(expr: AggregateExpr, params: Float64Array, evaluation: Evaluation): void {
  for (let step = 0; step < params.length; step++) {
    const param = params[step]!;
    if (expr.op === "limit_ratio") {
      if (Number.isNaN(param)) throw new BinnacleError("EXECUTION_ERROR", "Ratio value is NaN");
      if (param > 1) evaluation.annotations.invalidRatio(expr.param!, param, 1);
      if (param < -1) evaluation.annotations.invalidRatio(expr.param!, param, -1);
      continue;
    }
    if (Number.isNaN(param)) throw new BinnacleError("EXECUTION_ERROR", "Parameter value is NaN");
    if (param <= -(2 ** 63)) {
      throw new BinnacleError("EXECUTION_ERROR", `Scalar value ${param} underflows int64`);
    }
    if (param >= 2 ** 63) throw new BinnacleError("EXECUTION_ERROR", `Scalar value ${param} overflows int64`);
  }
}
