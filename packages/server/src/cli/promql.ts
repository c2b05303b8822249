/** `binnacle promql`: formats and explains expressions, without a server. */
import {
  ALL_LANGUAGE_FEATURES,
  children,
  format,
  FUNCTIONS,
  parse,
  print,
  typeOf,
  type Expr,
} from "@binnacle/promql/parser";
import type { Terminal } from "./output/terminal.ts";

/** Prints an expression over several lines where it is long. Throws PARSE_ERROR. */
export function formatExpression(query: string, terminal: Terminal): void {
  terminal.write(`${format(parse(query, { features: ALL_LANGUAGE_FEATURES }))}\n`);
}

/** Prints the tree of an expression: each part with what it gives and what it does. Throws PARSE_ERROR. */
export function explainExpression(query: string, terminal: Terminal): void {
  terminal.write(explain(parse(query, { features: ALL_LANGUAGE_FEATURES })));
}

/** What the values of a type are called, to people. */
const TYPE_WORDS = {
  scalar: "a number",
  string: "a text",
  vector: "one value per series",
  matrix: "the samples of a range per series",
} as const;

function explain(root: Expr): string {
  const lines: { readonly text: string; readonly about: string }[] = [];
  const visit = (expr: Expr, lead: string, below: string): void => {
    lines.push({ text: lead + headOf(expr), about: aboutOf(expr) });
    // A range selector is one thing to people, and its parentheses' content stands for itself.
    const parts = expr.kind === "matrix" ? [] : children(expr);
    for (const [i, part] of parts.entries()) {
      const isLast = i === parts.length - 1;
      visit(part, `${below}${isLast ? "└─ " : "├─ "}`, `${below}${isLast ? "   " : "│  "}`);
    }
  };
  visit(root, "", "");
  const width = Math.max(...lines.map(({ text }) => text.length));
  return lines.map(({ text, about }) => `${text.padEnd(width)}  ${about}\n`).join("");
}

/** A node without what stands below it. */
function headOf(expr: Expr): string {
  switch (expr.kind) {
    case "binary": {
      const whole = print(expr);
      return whole.slice(print(expr.left).length + 1, whole.length - print(expr.right).length - 1);
    }
    case "aggregate": {
      if (expr.grouping.length === 0 && !expr.without) return expr.op;
      return `${expr.op} ${expr.without ? "without" : "by"} (${expr.grouping.join(", ")})`;
    }
    case "call":
      return `${expr.func}()`;
    case "paren":
      return "( )";
    case "unary":
      return expr.op;
    case "subquery":
      return print(expr).slice(print(expr.expr).length);
    default:
      return print(expr);
  }
}

function aboutOf(expr: Expr): string {
  return `${TYPE_WORDS[typeOf(expr)]}${doingOf(expr)}`;
}

function doingOf(expr: Expr): string {
  switch (expr.kind) {
    case "selector":
      return `: the newest of all that satisfy ${matcherWords(expr.matchers.length)}`;
    case "matrix":
      return `: of all that satisfy ${matcherWords(expr.selector.matchers.length)}`;
    case "subquery":
      return ": the expression below, evaluated at each step of the range";
    case "binary":
      return expr.matching === undefined
        ? ""
        : `: ${expr.matching.cardinality}, matched ${matchingWords(expr.matching)}`;
    case "aggregate":
      return expr.without
        ? ": one for all that differ in these labels only"
        : expr.grouping.length === 0
          ? ": one for all"
          : ": one for each value of these labels";
    case "call":
      return FUNCTIONS[expr.func].experimental ? " (experimental: needs a feature flag)" : "";
    default:
      return "";
  }
}

function matcherWords(count: number): string {
  return count === 1 ? "1 matcher" : `${count} matchers`;
}

function matchingWords({ on, labels }: { readonly on: boolean; readonly labels: readonly string[] }): string {
  if (on) return labels.length === 0 ? "on no label" : `on ${labels.join(", ")}`;
  return labels.length === 0 ? "on all labels" : `on all labels but ${labels.join(", ")}`;
}
