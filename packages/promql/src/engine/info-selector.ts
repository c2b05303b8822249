/**
 * What info() reads beside its argument: the info series, at the times at which the argument's own samples
 * are read.
 */
import { METRIC_NAME, type Matcher } from "@binnacle/model";
import type { CallExpr, Expr, VectorSelector } from "../parser/index.ts";
import type { QueryFrame } from "./query-frame.ts";
import { shifted, timeShiftOf, type TimeShift } from "./time-shift.ts";

/** The info metric that is meant where none is named. */
const INFO_METRIC_DEFAULT: Matcher = { name: METRIC_NAME, op: "=", value: "target_info" };
/** What is an info metric where it is only said which are not meant. */
const INFO_METRIC_ANY: Matcher = { name: METRIC_NAME, op: "=~", value: ".+_info" };

/** Matchers of the info metric's name, and of the data labels that are wanted. */
export interface InfoMatchers {
  readonly names: readonly Matcher[];
  readonly data: readonly Matcher[];
}

export function infoMatchersOf(call: CallExpr): InfoMatchers {
  const selector = call.args[1];
  const matchers = selector?.kind === "selector" ? selector.matchers : [];
  const names = matchers.filter(({ name }) => name === METRIC_NAME);
  const data = matchers.filter(({ name }) => name !== METRIC_NAME);
  if (names.length === 0) return { names: [INFO_METRIC_DEFAULT], data };
  const isNegative = names.every(({ op }) => op === "!=" || op === "!~");
  return { names: isNegative ? [...names, INFO_METRIC_ANY] : names, data };
}

export function infoSelectorOf(call: CallExpr, frame: QueryFrame): VectorSelector {
  const { names, data } = infoMatchersOf(call);
  const { start, end, position } = call;
  const shift = shiftOfSamples(call.args[0]!, frame) ?? { fixedMs: undefined, offsetMs: 0 };
  const seconds = shift.offsetMs / 1000;
  return {
    kind: "selector",
    start,
    end,
    position,
    name: undefined,
    matchers: [...names, ...data],
    at: shift.fixedMs === undefined ? undefined : { timeMs: shift.fixedMs },
    offset: { kind: "constant", start, end, position, seconds, isDuration: true },
    extension: undefined,
  };
}

/** How far the first selector below an expression is shifted, by itself and by the subqueries around it. */
function shiftOfSamples(expr: Expr, frame: QueryFrame): TimeShift | undefined {
  switch (expr.kind) {
    case "selector":
      return timeShiftOf(frame, expr);
    case "matrix":
      return timeShiftOf(frame, expr.selector);
    case "subquery": {
      const inner = shiftOfSamples(expr.expr, frame);
      const outer = timeShiftOf(frame, expr);
      if (inner === undefined || inner.fixedMs !== undefined) return inner;
      if (outer.fixedMs === undefined) {
        return { fixedMs: undefined, offsetMs: outer.offsetMs + inner.offsetMs };
      }
      return { fixedMs: shifted(inner, shifted(outer, 0)), offsetMs: 0 };
    }
    case "paren":
    case "unary":
      return shiftOfSamples(expr.expr, frame);
    case "binary":
      return shiftOfSamples(expr.left, frame) ?? shiftOfSamples(expr.right, frame);
    case "aggregate":
      return shiftOfSamples(expr.expr, frame);
    case "call": {
      for (const arg of expr.args) {
        const shift = shiftOfSamples(arg, frame);
        if (shift !== undefined) return shift;
      }
      return undefined;
    }
    default:
      return undefined;
  }
}
