/**
 * The syntax tree of PromQL. Every node knows where it stands: `start` and `end` are offsets in UTF-16 code
 * units (end is exclusive), `position` is the line and column of `start`.
 */
import type { Matcher, Position } from "@binnacle/model";
import type { AggregationName } from "./aggregations.ts";
import type { FunctionName } from "./functions.ts";

export type { ValueType } from "./value-type.ts";

export interface Place {
  readonly start: number;
  readonly end: number;
  readonly position: Position;
}

export interface NumberLiteral extends Place {
  readonly kind: "number";
  readonly value: number;
  /** Written as a duration (`5m`): the value is in seconds and it is printed as a duration again. */
  readonly isDuration: boolean;
}

export interface StringLiteral extends Place {
  readonly kind: "string";
  readonly value: string;
}

export interface ParenExpr extends Place {
  readonly kind: "paren";
  readonly expr: Expr;
}

export interface UnaryExpr extends Place {
  readonly kind: "unary";
  readonly op: "+" | "-";
  readonly expr: Expr;
}

export type ArithmeticOp = "+" | "-" | "*" | "/" | "%" | "^" | "atan2";
export type ComparisonOp = "==" | "!=" | "<" | "<=" | ">" | ">=";
export type TrimOp = "</" | ">/";
export type SetOp = "and" | "or" | "unless";
export type BinaryOp = ArithmeticOp | ComparisonOp | TrimOp | SetOp;

export type Cardinality = "one-to-one" | "many-to-one" | "one-to-many" | "many-to-many";

/** How the series of two vectors find each other. */
export interface VectorMatching {
  readonly cardinality: Cardinality;
  /** Whether `labels` are those to match on; otherwise they are those to leave out. */
  readonly on: boolean;
  readonly labels: readonly string[];
  /** Labels that group_left or group_right copies from the "one" side. */
  readonly include: readonly string[];
  /** Values that stand in for a missing left or right side. */
  readonly fillLeft: number | undefined;
  readonly fillRight: number | undefined;
}

export interface BinaryExpr extends Place {
  readonly kind: "binary";
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
  readonly returnBool: boolean;
  /** Undefined unless both sides are vectors. */
  readonly matching: VectorMatching | undefined;
}

export interface AggregateExpr extends Place {
  readonly kind: "aggregate";
  readonly op: AggregationName;
  readonly expr: Expr;
  readonly param: Expr | undefined;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export interface CallExpr extends Place {
  readonly kind: "call";
  readonly func: FunctionName;
  readonly args: readonly Expr[];
}

/** `@ 1234.5`, `@ start()` or `@ end()`. */
export type AtModifier = { readonly timeMs: number } | "start" | "end";

export type Extension = "anchored" | "smoothed";

export interface VectorSelector extends Place {
  readonly kind: "selector";
  /** The metric name outside the braces, or the lone quoted one inside them. */
  readonly name: string | undefined;
  /** All matchers, the one for the name among them. */
  readonly matchers: readonly Matcher[];
  readonly offset: Duration | undefined;
  readonly at: AtModifier | undefined;
  readonly extension: Extension | undefined;
  /** For `logs(…)`: the argument, in LogQL. Then there is neither a name nor a matcher. */
  readonly logql?: string;
}

export interface MatrixSelector extends Place {
  readonly kind: "matrix";
  readonly selector: VectorSelector;
  readonly range: Duration;
}

export interface SubqueryExpr extends Place {
  readonly kind: "subquery";
  readonly expr: Expr;
  readonly range: Duration;
  /** Undefined for the engine's default. */
  readonly step: Duration | undefined;
  readonly offset: Duration | undefined;
  readonly at: AtModifier | undefined;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | ParenExpr
  | UnaryExpr
  | BinaryExpr
  | AggregateExpr
  | CallExpr
  | VectorSelector
  | MatrixSelector
  | SubqueryExpr;

/** A duration where it stands: a constant, or an expression whose step() and range() only the query knows. */
export type Duration = DurationConstant | DurationUnary | DurationBinary | DurationCall | DurationParen;

export interface DurationConstant extends Place {
  readonly kind: "constant";
  readonly seconds: number;
  readonly isDuration: boolean;
}
export interface DurationUnary extends Place {
  readonly kind: "unary";
  readonly op: "+" | "-";
  readonly operand: Duration;
}
export interface DurationBinary extends Place {
  readonly kind: "binary";
  readonly op: "+" | "-" | "*" | "/" | "%" | "^";
  readonly left: Duration;
  readonly right: Duration;
}
export interface DurationCall extends Place {
  readonly kind: "call";
  readonly func: "step" | "range" | "min_of" | "max_of";
  readonly args: readonly Duration[];
}
export interface DurationParen extends Place {
  readonly kind: "paren";
  readonly operand: Duration;
}

export const COMPARISON_OPS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);
export const SET_OPS: ReadonlySet<string> = new Set(["and", "or", "unless"]);

/** The expression inside any number of parentheses. */
export function unwrapParens(expr: Expr): Expr {
  let inner = expr;
  while (inner.kind === "paren") inner = inner.expr;
  return inner;
}
