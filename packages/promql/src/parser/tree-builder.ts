/**
 * Makes the nodes of the tree for the grammar, and refuses what the grammar cannot see: an offset on what is
 * no selector, a modifier given twice, a number out of range, a feature that is not enabled.
 */
import type { IToken } from "chevrotain";
import {
  METRIC_NAME,
  tryParseDuration,
  type BinnacleError,
  type Matcher,
  type MatcherOp,
} from "@binnacle/model";
import { AGGREGATIONS, isAggregationName } from "./aggregations.ts";
import * as ast from "./ast.ts";
import { DurationBuilder } from "./duration-builder.ts";
import { parseError, positionAt } from "./errors.ts";
import { FEATURES } from "./features.ts";
import type { ForeignCall } from "./foreign.ts";
import { FUNCTIONS, isFunctionName } from "./functions.ts";
import { parseNumber } from "./numbers.ts";
import { isValidText, quote, unquote } from "./quoting.ts";

/** What stands after a binary operator, as far as it was written. */
export interface MatchingClause {
  on?: IToken;
  labels?: readonly string[];
  group?: IToken;
  include?: readonly string[];
  fillLeft?: number;
  fillRight?: number;
}

export interface OperatorClause {
  readonly op: ast.BinaryOp;
  readonly token: IToken;
  readonly returnBool: boolean;
  readonly matching: MatchingClause;
}

interface AggregationParts {
  readonly op: IToken;
  readonly args: readonly ast.Expr[];
  readonly end: IToken;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export class TreeBuilder {
  readonly durations: DurationBuilder;
  readonly #query: string;
  readonly #features: ReadonlySet<string>;
  readonly #foreignCalls: ReadonlyMap<number, ForeignCall>;

  constructor(
    query: string,
    features: ReadonlySet<string>,
    foreignCalls: ReadonlyMap<number, ForeignCall> = new Map(),
  ) {
    this.#query = query;
    this.#features = features;
    this.#foreignCalls = foreignCalls;
    this.durations = new DurationBuilder(query);
  }

  error(offset: number, text: string): BinnacleError {
    return parseError(this.#query, offset, text);
  }

  #place(start: number, end: number): ast.Place {
    return { start, end, position: positionAt(this.#query, start) };
  }

  #placeOf(first: IToken, last: IToken): ast.Place {
    return this.#place(first.startOffset, endOf(last));
  }

  number(token: IToken): ast.NumberLiteral {
    const { image } = token;
    const place = this.#placeOf(token, token);
    const number = parseNumber(image);
    if (number !== undefined) return { ...place, kind: "number", value: number, isDuration: false };
    const durationMs = tryParseDuration(image);
    if (durationMs === undefined) {
      throw this.error(token.startOffset, `bad number or duration syntax: ${quote(image)}`);
    }
    return { ...place, kind: "number", value: durationMs / 1000, isDuration: true };
  }

  duration(token: IToken): ast.DurationConstant {
    const { value, isDuration, ...place } = this.number(token);
    return { ...place, kind: "constant", seconds: value, isDuration };
  }

  durationCall(name: IToken, args: readonly ast.Duration[], close: IToken): ast.Duration {
    const func = name.image.toLowerCase() as ast.DurationCall["func"];
    const expected = func === "step" || func === "range" ? 0 : 2;
    if (args.length !== expected) {
      const text = `expected ${expected} argument(s) in call to "${func}", got ${args.length}`;
      throw this.error(name.startOffset, text);
    }
    return { ...this.#placeOf(name, close), kind: "call", func, args };
  }

  durationParen(open: IToken, operand: ast.Duration, close: IToken): ast.Duration {
    return { ...this.#placeOf(open, close), kind: "paren", operand };
  }

  string(token: IToken): ast.StringLiteral {
    return { ...this.#placeOf(token, token), kind: "string", value: this.#unquote(token) };
  }

  #unquote(token: IToken): string {
    const text = unquote(token.image);
    if (text === undefined) {
      throw this.error(token.startOffset, `error unquoting string ${quote(token.image)}: invalid syntax`);
    }
    return text;
  }

  /** A quoted label name in a grouping list. */
  labelName(token: IToken): string {
    const name = this.#unquote(token);
    if (name === "" || !isValidText(name)) {
      throw this.error(token.startOffset, `invalid label name: ${quote(name)}`);
    }
    return name;
  }

  paren(open: IToken, expr: ast.Expr, close: IToken): ast.Expr {
    return { ...this.#placeOf(open, close), kind: "paren", expr };
  }

  /** A sign before a number is part of it; before anything else it is an operator. */
  unary(sign: IToken, expr: ast.Expr): ast.Expr {
    const place = this.#place(sign.startOffset, expr.end);
    if (expr.kind === "number") {
      return sign.image === "-" ? { ...expr, ...place, value: -expr.value } : { ...expr, ...place };
    }
    return { ...place, kind: "unary", op: sign.image as "+" | "-", expr };
  }

  binary(operator: OperatorClause, left: ast.Expr, right: ast.Expr): ast.Expr {
    const { op, returnBool, matching } = operator;
    const group = matching.group?.image.toLowerCase();
    const isSetOp = ast.SET_OPS.has(op);
    const cardinality: ast.Cardinality =
      group === "group_left"
        ? "many-to-one"
        : group === "group_right"
          ? "one-to-many"
          : isSetOp
            ? "many-to-many"
            : "one-to-one";
    return {
      ...this.#place(left.start, right.end),
      kind: "binary",
      op,
      left,
      right,
      returnBool,
      matching: {
        cardinality,
        on: matching.on?.image.toLowerCase() === "on",
        labels: matching.labels ?? [],
        include: matching.include ?? [],
        fillLeft: matching.fillLeft,
        fillRight: matching.fillRight,
      },
    };
  }

  addFill(matching: MatchingClause, word: IToken, value: number): void {
    if (!this.#features.has(FEATURES.fillModifiers)) {
      throw this.error(word.startOffset, "binop fill modifiers are experimental and not enabled");
    }
    const side = word.image.toLowerCase();
    if (side !== "fill_right") matching.fillLeft = value;
    if (side !== "fill_left") matching.fillRight = value;
  }

  selector(first: IToken, matchers: readonly Matcher[], last: IToken): ast.VectorSelector {
    const place = this.#placeOf(first, last);
    const base = {
      ...place,
      kind: "selector",
      offset: undefined,
      at: undefined,
      extension: undefined,
    } as const;
    const foreign = this.#foreignCalls.get(first.startOffset);
    if (foreign !== undefined) {
      if (last !== first) throw this.error(last.startOffset, "no matchers are allowed behind logs()");
      return { ...base, name: undefined, matchers: [], logql: foreign.query };
    }
    const quoted = matchers.filter((matcher) => isQuotedName(matcher));
    const plain: Matcher[] = matchers.map(({ name, op, value }) => ({ name, op, value }));
    if (first.image !== "{") {
      const name = first.image;
      const named = plain.find((matcher) => matcher.name === METRIC_NAME);
      if (named !== undefined) throw this.#nameTwice(place.start, name, named.value);
      return { ...base, name, matchers: [...plain, { name: METRIC_NAME, op: "=", value: name }] };
    }
    if (quoted.length === 0) return { ...base, name: undefined, matchers: plain };
    const name = quoted[0]!.value;
    const other = matchers.find((matcher) => matcher.name === METRIC_NAME && matcher !== quoted[0]);
    if (other !== undefined) throw this.#nameTwice(place.start, name, other.value);
    // The name's matcher stands last, wherever the name was written.
    const others = plain.filter((_, i) => matchers[i] !== quoted[0]);
    return { ...base, name, matchers: [...others, { name: METRIC_NAME, op: "=", value: name }] };
  }

  #nameTwice(offset: number, a: string, b: string): BinnacleError {
    return this.error(offset, `metric name must not be set twice: ${quote(a)} or ${quote(b)}`);
  }

  /** `name op "value"`, or a quoted metric name alone. */
  matcher(name: IToken, op: MatcherOp | undefined, value: IToken | undefined): Matcher {
    const isQuoted = name.image[0] === '"' || name.image[0] === "'" || name.image[0] === "`";
    const text = isQuoted ? this.#unquote(name) : name.image;
    if (op === undefined || value === undefined) {
      if (!isQuoted) {
        const found = `unexpected identifier ${quote(text)} in label matching`;
        throw this.error(name.startOffset, `${found}, expected label matching operator`);
      }
      const matcher: QuotedName = { name: METRIC_NAME, op: "=", value: text, isQuotedName: true };
      return matcher;
    }
    if (!isValidText(text)) throw this.error(name.startOffset, `invalid label name: ${quote(text)}`);
    return { name: text, op, value: this.#unquote(value) };
  }

  matrix(expr: ast.Expr, range: ast.Duration, close: IToken): ast.Expr {
    if (expr.kind !== "selector") {
      throw this.error(expr.start, "ranges only allowed for vector selectors");
    }
    if (expr.logql !== undefined) {
      throw this.error(
        expr.start,
        "ranges are not allowed for logs(): give one to what it is given, or a subquery",
      );
    }
    if (expr.offset !== undefined) throw this.error(expr.start, "no offset modifiers allowed before range");
    if (expr.at !== undefined) throw this.error(expr.start, "no @ modifiers allowed before range");
    if (expr.extension !== undefined) {
      throw this.error(expr.start, `no ${expr.extension} modifier allowed before range`);
    }
    this.durations.requirePositive(range);
    return { ...this.#place(expr.start, endOf(close)), kind: "matrix", selector: expr, range };
  }

  subquery(expr: ast.Expr, range: ast.Duration, step: ast.Duration | undefined, close: IToken): ast.Expr {
    this.durations.requirePositive(range);
    if (step !== undefined) this.durations.requirePositive(step);
    const place = this.#place(expr.start, endOf(close));
    return { ...place, kind: "subquery", expr, range, step, offset: undefined, at: undefined };
  }

  withOffset(expr: ast.Expr, offset: ast.Duration, word: IToken): ast.Expr {
    const target = expr.kind === "matrix" ? expr.selector : expr;
    if (target.kind !== "selector" && target.kind !== "subquery") {
      const kinds = "an instant vector selector or range vector selector or a subquery";
      throw this.error(expr.start, `offset modifier must be preceded by ${kinds}`);
    }
    if (target.offset !== undefined)
      throw this.error(word.startOffset, "offset may not be set multiple times");
    this.durations.requireFinite(offset);
    return this.#modified(expr, { offset }, offset.end);
  }

  withAt(expr: ast.Expr, at: ast.AtModifier, last: IToken): ast.Expr {
    const target = expr.kind === "matrix" ? expr.selector : expr;
    if (target.kind !== "selector" && target.kind !== "subquery") {
      const kinds = "an instant vector selector or range vector selector or a subquery";
      throw this.error(expr.start, `@ modifier must be preceded by ${kinds}`);
    }
    if (target.at !== undefined) throw this.error(expr.start, "@ <timestamp> may not be set multiple times");
    return this.#modified(expr, { at }, endOf(last));
  }

  atTime(seconds: number, at: IToken): ast.AtModifier {
    const timeMs = Math.round(seconds * 1000);
    if (!Number.isSafeInteger(timeMs)) {
      throw this.error(at.startOffset, `timestamp out of bounds for @ modifier: ${seconds}`);
    }
    return { timeMs: timeMs + 0 };
  }

  withExtension(expr: ast.Expr, word: IToken): ast.Expr {
    const extension = word.image.toLowerCase() as ast.Extension;
    if (!this.#features.has(FEATURES.extendedRangeSelectors)) {
      throw this.error(word.startOffset, `${extension} modifier is experimental and not enabled`);
    }
    const target = expr.kind === "matrix" ? expr.selector : expr;
    if (target.kind !== "selector" || (extension === "anchored" && expr.kind !== "matrix")) {
      throw this.error(expr.start, `${extension} modifier not implemented for this expression`);
    }
    if (target.extension !== undefined) {
      throw this.error(
        word.startOffset,
        "anchored and smoothed modifiers cannot be used together or repeated",
      );
    }
    return this.#modified(expr, { extension }, endOf(word));
  }

  #modified(
    expr: ast.Expr,
    change: { offset?: ast.Duration; at?: ast.AtModifier; extension?: ast.Extension },
    end: number,
  ): ast.Expr {
    if (expr.kind === "matrix") return { ...expr, end, selector: { ...expr.selector, ...change } };
    return { ...expr, ...change, end };
  }

  aggregation({ op, args, end, grouping, without }: AggregationParts): ast.Expr {
    const name = op.image.toLowerCase();
    if (!isAggregationName(name)) throw this.error(op.startOffset, `BUG: ${name} is no aggregation`);
    const { param, experimental } = AGGREGATIONS[name];
    if (experimental && !this.#features.has(FEATURES.experimentalFunctions)) {
      const flag = `--enable-feature=${FEATURES.experimentalFunctions}`;
      throw this.error(op.startOffset, `${name}() is experimental and must be enabled with ${flag}`);
    }
    const place = this.#placeOf(op, end);
    const expected = param === undefined ? 1 : 2;
    if (args.length === 0) {
      throw this.error(op.startOffset, "no arguments for aggregate expression provided");
    }
    if (args.length !== expected) {
      const text = "wrong number of arguments for aggregate expression provided";
      throw this.error(op.startOffset, `${text}, expected ${expected}, got ${args.length}`);
    }
    const base = { ...place, kind: "aggregate", op: name, grouping, without } as const;
    return param === undefined
      ? { ...base, expr: args[0]!, param: undefined }
      : { ...base, expr: args[1]!, param: args[0]! };
  }

  call(name: IToken, args: readonly ast.Expr[], close: IToken): ast.Expr {
    // Function names are written as they are; only the words that are keywords too may be in capitals.
    const isWord = /^(?:start|end|step|range|min_of|max_of)$/i.test(name.image);
    const func = isWord ? name.image.toLowerCase() : name.image;
    if (!isFunctionName(func)) {
      throw this.error(name.startOffset, `unknown function with name ${quote(name.image)}`);
    }
    if (FUNCTIONS[func].experimental && !this.#features.has(FEATURES.experimentalFunctions)) {
      throw this.error(name.startOffset, `function ${quote(func)} is not enabled`);
    }
    return { ...this.#placeOf(name, close), kind: "call", func, args };
  }
}

interface QuotedName extends Matcher {
  readonly isQuotedName: true;
}

function isQuotedName(matcher: Matcher): boolean {
  return "isQuotedName" in matcher;
}

function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}
