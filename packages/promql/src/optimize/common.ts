/** Expressions that stand in a query more than once: they are evaluated once. */
import { statisticsSelectors } from "../engine/resolved-resets.ts";
import { print, typeOf, walk, type Expr } from "../parser/index.ts";

/** By node, a text that is equal for equal expressions; of those that are there twice and cost something. */
export function findCommon(root: Expr): ReadonlyMap<Expr, string> {
  const byText = new Map<string, Expr[]>();
  // Of what stands below histogram_count() and its kin, resets are told outright: it is another thing.
  const statistics = statisticsSelectors(root);
  const textOf = (expr: Expr): string => {
    let text = print(expr);
    walk(expr, (inner) => {
      if (inner.kind === "selector") text += statistics.has(inner) ? "!" : "";
    });
    return text;
  };
  walk(root, (expr) => {
    if (!isCostly(expr)) return;
    const text = textOf(expr);
    const same = byText.get(text);
    if (same === undefined) byText.set(text, [expr]);
    else same.push(expr);
  });
  const common = new Map<Expr, string>();
  for (const [text, nodes] of byText) {
    if (nodes.length > 1) for (const node of nodes) common.set(node, text);
  }
  return common;
}

/** What is read is shared anyhow, and a subquery's window is its consumer's. */
function isCostly(expr: Expr): boolean {
  switch (expr.kind) {
    case "aggregate":
    case "binary":
      return true;
    case "call":
      return expr.args.length > 0 && typeOf(expr) !== "string";
    default:
      return false;
  }
}
