/** One operator on one pair of samples, with what Prometheus says of pairs that do not go together. */
import { unreachable } from "@binnacle/model";
import type { BinaryOp, Place } from "../../parser/index.ts";
import type { Annotations } from "../annotations.ts";
import {
  addHistograms,
  equalHistograms,
  scaleHistogram,
  subtractHistograms,
} from "../histogram/arithmetic.ts";
import type { NativeHistogram } from "../histogram/native-histogram.ts";
import { trimHistogram } from "../histogram/trim.ts";
import { ABSENT, FLOAT, HISTOGRAM } from "../step-series.ts";

type ValueOp = Exclude<BinaryOp, "and" | "or" | "unless">;

/** The arithmetic value of two numbers; for a comparison 1 or 0. */
export function combineFloats(op: ValueOp, left: number, right: number): number {
  switch (op) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "^":
      return power(left, right);
    case "atan2":
      return Math.atan2(left, right);
    case "==":
      return left === right ? 1 : 0;
    case "!=":
      return left !== right ? 1 : 0;
    case "<":
      return left < right ? 1 : 0;
    case "<=":
      return left <= right ? 1 : 0;
    case ">":
      return left > right ? 1 : 0;
    case ">=":
      return left >= right ? 1 : 0;
    case "</":
    case ">/":
      return NaN;
    default:
      return unreachable(op);
  }
}

/** JavaScript says NaN for 1 to the power of NaN or Inf, and for −1 to that of Inf; IEEE and Go say 1. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && (exponent === Infinity || exponent === -Infinity)) return 1;
  return base ** exponent;
}

/** Whether the result is still what the left side was, only less of it: it keeps its name. */
export function keepsName(op: BinaryOp): boolean {
  return isComparison(op) || op === "</" || op === ">/";
}

export function isComparison(op: BinaryOp): boolean {
  return op === "==" || op === "!=" || op === "<" || op === "<=" || op === ">" || op === ">=";
}

/** The result of one pair. One object is filled again and again. */
export interface Outcome {
  /** ABSENT where there is no result. */
  kind: number;
  value: number;
  histogram: NativeHistogram | undefined;
  /** For comparisons: whether the pair passes. Otherwise true where there is a result. */
  keep: boolean;
}

export interface Operand {
  kind: number;
  value: number;
  histogram: NativeHistogram | undefined;
}

/** Fills `out`. For a comparison its value is the left one, and `keep` says whether it passes. */
export function combine(
  op: ValueOp,
  left: Operand,
  right: Operand,
  out: Outcome,
  at: { readonly place: Place; readonly annotations: Annotations },
): void {
  out.kind = ABSENT;
  out.keep = false;
  out.histogram = undefined;
  if (left.kind === FLOAT && right.kind === FLOAT) {
    if (op === "</" || op === ">/") {
      at.annotations.incompatibleTypes(at.place, "float", op, "float");
      return;
    }
    out.kind = FLOAT;
    const value = combineFloats(op, left.value, right.value);
    const compares = isComparison(op);
    out.value = compares ? left.value : value;
    out.keep = !compares || value === 1;
    return;
  }
  if (left.kind === FLOAT) {
    if (op === "*") setHistogram(out, scaleHistogram(right.histogram!, left.value));
    else at.annotations.incompatibleTypes(at.place, "float", op, "histogram");
    return;
  }
  if (right.kind === FLOAT) {
    if (op === "*") setHistogram(out, scaleHistogram(left.histogram!, right.value));
    else if (op === "/") setHistogram(out, scaleHistogram(left.histogram!, right.value, "divide"));
    else if (op === "</" || op === ">/") {
      setHistogram(out, trimHistogram(left.histogram!, right.value, op === "</" ? "above" : "below"));
    } else at.annotations.incompatibleTypes(at.place, "histogram", op, "float");
    return;
  }
  combineHistograms(op, left.histogram!, right.histogram!, out, at);
}

function setHistogram(out: Outcome, histogram: NativeHistogram): void {
  out.kind = HISTOGRAM;
  out.histogram = histogram;
  out.keep = true;
}

function combineHistograms(
  op: ValueOp,
  left: NativeHistogram,
  right: NativeHistogram,
  out: Outcome,
  { place, annotations }: { readonly place: Place; readonly annotations: Annotations },
): void {
  if (op === "+" || op === "-") {
    const result = op === "+" ? addHistograms(left, right) : subtractHistograms(left, right);
    if (result === undefined) {
      annotations.incompatibleBucketLayout(place, op);
      return;
    }
    const operation = op === "+" ? "addition" : "subtraction";
    if (result.hasResetCollision) annotations.counterResetCollision(place, operation);
    if (result.isReconciled) annotations.customBucketsReconciled(place, operation);
    // A difference is no counter, whatever its operands were.
    setHistogram(out, op === "-" ? { ...result.histogram, hint: "gauge" } : result.histogram);
    return;
  }
  if (op === "==" || op === "!=") {
    out.kind = HISTOGRAM;
    out.histogram = left;
    out.keep = equalHistograms(left, right) === (op === "==");
    return;
  }
  annotations.incompatibleTypes(place, "histogram", op, "histogram");
}
