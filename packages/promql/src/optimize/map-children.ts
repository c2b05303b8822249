/** Rebuilding a tree. */
import { unreachable } from "@binnacle/model";
import type { Expr } from "../parser/index.ts";

/** A node with other children; the very same node where none is another. */
export function mapChildren(expr: Expr, map: (child: Expr) => Expr): Expr {
  switch (expr.kind) {
    case "number":
    case "string":
    case "selector":
    case "matrix":
      return expr;
    case "paren":
    case "unary":
    case "subquery": {
      const inner = map(expr.expr);
      return inner === expr.expr ? expr : { ...expr, expr: inner };
    }
    case "binary": {
      const left = map(expr.left);
      const right = map(expr.right);
      return left === expr.left && right === expr.right ? expr : { ...expr, left, right };
    }
    case "aggregate": {
      const inner = map(expr.expr);
      const param = expr.param === undefined ? undefined : map(expr.param);
      return inner === expr.expr && param === expr.param ? expr : { ...expr, expr: inner, param };
    }
    case "call": {
      const args = expr.args.map(map);
      return args.every((arg, i) => arg === expr.args[i]) ? expr : { ...expr, args };
    }
    default:
      return unreachable(expr);
  }
}
