/** A vector and a scalar: the operator on every sample. */
import type { BinaryExpr, BinaryOp } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import { ABSENT, FLOAT, HISTOGRAM, type StepSeries, type VectorValue } from "../step-series.ts";
import { combine, combineFloats, isComparison, keepsName, type Operand, type Outcome } from "./element.ts";

interface ScalarSide {
  readonly values: Float64Array;
  readonly isLeft: boolean;
}

export function combineVectorScalar(
  expr: BinaryExpr,
  vector: VectorValue,
  scalar: ScalarSide,
  grid: StepGrid,
  evaluation: Evaluation,
): StepSeries[] {
  const op = expr.op as Exclude<BinaryOp, "and" | "or" | "unless">;
  const filters = isComparison(op) && !expr.returnBool;
  const at = { place: expr, annotations: evaluation.annotations };
  const out: Outcome = { kind: ABSENT, value: 0, histogram: undefined, keep: false };
  const element: Operand = { kind: ABSENT, value: 0, histogram: undefined };
  const number: Operand = { kind: FLOAT, value: 0, histogram: undefined };
  const result: StepSeries[] = [];
  for (const series of vector.series) {
    evaluation.context.check();
    const columns = evaluation.columns(grid);
    const { kinds, values } = series;
    for (let step = 0; step < grid.count; step++) {
      const kind = kinds[step]!;
      if (kind === ABSENT) continue;
      const scalarValue = scalar.values[step]!;
      if (kind === FLOAT && op !== "</" && op !== ">/") {
        const value = values[step]!;
        const combined = scalar.isLeft
          ? combineFloats(op, scalarValue, value)
          : combineFloats(op, value, scalarValue);
        // A filter passes the vector's value, on whichever side it stands.
        if (!filters) columns.setFloat(step, combined);
        else if (combined === 1) columns.setFloat(step, value);
        continue;
      }
      element.kind = kind;
      element.value = values[step]!;
      element.histogram = series.histograms?.[step];
      number.value = scalarValue;
      combine(op, scalar.isLeft ? number : element, scalar.isLeft ? element : number, out, at);
      if (expr.returnBool && out.kind !== ABSENT) columns.setFloat(step, out.keep ? 1 : 0);
      else if (!out.keep) continue;
      else if (out.kind === FLOAT) columns.setFloat(step, out.value);
      else if (out.kind === HISTOGRAM) columns.setHistogram(step, out.histogram!);
    }
    if (columns.isEmpty) continue;
    result.push(
      keepsName(op) && !expr.returnBool
        ? columns.toSeries(series.labels, series.dropName)
        : evaluation.renamed(columns, series.labels),
    );
  }
  return result;
}
