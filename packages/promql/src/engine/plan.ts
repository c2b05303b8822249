/**
 * Decides before anything is read what a query needs: which selectors, over which time. The walk mirrors
 * evaluation, since a subquery evaluates what is inside it on a grid of its own.
 */
import { BinnacleError, type Matcher } from "@binnacle/model";
import {
  typeOf,
  unwrapParens,
  type CallExpr,
  type Expr,
  type SubqueryExpr,
  type VectorSelector,
} from "../parser/index.ts";
import type { QueryFrame } from "./query-frame.ts";
import { lastTime, type StepGrid } from "./grid.ts";
import { infoSelectorOf } from "./info-selector.ts";
import { rangeMsOf, shifted, timeShiftOf } from "./time-shift.ts";

export interface SelectorNeed {
  readonly matchers: readonly Matcher[];
  startMs: number;
  endMs: number;
  /** What another language is asked for instead, at which times. */
  readonly foreign?: { readonly query: string; readonly grid: StepGrid };
}

export function subqueryStepMs(frame: QueryFrame, subquery: SubqueryExpr): number {
  return subquery.step === undefined ? frame.subqueryStepMs : rangeMsOf(frame, subquery.step);
}

/**
 * The grid on which a subquery evaluates its expression: whole multiples of its step, whatever the query's
 * start.
 */
export function subqueryGrid(frame: QueryFrame, subquery: SubqueryExpr, outer: StepGrid): StepGrid {
  const stepMs = subqueryStepMs(frame, subquery);
  const shift = timeShiftOf(frame, subquery);
  const afterMs = shifted(shift, outer.startMs) - rangeMsOf(frame, subquery.range);
  let startMs = stepMs * Math.trunc(afterMs / stepMs);
  if (startMs <= afterMs) startMs += stepMs;
  const endMs = shifted(shift, lastTime(outer));
  return { startMs: startMs + 0, stepMs, count: Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1) };
}

export interface Plan {
  /** What every selector needs. A node stands in one place of a tree, so it is a key. */
  readonly needs: ReadonlyMap<VectorSelector, SelectorNeed>;
  /** The selectors that info() reads by itself, which stand nowhere in the tree. */
  readonly infoSelectors: ReadonlyMap<CallExpr, VectorSelector>;
}

export function planSelections(root: Expr, grid: StepGrid, frame: QueryFrame): Plan {
  const needs = new Map<VectorSelector, SelectorNeed>();
  const infoSelectors = new Map<CallExpr, VectorSelector>();

  const need = (selector: VectorSelector, on: StepGrid, beforeMs: number, afterMs: number): void => {
    const shift = timeShiftOf(frame, selector);
    const startMs = shifted(shift, on.startMs) - beforeMs;
    const endMs = shifted(shift, lastTime(on)) + afterMs;
    if (selector.logql !== undefined) {
      // A fixed time is one step, whatever the query has.
      const count = shift.fixedMs === undefined ? on.count : 1;
      const grid = { startMs: shifted(shift, on.startMs), stepMs: on.stepMs, count };
      needs.set(selector, { matchers: [], startMs, endMs, foreign: { query: selector.logql, grid } });
      return;
    }
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
        if (expr.func === "info") {
          const selector = infoSelectorOf(expr, frame);
          infoSelectors.set(expr, selector);
          visit(selector, on);
          // The second argument is only matchers.
          visit(expr.args[0]!, on);
          return;
        }
        for (const arg of expr.args) visit(arg, on);
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
  return { needs, infoSelectors };
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
