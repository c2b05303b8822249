/** Walking a tree. */
import { unreachable } from "@binnacle/model";
import type { Expr } from "./ast.ts";

/** The expressions directly below one, in the order they stand. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "paren":
    case "unary":
    case "subquery":
      return [expr.expr];
    case "binary":
      return [expr.left, expr.right];
    case "aggregate":
      return expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
    case "call":
      return expr.args;
    case "matrix":
      return [expr.selector];
    case "number":
    case "string":
    case "selector":
      return [];
    default:
      return unreachable(expr);
  }
}

/** Calls back for a node and all below it, parents first. */
export function walk(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  for (const child of children(expr)) walk(child, visit);
}
