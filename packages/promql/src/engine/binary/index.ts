/** Binary operators: dispatch by the types of the operands. */
import { assert } from "@binnacle/model";
import type { BinaryExpr, BinaryOp } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import { scaleHistogram } from "../histogram/arithmetic.ts";
import { mergeEqual, refuseDuplicates } from "../names.ts";
import { FLOAT, HISTOGRAM, type StepSeries, type Value } from "../step-series.ts";
import { combineFloats } from "./element.ts";
import { evaluateSetOperator } from "./set-operators.ts";
import { combineVectorScalar } from "./vector-scalar.ts";
import { combineVectors } from "./vector-vector.ts";

export function evaluateBinary(expr: BinaryExpr, grid: StepGrid, evaluation: Evaluation): Value {
  const left = evaluation.evaluate(expr.left, grid);
  const right = evaluation.evaluate(expr.right, grid);
  const result = combineValues(expr, { left, right }, grid, evaluation);
  // Or hands the series of its left side on.
  if (expr.op !== "or") evaluation.letGo(expr.left, left, grid);
  evaluation.letGo(expr.right, right, grid);
  return result;
}

function combineValues(
  expr: BinaryExpr,
  { left, right }: { readonly left: Value; readonly right: Value },
  grid: StepGrid,
  evaluation: Evaluation,
): Value {
  assert(left.type !== "string" && right.type !== "string", "a string is no operand");
  if (left.type === "scalar" && right.type === "scalar") {
    const op = expr.op as Exclude<BinaryOp, "and" | "or" | "unless">;
    const values = left.values.map((value, step) => combineFloats(op, value, right.values[step]!));
    return { type: "scalar", values };
  }
  if (left.type === "scalar") {
    assert(right.type === "vector", "a scalar meets a vector");
    return vector(
      combineVectorScalar(expr, right, { values: left.values, isLeft: true }, grid, evaluation),
      evaluation,
    );
  }
  if (right.type === "scalar") {
    return vector(
      combineVectorScalar(expr, left, { values: right.values, isLeft: false }, grid, evaluation),
      evaluation,
    );
  }
  if (expr.op === "and" || expr.op === "or" || expr.op === "unless") {
    return { type: "vector", series: evaluateSetOperator(expr, left, right, grid, evaluation) };
  }
  return { type: "vector", series: combineVectors(expr, left, right, grid, evaluation) };
}

function vector(series: readonly StepSeries[], evaluation: Evaluation): Value {
  return { type: "vector", series: evaluation.delaysNameRemoval ? series : mergeEqual(series) };
}

/** Unary minus. */
export function negate(operand: Value, evaluation: Evaluation): Value {
  assert(operand.type !== "string", "a string has no sign");
  if (operand.type === "scalar") return { type: "scalar", values: operand.values.map((value) => -value) };
  const series = operand.series.map((one) => {
    const columns = evaluation.columns({ startMs: 0, stepMs: 1, count: one.kinds.length });
    for (let step = 0; step < one.kinds.length; step++) {
      if (one.kinds[step] === FLOAT) columns.setFloat(step, -one.values[step]!);
      else if (one.kinds[step] === HISTOGRAM) {
        columns.setHistogram(step, scaleHistogram(one.histograms![step]!, -1));
      }
    }
    return evaluation.renamed(columns, one.labels);
  });
  if (!evaluation.delaysNameRemoval) refuseDuplicates(series);
  return { type: "vector", series };
}
