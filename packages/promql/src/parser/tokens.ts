/**
 * The tokens of PromQL, in three modes: the same letters mean different things inside braces (label names, no
 * keywords) and inside brackets (a colon divides range and step instead of being part of a name).
 */
import { createToken, Lexer, type TokenType } from "chevrotain";

/**
 * What may stand as a metric name: identifiers and every keyword that the grammar can tell from one there.
 */
export const MetricName = createToken({ name: "MetricName", pattern: Lexer.NA });
/** What may stand as a label name in a grouping list: every word. */
export const LabelName = createToken({ name: "LabelName", pattern: Lexer.NA });
export const BinaryOperator = createToken({ name: "BinaryOperator", pattern: Lexer.NA });
export const Sign = createToken({ name: "Sign", pattern: Lexer.NA });
export const AggregationOperator = createToken({ name: "AggregationOperator", pattern: Lexer.NA });
export const FunctionWord = createToken({ name: "FunctionWord", pattern: Lexer.NA });
/** step, range, min_of and max_of, where a duration stands. */
export const DurationFunction = createToken({ name: "DurationFunction", pattern: Lexer.NA });
export const NumberToken = createToken({ name: "NumberToken", pattern: Lexer.NA });
/** Matches what no token allows, so that the error can say what is wrong with it. */
export const Mistake = createToken({ name: "Mistake", pattern: Lexer.NA });

export const WhiteSpace = createToken({ name: "WhiteSpace", pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED });
export const Comment = createToken({ name: "Comment", pattern: /#[^\n]*/, group: Lexer.SKIPPED });

/** A word without a colon outside braces and brackets. */
const Identifier = createToken({
  name: "Identifier",
  pattern: /[a-zA-Z_][a-zA-Z0-9_]*(?![a-zA-Z0-9_:])/,
  categories: [MetricName, LabelName, FunctionWord],
});
/** A word inside braces: no keyword there has a meaning. */
export const BraceIdentifier = createToken({ name: "BraceIdentifier", pattern: /[a-zA-Z_][a-zA-Z0-9_]*/ });
const DurationWord = createToken({
  name: "DurationWord",
  pattern: /(?:step|range|min_of|max_of)(?![a-zA-Z0-9_])/i,
  categories: [DurationFunction],
});
const MetricIdentifier = createToken({
  name: "MetricIdentifier",
  pattern: /[a-zA-Z_:][a-zA-Z0-9_:]*/,
  categories: [MetricName, FunctionWord],
});

function word(text: string, categories: TokenType[]): TokenType {
  return createToken({
    name: text.toUpperCase(),
    pattern: new RegExp(`${text}(?![a-zA-Z0-9_:])`, "i"),
    categories: [...categories, LabelName],
  });
}

export const By = word("by", [MetricName]);
export const Without = word("without", [MetricName]);
export const Offset = word("offset", [MetricName]);
export const Anchored = word("anchored", [MetricName]);
export const Smoothed = word("smoothed", [MetricName]);
export const Bool = word("bool", []);
export const On = word("on", []);
export const Ignoring = word("ignoring", []);
export const GroupLeft = word("group_left", []);
export const GroupRight = word("group_right", []);
export const FillLeft = word("fill_left", [MetricName]);
export const FillRight = word("fill_right", [MetricName]);
export const Fill = word("fill", [MetricName]);
const And = word("and", [MetricName, BinaryOperator]);
const Or = word("or", [MetricName, BinaryOperator]);
const Unless = word("unless", [MetricName, BinaryOperator]);
const Atan2 = word("atan2", [BinaryOperator]);
export const Start = word("start", [MetricName, FunctionWord]);
export const End = word("end", [MetricName, FunctionWord]);
const Step = word("step", [MetricName, FunctionWord, DurationFunction]);
const Range = word("range", [MetricName, FunctionWord, DurationFunction]);
const MinOf = word("min_of", [MetricName, FunctionWord, DurationFunction]);
const MaxOf = word("max_of", [MetricName, FunctionWord, DurationFunction]);
const InfWord = word("inf", [NumberToken]);
const NanWord = word("nan", [NumberToken]);

const aggregations = [
  "avg",
  "bottomk",
  "count_values",
  "count",
  "group",
  "limit_ratio",
  "limitk",
  "max",
  "min",
  "quantile",
  "stddev",
  "stdvar",
  "sum",
  "topk",
].map((name) => word(name, [MetricName, AggregationOperator]));

const BadNumber = createToken({
  name: "BadNumber",
  pattern: /\.?[0-9][0-9a-zA-Z_.]*/,
  categories: [Mistake],
});
export const DurationToken = createToken({
  name: "DurationToken",
  pattern: /(?:[0-9]+(?:ms|[smhdwy]))+/,
  longer_alt: BadNumber,
});
const PlainNumber = createToken({
  name: "PlainNumber",
  pattern: /0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?/,
  longer_alt: BadNumber,
  categories: [NumberToken],
});

export const StringToken = createToken({
  name: "StringToken",
  pattern: /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'|`[^`]*`/,
  line_breaks: true,
});
const UnterminatedString = createToken({
  name: "UnterminatedString",
  pattern: /["'][^\n]*|`[^`]*/,
  line_breaks: true,
  categories: [Mistake],
});

function symbol(name: string, pattern: RegExp, options: object = {}): TokenType {
  return createToken({ name, pattern, ...options });
}
const operator = { categories: [BinaryOperator] };

export const LeftParen = symbol("LeftParen", /\(/);
export const RightParen = symbol("RightParen", /\)/);
export const LeftBrace = symbol("LeftBrace", /\{/, { push_mode: "braces" });
export const RightBrace = symbol("RightBrace", /\}/, { pop_mode: true });
const StrayRightBrace = symbol("StrayRightBrace", /\}/, { categories: [Mistake] });
export const LeftBracket = symbol("LeftBracket", /\[/, { push_mode: "brackets" });
export const RightBracket = symbol("RightBracket", /\]/, { pop_mode: true });
const StrayRightBracket = symbol("StrayRightBracket", /\]/, { categories: [Mistake] });
export const Comma = symbol("Comma", /,/);
export const Colon = symbol("Colon", /:/);
export const At = symbol("At", /@/);

const TrimUpper = symbol("TrimUpper", /<\//, operator);
const TrimLower = symbol("TrimLower", />\//, operator);
const Equal = symbol("Equal", /==/, operator);
export const NotEqual = symbol("NotEqual", /!=/, operator);
const LessEqual = symbol("LessEqual", /<=/, operator);
const GreaterEqual = symbol("GreaterEqual", />=/, operator);
const Less = symbol("Less", /</, operator);
const Greater = symbol("Greater", />/, operator);
export const Plus = symbol("Plus", /\+/, { categories: [BinaryOperator, Sign] });
export const Minus = symbol("Minus", /-/, { categories: [BinaryOperator, Sign] });
const Times = symbol("Times", /\*/, operator);
const Divide = symbol("Divide", /\//, operator);
const Modulo = symbol("Modulo", /%/, operator);
const Power = symbol("Power", /\^/, operator);

export const MatchRegexp = symbol("MatchRegexp", /=~/);
export const NotMatchRegexp = symbol("NotMatchRegexp", /!~/);
export const Assign = symbol("Assign", /=/);

const blank = [WhiteSpace, Comment];
const strings = [StringToken, UnterminatedString];
const numbers = [DurationToken, PlainNumber, BadNumber];
const words = [
  By,
  Without,
  Offset,
  Anchored,
  Smoothed,
  Bool,
  On,
  Ignoring,
  GroupLeft,
  GroupRight,
  FillLeft,
  FillRight,
  Fill,
  And,
  Or,
  Unless,
  Atan2,
  Start,
  End,
  Step,
  Range,
  MinOf,
  MaxOf,
  InfWord,
  NanWord,
  ...aggregations,
];
const arithmetic = [Plus, Minus, Times, Divide, Modulo, Power];

const modes = {
  query: [
    ...blank,
    ...strings,
    ...numbers,
    ...words,
    Identifier,
    MetricIdentifier,
    LeftParen,
    RightParen,
    LeftBrace,
    StrayRightBrace,
    LeftBracket,
    StrayRightBracket,
    Comma,
    At,
    TrimUpper,
    TrimLower,
    Equal,
    MatchRegexp,
    NotEqual,
    LessEqual,
    GreaterEqual,
    Less,
    Greater,
    Assign,
    ...arithmetic,
  ],
  braces: [
    ...blank,
    ...strings,
    BraceIdentifier,
    RightBrace,
    Comma,
    MatchRegexp,
    NotMatchRegexp,
    NotEqual,
    Assign,
  ],
  brackets: [
    ...blank,
    ...numbers,
    DurationWord,
    RightBracket,
    LeftParen,
    RightParen,
    Comma,
    Colon,
    ...arithmetic,
  ],
};

const categories = [
  MetricName,
  LabelName,
  BinaryOperator,
  Sign,
  AggregationOperator,
  FunctionWord,
  DurationFunction,
  NumberToken,
  Mistake,
];

/** All tokens for the parser, which needs the categories too. */
export const VOCABULARY: TokenType[] = [...new Set([...Object.values(modes).flat(), ...categories])];

let lexer: Lexer | undefined;

/** Made when first needed, and without looking for mistakes in its own definition: that takes longer. */
export function promqlLexer(): Lexer {
  return (lexer ??= buildLexer({ skipValidations: true }));
}

/** Throws, unless validations are skipped, where a token can never be or never ends. */
export function buildLexer(options: { readonly skipValidations: boolean }): Lexer {
  return new Lexer({ modes, defaultMode: "query" }, { positionTracking: "onlyOffset", ...options });
}

/** What is wrong with a Mistake, in Prometheus's words. */
export function describeMistake(type: TokenType, image: string): string {
  switch (type) {
    case BadNumber:
      return `bad number or duration syntax: ${JSON.stringify(image)}`;
    case StrayRightBrace:
      return "unexpected right brace '}'";
    case StrayRightBracket:
      return "unexpected right bracket ']'";
    default:
      return image.startsWith("`") ? "unterminated raw string" : "unterminated quoted string";
  }
}
