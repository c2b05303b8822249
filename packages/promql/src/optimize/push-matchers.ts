/**
 * What one side of an operator asks of labels is asked of the other side's selectors as well, where series
 * without it could match nothing:
 *
 *     a{job="x"} * on (job) group_left () count by (job) (b)     →     … count by (job) (b{job="x"})
 *
 * The answer must stay the same in all it says: values, warnings, infos and errors. So nothing is pushed
 * into what may say something of a series that matches nothing (a rate may warn), nor below an operator that
 * refuses duplicates among such series, nor where a fill modifier lets series without a match count.
 */
import { METRIC_NAME, type Matcher } from "@binnacle/model";
import type { AggregateExpr, BinaryExpr, Expr, VectorMatching } from "../parser/index.ts";
import { mapChildren } from "./map-children.ts";

export function pushMatchers(expr: Expr): Expr {
  const inner = mapChildren(expr, pushMatchers);
  if (inner.kind !== "binary" || inner.matching === undefined) return inner;
  const { left, right, matching } = inner;
  const directions = directionsOf(inner, matching);
  const fromLeft = directions.toRight ? comparable(matchersOf(left), matching) : [];
  const fromRight = directions.toLeft ? comparable(matchersOf(right), matching) : [];
  if (fromLeft.length === 0 && fromRight.length === 0) return inner;
  return { ...inner, left: narrow(left, fromRight), right: narrow(right, fromLeft) };
}

function directionsOf(
  { op, left, right }: BinaryExpr,
  matching: VectorMatching,
): { readonly toLeft: boolean; readonly toRight: boolean } {
  switch (op) {
    case "and":
      return { toLeft: true, toRight: true };
    case "unless":
      return { toLeft: false, toRight: true };
    case "or":
      return { toLeft: false, toRight: false };
    default: {
      // Two series of the "one" side that match alike are an error even where nothing matches them, unless
      // the other side is empty, which narrowing it may make it.
      const one = matching.cardinality === "one-to-many" ? left : right;
      const hasFill = matching.fillLeft !== undefined || matching.fillRight !== undefined;
      const isSafe = !hasFill && isUnique(one, matching);
      return { toLeft: isSafe, toRight: isSafe };
    }
  }
}

/** Whether no two series match alike: those of an aggregation whose labels are all compared. */
function isUnique(expr: Expr, matching: VectorMatching): boolean {
  if (expr.kind === "paren") return isUnique(expr.expr, matching);
  if (expr.kind !== "aggregate" || !mergesSeries(expr) || expr.without) return false;
  return expr.grouping.every((label) => isCompared(label, matching));
}

function isCompared(label: string, matching: VectorMatching): boolean {
  if (matching.on) return matching.labels.includes(label);
  return label !== METRIC_NAME && !matching.labels.includes(label);
}

function comparable(matchers: readonly Matcher[], matching: VectorMatching): readonly Matcher[] {
  return matchers.filter(({ name }) => isCompared(name, matching));
}

/** What holds of the labels of every series that an expression gives. */
function matchersOf(expr: Expr): readonly Matcher[] {
  switch (expr.kind) {
    case "selector":
      return expr.logql === undefined ? expr.matchers.filter(({ name }) => name !== METRIC_NAME) : [];
    case "matrix":
      return matchersOf(expr.selector);
    case "paren":
    case "unary":
    case "subquery":
      return matchersOf(expr.expr);
    case "call":
      return KEEPS_LABELS.has(expr.func) ? expr.args.flatMap(matchersOf) : [];
    case "aggregate":
      if (!mergesSeries(expr)) return [];
      return matchersOf(expr.expr).filter(({ name }) => expr.without !== expr.grouping.includes(name));
    case "binary":
      // Of a scalar there is nothing to say.
      return expr.matching === undefined ? [...matchersOf(expr.left), ...matchersOf(expr.right)] : [];
    default:
      return [];
  }
}

/** Functions of single series that leave their labels as they are. */
const KEEPS_LABELS: ReadonlySet<string> = new Set(
  [
    "abs ceil clamp clamp_max clamp_min exp floor ln log10 log2 round sgn sqrt timestamp",
    "rate increase delta irate idelta deriv predict_linear changes resets",
    "avg_over_time count_over_time first_over_time last_over_time max_over_time min_over_time",
    "present_over_time quantile_over_time stddev_over_time stdvar_over_time sum_over_time",
  ].flatMap((line) => line.split(" ")),
);

/** Functions that never warn and, of series of one name, never refuse any. */
const QUIET: ReadonlySet<string> = new Set(
  "abs ceil floor sgn timestamp count_over_time last_over_time present_over_time changes resets".split(" "),
);

/** Aggregations that give a series a group and keep no member's own labels. */
function mergesSeries({ op }: AggregateExpr): boolean {
  return ["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "quantile"].includes(op);
}

/** The expression with its selectors narrowed; itself where that might change what it says. */
function narrow(expr: Expr, matchers: readonly Matcher[]): Expr {
  if (matchers.length === 0) return expr;
  switch (expr.kind) {
    case "selector": {
      const isNamed = expr.matchers.some(({ name, op }) => name === METRIC_NAME && op === "=");
      if (!isNamed || expr.logql !== undefined) return expr;
      const isNew = (matcher: Matcher): boolean =>
        !expr.matchers.some(
          ({ name, op, value }) => name === matcher.name && op === matcher.op && value === matcher.value,
        );
      const added = matchers.filter(isNew);
      return added.length === 0 ? expr : { ...expr, matchers: [...expr.matchers, ...added] };
    }
    case "matrix": {
      const selector = narrow(expr.selector, matchers);
      if (selector === expr.selector || selector.kind !== "selector") return expr;
      return { ...expr, selector };
    }
    case "paren":
      return mapChildren(expr, (inner) => narrow(inner, matchers));
    case "call":
      return QUIET.has(expr.func) ? mapChildren(expr, (arg) => narrow(arg, matchers)) : expr;
    case "aggregate": {
      // The others say something of histograms, which may be among what is left out.
      if ((expr.op !== "count" && expr.op !== "group") || expr.without) return expr;
      const kept = matchers.filter(({ name }) => expr.grouping.includes(name));
      const inner = narrow(expr.expr, kept);
      return inner === expr.expr ? expr : { ...expr, expr: inner };
    }
    default:
      return expr;
  }
}
