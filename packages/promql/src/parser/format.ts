/** The pretty printer: what fits a line stays on it, the rest is broken and indented by its structure. */
import { unreachable } from "@binnacle/model";
import type * as ast from "./ast.ts";
import { print, printAggregationHead, printOperator, printSubquerySuffix } from "./print.ts";

/** Longest line, in characters, before an expression is broken. Prometheus breaks there too. */
const LINE_LENGTH_MAX = 100;
const INDENT = "  ";

export function format(expr: ast.Expr): string {
  return formatAt(expr, 0);
}

function formatAt(expr: ast.Expr, level: number): string {
  const indent = INDENT.repeat(level);
  const line = print(expr);
  if (indent.length + line.length <= LINE_LENGTH_MAX) return indent + line;
  switch (expr.kind) {
    case "paren":
      return `${indent}(\n${formatAt(expr.expr, level + 1)}\n${indent})`;
    case "unary":
      return indent + expr.op + formatAt(expr.expr, level).trimStart();
    case "binary": {
      const left = formatAt(expr.left, level + 1);
      const right = formatAt(expr.right, level + 1);
      return `${left}\n${indent}${printOperator(expr)}\n${right}`;
    }
    case "aggregate": {
      const args = expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
      return formatArguments(printAggregationHead(expr), args, level);
    }
    case "call":
      return formatArguments(expr.func, expr.args, level);
    case "subquery":
      return formatAt(expr.expr, level) + printSubquerySuffix(expr);
    case "number":
    case "string":
    case "selector":
    case "matrix":
      return indent + line;
    default:
      return unreachable(expr);
  }
}

function formatArguments(head: string, args: readonly ast.Expr[], level: number): string {
  const indent = INDENT.repeat(level);
  const inner = args.map((arg) => formatAt(arg, level + 1)).join(",\n");
  return `${indent}${head}(\n${inner}\n${indent})`;
}
