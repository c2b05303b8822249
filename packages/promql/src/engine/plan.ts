/**
 * Decides before anything is read what a query needs: which selectors, over which time. The walk mirrors evaluation,
 * since a subquery evaluates what is inside it on a grid of its own.
 */
import { BinnacleError, type Matcher } from "@binnacle/model";
import {
  evaluateDuration,
  typeOf,
  unwrapParens,
  type AtModifier,
  type Duration,
  type Expr,
  type SubqueryExpr,
  type VectorSelector,
} from "../parser/index.ts";
import type { QueryFrame } from "./evaluation.ts";
import { lastTime, type StepGrid } from "./grid.ts";

export interface SelectorNeed {
  readonly matchers: readonly Matcher[];
  startMs: number;
  endMs: number;
}

export function durationMsOf(frame: QueryFrame, duration: Duration): number {
  const environment = {
    stepSeconds: frame.stepMs / 1000,
    rangeSeconds: (frame.endMs - frame.startMs) / 1000,
  };
  const seconds = evaluateDuration(duration, environment);
  if (typeof seconds === "number") return Math.round(seconds * 1000) + 0;
  throw new BinnacleError("EXECUTION_ERROR", seconds ?? "duration cannot be evaluated");
}

export function rangeMsOf(frame: QueryFrame, duration: Duration): number {
  const ms = durationMsOf(frame, duration);
  if (ms > 0) return ms;
  const { line, column } = duration.position;
  throw new BinnacleError("EXECUTION_ERROR", `${line}:${column}: duration must be greater than 0`, {
    position: duration.position,
  });
}

/** How evaluation times become the times that are looked at. */
export interface TimeShift {
  readonly fixedMs: number | undefined;
  readonly offsetMs: number;
}

export function timeShiftOf(
  frame: QueryFrame,
  node: { readonly at: AtModifier | undefined; readonly offset: Duration | undefined },
): TimeShift {
  const { at } = node;
  const fixedMs = at === "start" ? frame.startMs : at === "end" ? frame.endMs : at?.timeMs;
  return { fixedMs, offsetMs: node.offset === undefined ? 0 : durationMsOf(frame, node.offset) };
}

export function shifted(shift: TimeShift, timeMs: number): number {
  return (shift.fixedMs ?? timeMs) - shift.offsetMs;
}

export function subqueryStepMs(frame: QueryFrame, subquery: SubqueryExpr): number {
  return subquery.step === undefined ? frame.subqueryStepMs : rangeMsOf(frame, subquery.step);
}

/** The grid on which a subquery evaluates its expression: whole multiples of its step, whatever the query's start. */
export function subqueryGrid(frame: QueryFrame, subquery: SubqueryExpr, outer: StepGrid): StepGrid {
  const stepMs = subqueryStepMs(frame, subquery);
  const shift = timeShiftOf(frame, subquery);
  const afterMs = shifted(shift, outer.startMs) - rangeMsOf(frame, subquery.range);
  let startMs = stepMs * Math.trunc(afterMs / stepMs);
  if (startMs <= afterMs) startMs += stepMs;
  const endMs = shifted(shift, lastTime(outer));
  return { startMs: startMs + 0, stepMs, count: Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1) };
}

/** What every selector of a tree needs. The same node stands in one place, so it is a key. */
export function planSelections(
  root: Expr,
  grid: StepGrid,
  frame: QueryFrame,
): ReadonlyMap<VectorSelector, SelectorNeed> {
  const needs = new Map<VectorSelector, SelectorNeed>();

  const need = (selector: VectorSelector, on: StepGrid, beforeMs: number, afterMs: number): void => {
    const shift = timeShiftOf(frame, selector);
    const startMs = shifted(shift, on.startMs) - beforeMs;
    const endMs = shifted(shift, lastTime(on)) + afterMs;
    needs.set(selector, { matchers: selector.matchers, startMs, endMs });
  };

  const visit = (expr: Expr, on: StepGrid): void => {
    switch (expr.kind) {
      case "selector": {
        // The sample at the very start of the lookback is no longer seen.
        const after = expr.extension === "smoothed" ? frame.lookbackDeltaMs : 0;
        need(expr, on, frame.lookbackDeltaMs - 1, after);
        return;
      }
      case "matrix": {
        const { selector } = expr;
        const extended = selector.extension === undefined ? -1 : frame.lookbackDeltaMs;
        const after = selector.extension === "smoothed" ? frame.lookbackDeltaMs : 0;
        need(selector, on, rangeMsOf(frame, expr.range) + extended, after);
        return;
      }
      case "subquery": {
        const inner = subqueryGrid(frame, expr, on);
        visit(expr.expr, inner.count === 0 ? { ...inner, count: 1 } : inner);
        return;
      }
      case "call":
        refuseExtension(expr);
        // info() reads its second argument's matchers by itself.
        for (const [i, arg] of expr.args.entries()) if (expr.func !== "info" || i === 0) visit(arg, on);
        return;
      case "paren":
      case "unary":
        visit(expr.expr, on);
        return;
      case "binary":
        visit(expr.left, on);
        visit(expr.right, on);
        return;
      case "aggregate":
        visit(expr.expr, on);
        if (expr.param !== undefined) visit(expr.param, on);
        return;
      case "number":
      case "string":
        return;
      default:
        throw new Error(`BUG: unplanned ${typeOf(expr)}`);
    }
  };
  visit(root, grid);
  return needs;
}

const EXTENDABLE = {
  anchored: ["changes", "delta", "increase", "rate", "resets"],
  smoothed: ["delta", "increase", "rate"],
};

/** Extended ranges have a meaning for some functions only. */
function refuseExtension(call: Expr & { kind: "call" }): void {
  for (const arg of call.args) {
    const inner = unwrapParens(arg);
    const extension = inner.kind === "matrix" ? inner.selector.extension : undefined;
    if (extension === undefined || EXTENDABLE[extension].includes(call.func)) continue;
    throw new BinnacleError(
      "EXECUTION_ERROR",
      `${extension} modifier can only be used with: ${EXTENDABLE[extension].join(", ")} - not with ${call.func}`,
    );
  }
}
