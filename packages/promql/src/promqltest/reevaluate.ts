/**
 * The hidden second looks at an instant query: with `@` pinned it must say the same at any time, and as a
 * range query its middle step must say what the instant query says.
 */
import { unreachable } from "@binnacle/model";
import { children, parse, print, type Expr, type ParseOptions } from "../parser/index.ts";

const TIME_DEPENDENT: ReadonlySet<string> = new Set([
  "days_in_month",
  "day_of_month",
  "day_of_week",
  "day_of_year",
  "hour",
  "minute",
  "month",
  "year",
  "end",
  "start",
  "step",
  "range",
  "predict_linear",
  "time",
  "timestamp",
]);

export interface PinnedQuery {
  readonly query: string;
  readonly timesMs: readonly number[];
}

/**
 * The query with `@ time` on every selector that has none of its own or around it; undefined where that
 * changes it.
 */
export function pinQuery(query: string, timeMs: number, options: ParseOptions): PinnedQuery | undefined {
  const expr = parse(query, options);
  if (dependsOnTime(expr)) return undefined;
  const pinned = pin(expr, timeMs);
  const timesMs =
    timeMs === 0 ? [-1000, 0, 1000] : [-10 * timeMs, 0, Math.trunc(timeMs / 5), timeMs, 10 * timeMs];
  return { query: print(pinned), timesMs };
}

function dependsOnTime(expr: Expr): boolean {
  if (expr.kind === "call" && TIME_DEPENDENT.has(expr.func)) return true;
  return children(expr).some(dependsOnTime);
}

function pin(expr: Expr, timeMs: number): Expr {
  switch (expr.kind) {
    case "selector":
      return expr.at === undefined ? { ...expr, at: { timeMs } } : expr;
    case "matrix":
      return { ...expr, selector: pin(expr.selector, timeMs) as typeof expr.selector };
    case "subquery":
      return expr.at === undefined ? { ...expr, at: { timeMs } } : expr;
    case "paren":
    case "unary":
      return { ...expr, expr: pin(expr.expr, timeMs) };
    case "binary":
      return { ...expr, left: pin(expr.left, timeMs), right: pin(expr.right, timeMs) };
    case "aggregate": {
      const param = expr.param === undefined ? undefined : pin(expr.param, timeMs);
      return { ...expr, expr: pin(expr.expr, timeMs), param };
    }
    case "call":
      // The matchers that info() takes are no selector that is evaluated.
      return {
        ...expr,
        args: expr.args.map((arg, i) => (expr.func === "info" && i === 1 ? arg : pin(arg, timeMs))),
      };
    case "number":
    case "string":
      return expr;
    default:
      return unreachable(expr);
  }
}

/** Whether an instant query can be asked as a range query around its time. */
export function canRunAsRange(query: string): boolean {
  return !/\b(?:start|end|range|step)\s*\(\s*\)/i.test(query);
}
