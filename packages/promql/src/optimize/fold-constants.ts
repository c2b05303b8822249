/** Arithmetic between numbers is done once, before anything is evaluated. */
import { combineFloats } from "../engine/binary/element.ts";
import type { Expr, NumberLiteral } from "../parser/index.ts";
import { mapChildren } from "./map-children.ts";

/** Places stay those of what was folded, since annotations name them. */
export function foldConstants(expr: Expr): Expr {
  const folded = mapChildren(expr, foldConstants);
  const value = constantOf(folded);
  if (value === undefined || folded.kind === "number") return folded;
  const { start, end, position } = folded;
  const number: NumberLiteral = { kind: "number", start, end, position, value, isDuration: false };
  return number;
}

function constantOf(expr: Expr): number | undefined {
  switch (expr.kind) {
    case "number":
      return expr.value;
    case "paren":
      return constantOf(expr.expr);
    case "unary": {
      const value = constantOf(expr.expr);
      return value === undefined || expr.op === "+" ? value : -value;
    }
    case "binary": {
      if (expr.op === "and" || expr.op === "or" || expr.op === "unless") return undefined;
      const left = constantOf(expr.left);
      const right = constantOf(expr.right);
      return left === undefined || right === undefined ? undefined : combineFloats(expr.op, left, right);
    }
    case "call":
      return expr.func === "pi" ? Math.PI : undefined;
    default:
      return undefined;
  }
}
