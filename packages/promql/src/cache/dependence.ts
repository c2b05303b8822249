/**
 * What the steps of a range query depend on: which series, and how far before and after a step their samples
 * are read. Where steps depend on anything but their own time and those samples, an answer is not put
 * together from parts that were computed for other ranges.
 */
import { METRIC_NAME, unreachable, type Matcher, type TimeRange } from "@binnacle/model";
import { AGGREGATIONS } from "../parser/aggregations.ts";
import { typeOf, type AtModifier, type Duration, type Expr, type VectorSelector } from "../parser/index.ts";
import type { QueryFrame } from "../engine/query-frame.ts";
import { durationMsOf, rangeMsOf } from "../engine/time-shift.ts";

export interface Dependence {
  /** A step at T reads no sample before T − beforeMs. May be negative. */
  readonly beforeMs: number;
  /** Nor one after T + afterMs. May be negative. */
  readonly afterMs: number;
  /** What all steps read alike. */
  readonly fixed: readonly TimeRange[];
  readonly selectors: readonly (readonly Matcher[])[];
}

/** Undefined: steps depend on more than that. */
export function dependenceOf(expr: Expr, frame: QueryFrame): Dependence | undefined {
  const walk = new Walk(frame);
  if (!walk.visit(expr, { isFixed: false, from: 0, to: 0 }) || walk.selectors.length === 0) return undefined;
  const { beforeMs, afterMs, fixed, selectors } = walk;
  return { beforeMs, afterMs, fixed, selectors };
}

/** Times at which something is evaluated: Unix ms where they are fixed, else relative to a step. */
interface Times {
  readonly isFixed: boolean;
  readonly from: number;
  readonly to: number;
}

/** Functions of the query's frame, and those that look at more than the step. */
const NOT_BY_STEP: ReadonlySet<string> = new Set([
  "start",
  "end",
  "range",
  // What becomes of two series that are made equal depends on all steps of both.
  "label_replace",
  "label_join",
  "info",
]);

class Walk {
  readonly #frame: QueryFrame;
  beforeMs = -Infinity;
  afterMs = -Infinity;
  readonly fixed: TimeRange[] = [];
  readonly selectors: (readonly Matcher[])[] = [];

  constructor(frame: QueryFrame) {
    this.#frame = frame;
  }

  /** Whether steps depend on no more than is noted. */
  visit(expr: Expr, at: Times): boolean {
    switch (expr.kind) {
      case "number":
      case "string":
        return true;
      case "paren":
        return this.visit(expr.expr, at);
      case "unary":
        return hasOneName(expr.expr) && this.visit(expr.expr, at);
      case "binary":
        return this.visit(expr.left, at) && this.visit(expr.right, at);
      case "aggregate":
        if (expr.op === "limitk" || (AGGREGATIONS[expr.op].param !== undefined && !isChoiceByStep(expr))) {
          return false;
        }
        return this.visit(expr.expr, at) && (expr.param === undefined || this.visit(expr.param, at));
      case "call":
        if (NOT_BY_STEP.has(expr.func)) return false;
        if (expr.args.some((arg) => typeOf(arg) === "matrix" && !hasOneName(arg))) return false;
        return expr.args.every((arg) => this.visit(arg, at));
      case "selector": {
        const before = this.#frame.lookbackDeltaMs;
        return this.#select(expr, at, before, expr.extension === "smoothed" ? before : 0);
      }
      case "matrix": {
        const { selector } = expr;
        if (usesRange(expr.range)) return false;
        const lookback = selector.extension === undefined ? 0 : this.#frame.lookbackDeltaMs;
        const after = selector.extension === "smoothed" ? lookback : 0;
        return this.#select(selector, at, rangeMsOf(this.#frame, expr.range) + lookback, after);
      }
      case "subquery": {
        if (usesRange(expr.range) || usesRange(expr.step)) return false;
        const outer = this.#shift(expr, at);
        if (outer === undefined) return false;
        return this.visit(expr.expr, { ...outer, from: outer.from - rangeMsOf(this.#frame, expr.range) });
      }
      default:
        return unreachable(expr);
    }
  }

  #select(selector: VectorSelector, at: Times, beforeMs: number, afterMs: number): boolean {
    const times = this.#shift(selector, at);
    if (times === undefined || selector.logql !== undefined) return false;
    this.selectors.push(selector.matchers);
    if (times.isFixed) {
      this.fixed.push({ startMs: times.from - beforeMs, endMs: times.to + afterMs });
      return true;
    }
    this.beforeMs = Math.max(this.beforeMs, beforeMs - times.from);
    this.afterMs = Math.max(this.afterMs, afterMs + times.to);
    return true;
  }

  #shift(
    node: { readonly at: AtModifier | undefined; readonly offset: Duration | undefined },
    at: Times,
  ): Times | undefined {
    if (usesRange(node.offset) || node.at === "start" || node.at === "end") return undefined;
    const offsetMs = node.offset === undefined ? 0 : durationMsOf(this.#frame, node.offset);
    if (node.at === undefined) return { ...at, from: at.from - offsetMs, to: at.to - offsetMs };
    return { isFixed: true, from: node.at.timeMs - offsetMs, to: node.at.timeMs - offsetMs };
  }
}

/**
 * Among equal values topk takes those that come first, and in which order series come may depend on all
 * steps: not where they come from the store in the order of their labels.
 */
function isChoiceByStep(expr: Expr & { kind: "aggregate" }): boolean {
  return (expr.op !== "topk" && expr.op !== "bottomk") || isInLabelOrder(expr.expr);
}

function isInLabelOrder(expr: Expr): boolean {
  switch (expr.kind) {
    case "selector":
    case "matrix":
      return true;
    case "paren":
    case "unary":
      return isInLabelOrder(expr.expr);
    case "call":
      return expr.args.every((arg) => typeOf(arg) === "scalar" || isInLabelOrder(arg));
    case "binary":
      if (typeOf(expr.left) === "scalar") return isInLabelOrder(expr.right);
      return typeOf(expr.right) === "scalar" && isInLabelOrder(expr.left);
    default:
      return false;
  }
}

/**
 * Whether all series below have one name. Where names are dropped, two series that become equal are refused
 * even if no step has both, so that more than a step matters to those that have several.
 */
function hasOneName(expr: Expr): boolean {
  const names = new Set<string | undefined>();
  collectNames(expr, names);
  return names.size <= 1 && !names.has(undefined);
}

function collectNames(expr: Expr, names: Set<string | undefined>): void {
  switch (expr.kind) {
    case "selector": {
      const named = expr.matchers.find(({ name, op }) => name === METRIC_NAME && op === "=");
      names.add(named?.value);
      return;
    }
    case "matrix":
      collectNames(expr.selector, names);
      return;
    case "paren":
    case "unary":
    case "subquery":
      collectNames(expr.expr, names);
      return;
    case "binary":
      collectNames(expr.left, names);
      collectNames(expr.right, names);
      return;
    case "aggregate":
      collectNames(expr.expr, names);
      return;
    case "call":
      for (const arg of expr.args) collectNames(arg, names);
      return;
    default:
  }
}

function usesRange(duration: Duration | undefined): boolean {
  switch (duration?.kind) {
    case "paren":
    case "unary":
      return usesRange(duration.operand);
    case "binary":
      return usesRange(duration.left) || usesRange(duration.right);
    case "call":
      return duration.func === "range" || duration.args.some(usesRange);
    default:
      return false;
  }
}
