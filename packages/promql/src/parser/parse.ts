/** Text to tree. */
import { EOF, type ILexingResult, type IRecognitionException, type IToken } from "chevrotain";
import { unreachable, type BinnacleError, type Matcher } from "@binnacle/model";
import { QUERY_LENGTH_MAX, TREE_DEPTH_MAX } from "../limits.ts";
import type { Expr } from "./ast.ts";
import { checkTree } from "./check.ts";
import { parseError } from "./errors.ts";
import { cutForeignCalls } from "./foreign.ts";
import { NO_FEATURES } from "./features.ts";
import { PromqlGrammar } from "./grammar.ts";
import { quote } from "./quoting.ts";
import {
  BinaryOperator,
  describeMistake,
  LabelName,
  LeftBrace,
  LeftBracket,
  Mistake,
  NumberToken,
  promqlLexer,
  RightBrace,
  RightBracket,
} from "./tokens.ts";
import { TreeBuilder } from "./tree-builder.ts";
import { children } from "./visit.ts";

export interface ParseOptions {
  /** Enabled feature flags, under Prometheus's names. Default none. */
  readonly features?: ReadonlySet<string>;
  /**
   * Whether an absent label satisfies a matcher; throws where the pattern is not valid. The default compiles
   * no pattern, so that it runs in a browser: it takes none for invalid and only the plainest for matching
   * nothing.
   */
  readonly matchesEmpty?: (matcher: Matcher) => boolean;
}

// Building the parser costs some milliseconds and keeps no state between queries.
let grammar: PromqlGrammar | undefined;

/** Throws PARSE_ERROR with position, and nothing else. */
export function parse(query: string, options: ParseOptions = {}): Expr {
  if (query.length > QUERY_LENGTH_MAX) {
    const text = `a query of ${query.length} characters is over the limit of ${QUERY_LENGTH_MAX}`;
    throw parseError(query, 0, `${text} (QUERY_LENGTH_MAX)`);
  }
  const { text: cut, calls } = cutForeignCalls(query);
  const lexed = promqlLexer().tokenize(cut);
  refuseMistakes(query, lexed);
  if (lexed.tokens.length === 0) throw parseError(query, 0, "no expression found in input");
  const features = options.features ?? NO_FEATURES;
  grammar ??= new PromqlGrammar();
  const tree = grammar.parseTokens(lexed.tokens, new TreeBuilder(query, features, calls));
  const failed = grammar.errors[0];
  if (failed !== undefined) throw describeFailure(query, failed);
  refuseDeepTree(query, tree);
  return checkTree(query, tree, { matchesEmpty: options.matchesEmpty ?? plainlyMatchesEmpty });
}

function plainlyMatchesEmpty({ op, value }: Matcher): boolean {
  switch (op) {
    case "=":
      return value === "";
    case "!=":
      return value !== "";
    case "=~":
      return value === "" || value === ".*";
    case "!~":
      return value !== "" && value !== ".*";
    default:
      return unreachable(op);
  }
}

/**
 * The first thing that is no token, or a token that stands for a mistake, or a bracket that is not closed.
 */
function refuseMistakes(query: string, lexed: ILexingResult): void {
  const strayOffset = lexed.errors[0]?.offset ?? query.length;
  let braces = 0;
  let brackets = 0;
  for (const { tokenType, startOffset, image } of lexed.tokens) {
    if (startOffset > strayOffset) break;
    if (tokenType.CATEGORIES?.includes(Mistake) === true) {
      throw parseError(query, startOffset, describeMistake(tokenType, image));
    }
    if (tokenType === LeftBrace) braces++;
    if (tokenType === RightBrace) braces--;
    if (tokenType === LeftBracket) brackets++;
    if (tokenType === RightBracket) brackets--;
  }
  if (strayOffset < query.length) {
    const character = String.fromCodePoint(query.codePointAt(strayOffset)!);
    const where = braces > 0 ? " inside braces" : brackets > 0 ? " in duration expression" : "";
    throw parseError(query, strayOffset, `unexpected character${where}: '${character}'`);
  }
  if (braces > 0) throw parseError(query, query.length, "unexpected end of input inside braces");
  if (brackets > 0) throw parseError(query, query.length, "unexpected end of input in duration expression");
}

/** Where the grammar was when it failed, in the words Prometheus has for it. */
const CONTEXTS: Readonly<Record<string, string>> = {
  aggregation: "aggregation",
  argumentList: "function call",
  call: "function call",
  labelList: "grouping opts",
  groupingLabel: "grouping opts",
  matcherList: "label matching",
  matcher: "label matching",
  paren: "paren expression",
  durationExpression: "duration expression",
  durationOperand: "duration expression",
  durationPrimary: "duration expression",
  bracketClause: "subquery or range selector",
  offsetClause: "offset",
  offsetDuration: "offset",
  atClause: "@",
};
const EXPECTED: Readonly<Record<string, string>> = {
  aggregation: '"("',
  argumentList: '")"',
  labelList: '"," or ")"',
  groupingLabel: "label",
  matcherList: '"," or "}"',
  matcher: "label matching operator or identifier",
  paren: '")"',
  durationPrimary: "number, duration, step(), or range()",
  bracketClause: '":" or "]"',
  offsetDuration: "number, duration, step(), or range()",
  atClause: "timestamp",
};

function describeFailure(query: string, failed: IRecognitionException): BinnacleError {
  const { token } = failed;
  const isEnd = token.tokenType === EOF;
  const rule = failed.context.ruleStack.at(-1) ?? "query";
  // A sign or number after a complete clause is reported by the rule around it, which has more to say.
  const known =
    CONTEXTS[rule] === undefined ? failed.context.ruleStack.findLast((name) => CONTEXTS[name]) : rule;
  const where = known === undefined ? "" : ` in ${CONTEXTS[known]}`;
  const expected = EXPECTED[rule] === undefined ? "" : `, expected ${EXPECTED[rule]}`;
  const offset = isEnd ? query.length : token.startOffset;
  return parseError(query, offset, `unexpected ${describeToken(token)}${where}${expected}`);
}

function describeToken(token: IToken): string {
  const type = token.tokenType;
  if (type === EOF) return "end of input";
  const categories = type.CATEGORIES ?? [];
  if (type.name === "StringToken") return `string ${quote(token.image)}`;
  if (categories.includes(NumberToken)) return `number ${quote(token.image)}`;
  if (type.name === "DurationToken") return `duration ${quote(token.image)}`;
  if (categories.includes(BinaryOperator)) return `<op:${token.image}>`;
  if (type.name === "Identifier" || type.name === "BraceIdentifier")
    return `identifier ${quote(token.image)}`;
  if (type.name === "MetricIdentifier") return `metric identifier ${quote(token.image)}`;
  if (categories.includes(LabelName)) return `<${token.image.toLowerCase()}>`;
  return quote(token.image);
}

/** The tree is walked by recursion later, so a chain of operators may not be arbitrarily long either. */
function refuseDeepTree(query: string, root: Expr): void {
  let level: readonly Expr[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > TREE_DEPTH_MAX) {
      const text = `nested deeper than ${TREE_DEPTH_MAX} (TREE_DEPTH_MAX)`;
      throw parseError(query, level[0]!.start, text);
    }
    level = level.flatMap((expr) => children(expr));
  }
}
