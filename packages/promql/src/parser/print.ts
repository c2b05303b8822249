/** Tree to text: what parses back to an equal tree. */
import { unreachable, formatDuration, METRIC_NAME, type Matcher } from "@binnacle/model";
import type * as ast from "./ast.ts";
import { formatPlain } from "./numbers.ts";
import { quote } from "./quoting.ts";

/** One line, spaced as Prometheus spaces it. */
export function print(expr: ast.Expr): string {
  switch (expr.kind) {
    case "number":
      return expr.isDuration ? printSeconds(expr.value) : printNumber(expr.value);
    case "string":
      return quote(expr.value);
    case "paren":
      return `(${print(expr.expr)})`;
    case "unary":
      return `${expr.op}${print(expr.expr)}`;
    case "binary":
      return `${print(expr.left)} ${printOperator(expr)} ${print(expr.right)}`;
    case "aggregate": {
      const args = expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
      return `${printAggregationHead(expr)}(${args.map(print).join(", ")})`;
    }
    case "call":
      return `${expr.func}(${expr.args.map(print).join(", ")})`;
    case "selector":
      return printSelector(expr, "");
    case "matrix":
      return printSelector(expr.selector, `[${printDuration(expr.range)}]`);
    case "subquery":
      return print(expr.expr) + printSubquerySuffix(expr);
    default:
      return unreachable(expr);
  }
}

/** A plus sign before a number would be an operator, and bind less than a power that follows. */
function printNumber(value: number): string {
  return value === Infinity ? "Inf" : formatPlain(value);
}

export function printSubquerySuffix(expr: ast.SubqueryExpr): string {
  const step = expr.step === undefined ? "" : printDuration(expr.step);
  return `[${printDuration(expr.range)}:${step}]${printModifiers(expr)}`;
}

/** `sum by (a, b) `, without the arguments. */
export function printAggregationHead(expr: ast.AggregateExpr): string {
  if (expr.without) return `${expr.op} without (${printLabels(expr.grouping)}) `;
  return expr.grouping.length > 0 ? `${expr.op} by (${printLabels(expr.grouping)}) ` : expr.op;
}

/** The operator with bool, matching and fill, as it stands between its operands. */
export function printOperator(expr: ast.BinaryExpr): string {
  const { matching } = expr;
  let text = expr.op + (expr.returnBool ? " bool" : "");
  if (matching === undefined) return text;
  const isGrouped = matching.cardinality === "many-to-one" || matching.cardinality === "one-to-many";
  if (matching.on || matching.labels.length > 0 || isGrouped) {
    text += ` ${matching.on ? "on" : "ignoring"} (${printLabels(matching.labels)})`;
  }
  if (isGrouped) {
    const word = matching.cardinality === "many-to-one" ? "group_left" : "group_right";
    text += ` ${word} (${printLabels(matching.include)})`;
  }
  const { fillLeft, fillRight } = matching;
  if (fillLeft !== undefined && Object.is(fillLeft, fillRight))
    return `${text} fill (${formatPlain(fillLeft)})`;
  if (fillLeft !== undefined) text += ` fill_left (${formatPlain(fillLeft)})`;
  if (fillRight !== undefined) text += ` fill_right (${formatPlain(fillRight)})`;
  return text;
}

function printSelector(selector: ast.VectorSelector, range: string): string {
  const { name, logql } = selector;
  if (logql !== undefined) return `logs(${logql})${printModifiers(selector)}`;
  const isPlain = name !== undefined && /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) && !isReserved(name);
  const parts: string[] = [];
  let isNamed = false;
  for (const matcher of selector.matchers) {
    const isName = matcher.name === METRIC_NAME && matcher.op === "=" && matcher.value === name && !isNamed;
    if (!isName) {
      parts.push(printMatcher(matcher));
      continue;
    }
    isNamed = true;
    if (!isPlain) parts.unshift(quote(name));
  }
  const braces = parts.length > 0 || !isPlain ? `{${parts.join(",")}}` : "";
  const extension = selector.extension === undefined ? "" : ` ${selector.extension}`;
  return (isPlain ? name : "") + braces + range + extension + printModifiers(selector);
}

/** Words that are no metric names outside braces. */
function isReserved(name: string): boolean {
  return /^(?:bool|on|ignoring|group_left|group_right|atan2|inf|nan)$/i.test(name);
}

function printMatcher({ name, op, value }: Matcher): string {
  const label = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quote(name);
  return `${label}${op}${quote(value)}`;
}

function printLabels(labels: readonly string[]): string {
  return labels.map((label) => (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : quote(label))).join(", ");
}

function printModifiers(expr: ast.VectorSelector | ast.SubqueryExpr): string {
  let text = "";
  if (expr.at === "start" || expr.at === "end") text += ` @ ${expr.at}()`;
  else if (expr.at !== undefined) text += ` @ ${(expr.at.timeMs / 1000).toFixed(3)}`;
  if (expr.offset !== undefined) text += ` offset ${printOffset(expr.offset)}`;
  return text;
}

function printOffset(offset: ast.Duration): string {
  return offset.kind === "binary" ? `(${printDuration(offset)})` : printDuration(offset);
}

export function printDuration(duration: ast.Duration): string {
  switch (duration.kind) {
    case "constant":
      return duration.isDuration ? printSeconds(duration.seconds) : printNumber(duration.seconds);
    case "paren":
      return `(${printDuration(duration.operand)})`;
    case "unary":
      return `${duration.op}${printDuration(duration.operand)}`;
    case "binary":
      return `${printDuration(duration.left)} ${duration.op} ${printDuration(duration.right)}`;
    case "call":
      return `${duration.func}(${duration.args.map(printDuration).join(", ")})`;
    default:
      return unreachable(duration);
  }
}

function printSeconds(seconds: number): string {
  return formatDuration(Math.round(seconds * 1000));
}
