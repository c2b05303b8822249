/**
 * Arithmetic on columns of floats. A loop an operator: one that is told its operator at each step is slow.
 */
import type { BinaryOp } from "../../parser/index.ts";
import type { StepRun } from "../step-series.ts";

type ColumnOperator = (left: Float64Array, right: Float64Array, run: StepRun, out: Float64Array) => void;

export const COLUMN_OPERATORS: Partial<Record<BinaryOp, ColumnOperator>> = {
  "+": (left, right, { from, to }, out) => {
    for (let step = from; step < to; step++) out[step] = left[step]! + right[step]!;
  },
  "-": (left, right, { from, to }, out) => {
    for (let step = from; step < to; step++) out[step] = left[step]! - right[step]!;
  },
  "*": (left, right, { from, to }, out) => {
    for (let step = from; step < to; step++) out[step] = left[step]! * right[step]!;
  },
  "/": (left, right, { from, to }, out) => {
    for (let step = from; step < to; step++) out[step] = left[step]! / right[step]!;
  },
};
