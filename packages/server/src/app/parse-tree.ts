/** The JSON that /api/v1/parse_query answers with: a PromQL tree in the shape that Prometheus gives it. */
import { unreachable } from "@binnacle/model";
import {
  evaluateDuration,
  formatPlain,
  FUNCTIONS,
  type AtModifier,
  type Duration,
  type Expr,
  type VectorMatching,
  type VectorSelector,
} from "@binnacle/promql/parser";

type Json = Readonly<Record<string, unknown>>;

/** `more` adds to what is said of a node. */
export function treeData(root: Expr, more: (expr: Expr) => Json | undefined = () => undefined): Json {
  const visit = (expr: Expr): Json => ({ ...nodeData(expr, visit), ...more(expr) });
  return visit(root);
}

function nodeData(expr: Expr, below: (expr: Expr) => Json): Json {
  switch (expr.kind) {
    case "number":
      return { type: "numberLiteral", val: formatPlain(expr.value) };
    case "string":
      return { type: "stringLiteral", val: expr.value };
    case "paren":
      return { type: "parenExpr", expr: below(expr.expr) };
    case "unary":
      return { type: "unaryExpr", op: expr.op, expr: below(expr.expr) };
    case "binary":
      return {
        type: "binaryExpr",
        op: expr.op,
        lhs: below(expr.left),
        rhs: below(expr.right),
        matching: expr.matching === undefined ? null : matchingData(expr.matching),
        bool: expr.returnBool,
      };
    case "aggregate":
      return {
        type: "aggregation",
        op: expr.op,
        expr: below(expr.expr),
        param: expr.param === undefined ? null : below(expr.param),
        grouping: expr.grouping,
        without: expr.without,
      };
    case "call":
      return { type: "call", func: functionData(expr.func), args: expr.args.map((arg) => below(arg)) };
    case "selector":
      return { type: "vectorSelector", ...selectorData(expr) };
    case "matrix":
      return { type: "matrixSelector", ...selectorData(expr.selector), range: milliseconds(expr.range) };
    case "subquery":
      return {
        type: "subquery",
        expr: below(expr.expr),
        range: milliseconds(expr.range),
        offset: milliseconds(expr.offset),
        step: milliseconds(expr.step),
        ...atData(expr.at),
      };
    default:
      return unreachable(expr);
  }
}

function selectorData(selector: VectorSelector): Json {
  return {
    name: selector.name ?? "",
    offset: milliseconds(selector.offset),
    matchers: selector.matchers.map(({ name, op, value }) => ({ name, value, type: op })),
    ...atData(selector.at),
    anchored: selector.extension === "anchored",
    smoothed: selector.extension === "smoothed",
  };
}

function matchingData(matching: VectorMatching): Json {
  return {
    card: matching.cardinality,
    labels: matching.labels,
    on: matching.on,
    include: matching.include,
    fillValues: { lhs: matching.fillLeft ?? null, rhs: matching.fillRight ?? null },
  };
}

/** How many arguments may repeat or be left out is said as Go says it: −1 is any number. */
function functionData(name: keyof typeof FUNCTIONS): Json {
  const { args, optional, argsMax, returns } = FUNCTIONS[name];
  const variadic = argsMax === Infinity ? -1 : Math.max(optional, argsMax - args.length + optional);
  return { name, argTypes: args, variadic, returnType: returns };
}

function atData(at: AtModifier | undefined): Json {
  return {
    timestamp: typeof at === "object" ? at.timeMs : null,
    startOrEnd: typeof at === "string" ? at : null,
  };
}

/** 0 for a duration that is absent, or that only the query's own range and step can give. */
function milliseconds(duration: Duration | undefined): number {
  const seconds = duration === undefined ? undefined : evaluateDuration(duration, undefined);
  return typeof seconds === "number" ? Math.round(seconds * 1000) : 0;
}
