/**
 * LogQL's tokens. Words that are no operators may also be label names, so they belong to Identifier's
 * category.
 */
import { createToken, Lexer, type TokenType } from "chevrotain";
import { RANGE_OPS, VECTOR_OPS } from "./ast.ts";

export const Identifier = createToken({ name: "IDENTIFIER", pattern: /[a-zA-Z_][a-zA-Z0-9_]*/ });

function symbol(name: string, pattern: string, categories: TokenType[] = []): TokenType {
  return createToken({ name, pattern, label: pattern, categories });
}

/** A word that cannot be a label's name where an operator may stand. */
function reserved(word: string): TokenType {
  const pattern = new RegExp(`${word}(?![a-zA-Z0-9_])`, "i");
  return createToken({ name: word.toUpperCase(), pattern, label: word });
}

function word(text: string, categories: TokenType[] = []): TokenType {
  // As in Loki, functions and stages may be written in any case.
  const pattern = new RegExp(`${text}(?![a-zA-Z0-9_])`, "i");
  return createToken({
    name: text.toUpperCase(),
    pattern,
    label: text,
    categories: [Identifier, ...categories],
  });
}

export const WhiteSpace = createToken({
  name: "WhiteSpace",
  pattern: /[ \t\r\n]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
export const Comment = createToken({ name: "Comment", pattern: /#[^\n]*/, group: Lexer.SKIPPED });

export const QuotedString = createToken({
  name: "STRING",
  pattern: /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/,
  line_breaks: true,
});
export const DurationLiteral = createToken({
  name: "DURATION",
  pattern: /(?:\d+(?:\.\d*)?(?:ns|us|µs|μs|ms|s|m|h|d|w|y))+(?![a-zA-Z0-9_])/,
});
export const BytesLiteral = createToken({
  name: "BYTES",
  pattern: /\d+(?:\.\d*)?(?:[kKmMgGtTpPeE]i?[bB]?|[bB])(?![a-zA-Z0-9_])/,
});
export const NumberLiteral = createToken({
  name: "NUMBER",
  pattern: /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/,
});
export const StrictFlag = symbol("STRICT", "--strict");
export const KeepEmptyFlag = symbol("KEEP_EMPTY", "--keep-empty");

export const LBrace = symbol("{", "{");
export const RBrace = symbol("}", "}");
export const LParen = symbol("(", "(");
export const RParen = symbol(")", ")");
export const LBracket = symbol("[", "[");
export const RBracket = symbol("]", "]");
export const Comma = symbol("COMMA", ",");

/** Operators that may stand in each of these places. */
export const MatchOp = createToken({ name: "matcher operator", pattern: Lexer.NA });
export const LineOp = createToken({ name: "line filter", pattern: Lexer.NA });
export const ValueOp = createToken({ name: "comparison", pattern: Lexer.NA });
export const BinaryCompareOp = createToken({ name: "binary comparison", pattern: Lexer.NA });

export const PipeExact = symbol("PIPE_EXACT", "|=", [LineOp]);
export const PipeMatch = symbol("PIPE_MATCH", "|~", [LineOp]);
export const PipePattern = symbol("PIPE_PATTERN", "|>", [LineOp]);
export const Pipe = symbol("PIPE", "|");
export const NotPattern = symbol("NPA", "!>", [LineOp]);
export const NotEqual = symbol("NEQ", "!=", [MatchOp, LineOp, ValueOp, BinaryCompareOp]);
export const NotMatch = symbol("NRE", "!~", [MatchOp, LineOp, ValueOp]);
export const Match = symbol("RE", "=~", [MatchOp, ValueOp]);
export const EqualEqual = symbol("CMP_EQ", "==", [ValueOp, BinaryCompareOp]);
export const Equal = symbol("EQ", "=", [MatchOp, ValueOp]);
export const GreaterEqual = symbol("GTE", ">=", [ValueOp, BinaryCompareOp]);
export const Greater = symbol("GT", ">", [ValueOp, BinaryCompareOp]);
export const LessEqual = symbol("LTE", "<=", [ValueOp, BinaryCompareOp]);
export const Less = symbol("LT", "<", [ValueOp, BinaryCompareOp]);
export const Add = symbol("ADD", "+");
export const Sub = symbol("SUB", "-");
export const Mul = symbol("MUL", "*");
export const Div = symbol("DIV", "/");
export const Mod = symbol("MOD", "%");
export const Pow = symbol("POW", "^");

export const And = reserved("and");
export const Or = reserved("or");
export const Unless = reserved("unless");
export const By = reserved("by");
export const Without = reserved("without");
export const On = reserved("on");
export const Ignoring = reserved("ignoring");
export const GroupLeft = reserved("group_left");
export const GroupRight = reserved("group_right");
export const Bool = reserved("bool");
export const Offset = reserved("offset");

/** Names of functions, by what may follow them. */
export const RangeOpName = createToken({ name: "range aggregation", pattern: Lexer.NA });
export const VectorOpName = createToken({ name: "aggregation", pattern: Lexer.NA });

const rangeOps = RANGE_OPS.map((op) => word(op, [RangeOpName]));
const vectorOps = VECTOR_OPS.map((op) => word(op, [VectorOpName]));

export const LabelReplace = word("label_replace");
export const Vector = word("vector");
export const Ip = word("ip");
export const Json = word("json");
export const Logfmt = word("logfmt");
export const RegexpWord = word("regexp");
export const PatternWord = word("pattern");
export const Unpack = word("unpack");
export const LineFormat = word("line_format");
export const LabelFormat = word("label_format");
export const Decolorize = word("decolorize");
export const Drop = word("drop");
export const Keep = word("keep");
export const Unwrap = word("unwrap");
export const Distinct = word("distinct");
export const Sort = vectorOps[VECTOR_OPS.indexOf("sort")]!;
export const Ascending = word("asc");
export const Descending = word("desc");
export const Context = word("context");
export const Before = word("before");
export const After = word("after");
export const Duration = word("duration");
export const DurationSeconds = word("duration_seconds");
export const Bytes = word("bytes");

/** The lexer takes the first that fits, so what is longer stands first. */
export const TOKENS: TokenType[] = [
  WhiteSpace,
  Comment,
  QuotedString,
  DurationLiteral,
  BytesLiteral,
  NumberLiteral,
  StrictFlag,
  KeepEmptyFlag,
  LBrace,
  RBrace,
  LParen,
  RParen,
  LBracket,
  RBracket,
  Comma,
  MatchOp,
  LineOp,
  ValueOp,
  BinaryCompareOp,
  PipeExact,
  PipeMatch,
  PipePattern,
  Pipe,
  NotPattern,
  NotEqual,
  NotMatch,
  Match,
  EqualEqual,
  Equal,
  GreaterEqual,
  Greater,
  LessEqual,
  Less,
  Add,
  Sub,
  Mul,
  Div,
  Mod,
  Pow,
  And,
  Or,
  Unless,
  By,
  Without,
  On,
  Ignoring,
  GroupLeft,
  GroupRight,
  Bool,
  Offset,
  RangeOpName,
  VectorOpName,
  ...rangeOps,
  ...vectorOps,
  LabelReplace,
  Vector,
  Ip,
  Json,
  Logfmt,
  RegexpWord,
  PatternWord,
  Unpack,
  LineFormat,
  LabelFormat,
  Decolorize,
  Drop,
  Keep,
  Unwrap,
  Distinct,
  Ascending,
  Descending,
  Context,
  Before,
  After,
  Duration,
  DurationSeconds,
  Bytes,
  Identifier,
];
