/** Static checks of a tree: types, counts of arguments, matching. All errors carry a position. */
import { unreachable, type Matcher } from "@binnacle/model";
import { AGGREGATIONS } from "./aggregations.ts";
import * as ast from "./ast.ts";
import { parseError } from "./errors.ts";
import { FUNCTIONS, type FunctionSignature } from "./functions.ts";
import { quote } from "./quoting.ts";

const DOCUMENTED_TYPES: Readonly<Record<ast.ValueType, string>> = {
  scalar: "scalar",
  string: "string",
  vector: "instant vector",
  matrix: "range vector",
};

/** What an expression evaluates to. */
export function typeOf(expr: ast.Expr): ast.ValueType {
  switch (expr.kind) {
    case "number":
      return "scalar";
    case "string":
      return "string";
    case "paren":
    case "unary":
      return typeOf(expr.expr);
    case "binary":
      return typeOf(expr.left) === "scalar" && typeOf(expr.right) === "scalar" ? "scalar" : "vector";
    case "call":
      return FUNCTIONS[expr.func].returns;
    case "aggregate":
    case "selector":
      return "vector";
    case "matrix":
    case "subquery":
      return "matrix";
    default:
      return unreachable(expr);
  }
}

export interface CheckOptions {
  /** Whether a matcher is satisfied by an absent label; may throw BAD_REGEXP for a pattern that is none. */
  readonly matchesEmpty: (matcher: Matcher) => boolean;
}

interface Checked {
  readonly expr: ast.Expr;
  readonly type: ast.ValueType;
}

/** Throws PARSE_ERROR; gives the tree back with `matching` only where two vectors meet. */
export function checkTree(query: string, root: ast.Expr, options: CheckOptions): ast.Expr {
  return new Checker(query, options).check(root).expr;
}

class Checker {
  readonly #query: string;
  readonly #options: CheckOptions;

  constructor(query: string, options: CheckOptions) {
    this.#query = query;
    this.#options = options;
  }

  check(expr: ast.Expr): Checked {
    switch (expr.kind) {
      case "number":
        return { expr, type: "scalar" };
      case "string":
        return { expr, type: "string" };
      case "paren": {
        const inner = this.check(expr.expr);
        return { expr: { ...expr, expr: inner.expr }, type: inner.type };
      }
      case "unary": {
        const inner = this.check(expr.expr);
        if (inner.type !== "scalar" && inner.type !== "vector") {
          const got = quote(DOCUMENTED_TYPES[inner.type]);
          const allowed = "unary expression only allowed on expressions of type scalar or instant vector";
          this.#fail(expr, `${allowed}, got ${got}`);
        }
        return { expr: { ...expr, expr: inner.expr }, type: inner.type };
      }
      case "binary":
        return this.#checkBinary(expr);
      case "aggregate":
        return this.#checkAggregate(expr);
      case "call":
        return this.#checkCall(expr);
      case "selector":
        this.#checkSelector(expr);
        return { expr, type: "vector" };
      case "matrix":
        this.#checkSelector(expr.selector);
        return { expr, type: "matrix" };
      case "subquery": {
        const inner = this.check(expr.expr);
        if (inner.type !== "vector") {
          this.#fail(expr, `subquery is only allowed on instant vector, got ${inner.type} instead`);
        }
        return { expr: { ...expr, expr: inner.expr }, type: "matrix" };
      }
      default:
        return unreachable(expr);
    }
  }

  #fail(place: ast.Place, text: string): never {
    throw parseError(this.#query, place.start, text);
  }

  #expectType(checked: Checked, want: ast.ValueType, context: string): void {
    if (checked.type === want) return;
    const got = DOCUMENTED_TYPES[checked.type];
    this.#fail(checked.expr, `expected type ${DOCUMENTED_TYPES[want]} in ${context}, got ${got}`);
  }

  #checkBinary(expr: ast.BinaryExpr): Checked {
    const left = this.check(expr.left);
    const right = this.check(expr.right);
    const { op, matching } = expr;
    const isComparison = ast.COMPARISON_OPS.has(op);
    const isSetOp = ast.SET_OPS.has(op);
    const operatorPlace = { ...expr, start: this.#operatorStart(expr) };
    const bothScalar = left.type === "scalar" && right.type === "scalar";
    if (expr.returnBool && !isComparison) {
      this.#fail(operatorPlace, "bool modifier can only be used on comparison operators");
    }
    if (isComparison && !expr.returnBool && bothScalar) {
      this.#fail(operatorPlace, "comparisons between scalars must use BOOL modifier");
    }
    if (matching?.on === true) {
      const twice = matching.labels.find((label) => matching.include.includes(label));
      if (twice !== undefined) {
        this.#fail(operatorPlace, `label ${quote(twice)} must not occur in ON and GROUP clause at once`);
      }
    }
    for (const side of [left, right]) {
      if (side.type !== "scalar" && side.type !== "vector") {
        this.#fail(side.expr, "binary expression must contain only scalar and instant vector types");
      }
    }
    const bothVectors = left.type === "vector" && right.type === "vector";
    const hasFill = matching?.fillLeft !== undefined || matching?.fillRight !== undefined;
    if (!bothVectors) {
      if ((matching?.labels.length ?? 0) > 0) {
        this.#fail(expr, "vector matching only allowed between instant vectors");
      }
      if (hasFill) this.#fail(expr, "filling in missing series only allowed between instant vectors");
      if (isSetOp) this.#fail(expr, `set operator ${quote(op)} not allowed in binary scalar expression`);
    } else if (isSetOp) {
      if (matching?.cardinality !== "many-to-many") {
        this.#fail(expr, `no grouping allowed for ${quote(op)} operation`);
      }
      if (hasFill) this.#fail(expr, "filling in missing series not allowed for set operators");
    }
    const checked: ast.BinaryExpr = {
      ...expr,
      left: left.expr,
      right: right.expr,
      matching: bothVectors ? matching : undefined,
    };
    return { expr: checked, type: bothScalar ? "scalar" : "vector" };
  }

  #operatorStart(expr: ast.BinaryExpr): number {
    let at = expr.left.end;
    while (/[ \t\r\n]/.test(this.#query[at] ?? "")) at++;
    return at;
  }

  #checkAggregate(expr: ast.AggregateExpr): Checked {
    const inner = this.check(expr.expr);
    this.#expectType(inner, "vector", "aggregation expression");
    let param: ast.Expr | undefined;
    const wanted = AGGREGATIONS[expr.op].param;
    if (expr.param !== undefined && wanted !== undefined) {
      const checked = this.check(expr.param);
      this.#expectType(checked, wanted, "aggregation parameter");
      param = checked.expr;
    }
    return { expr: { ...expr, expr: inner.expr, param }, type: "vector" };
  }

  #checkCall(expr: ast.CallExpr): Checked {
    const signature: FunctionSignature = FUNCTIONS[expr.func];
    this.#checkArgumentCount(expr, signature);
    const args = expr.args.map((arg, i) => {
      if (expr.func === "info" && i === 1) return this.#checkInfoSelector(arg);
      const checked = this.check(arg);
      const want = signature.args[Math.min(i, signature.args.length - 1)]!;
      this.#expectType(checked, want, `call to function ${quote(expr.func)}`);
      return checked.expr;
    });
    return { expr: { ...expr, args }, type: signature.returns };
  }

  #checkArgumentCount(expr: ast.CallExpr, signature: FunctionSignature): void {
    const count = expr.args.length;
    const name = quote(expr.func);
    const least = signature.args.length - signature.optional;
    if (signature.optional === 0 && signature.argsMax === signature.args.length) {
      if (count !== least) this.#fail(expr, `expected ${least} argument(s) in call to ${name}, got ${count}`);
      return;
    }
    if (count < least)
      this.#fail(expr, `expected at least ${least} argument(s) in call to ${name}, got ${count}`);
    const most = signature.argsMax;
    if (count > most)
      this.#fail(expr, `expected at most ${most} argument(s) in call to ${name}, got ${count}`);
  }

  /** info's second argument is only a list of matchers, and may match everything. */
  #checkInfoSelector(arg: ast.Expr): ast.Expr {
    if (arg.kind !== "selector") this.#fail(arg, "expected label selectors only");
    if (arg.name !== undefined || arg.logql !== undefined)
      this.#fail(arg, "expected label selectors only, got vector selector instead");
    for (const matcher of arg.matchers) this.#matchesEmpty(arg, matcher);
    return arg;
  }

  #checkSelector(selector: ast.VectorSelector): void {
    if (selector.logql !== undefined) return;
    const matchEmpty = selector.matchers.filter((matcher) => this.#matchesEmpty(selector, matcher));
    if (matchEmpty.length === selector.matchers.length) {
      this.#fail(selector, "vector selector must contain at least one non-empty matcher");
    }
  }

  #matchesEmpty(selector: ast.VectorSelector, matcher: Matcher): boolean {
    try {
      return this.#options.matchesEmpty(matcher);
    } catch (error) {
      return this.#fail(selector, error instanceof Error ? error.message : String(error));
    }
  }
}
