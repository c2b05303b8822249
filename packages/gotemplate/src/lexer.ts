/**
 * Cuts a template into tokens: the text between actions, and the words inside them.
 *
 * Spaces inside actions are tokens, since they tell `.A.B` from `.A .B`. Trim markers are dealt with here:
 * text tokens come out trimmed. Comments give no token.
 */
import type { Source } from "./source.ts";

export type TokenKind =
  | "text"
  | "open"
  | "close"
  | "space"
  | "keyword"
  | "identifier"
  | "field"
  | "variable"
  | "dot"
  | "nil"
  | "bool"
  | "number"
  | "char"
  | "string"
  | "rawString"
  | "pipe"
  | "leftParen"
  | "rightParen"
  | "declare"
  | "assign"
  | "comma"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  /** As it stands in the template; for text, after trimming. */
  readonly text: string;
  readonly at: number;
}

const KEYWORDS = new Set([
  "block",
  "break",
  "continue",
  "define",
  "else",
  "end",
  "if",
  "range",
  "template",
  "with",
]);

const PUNCTUATION: readonly (readonly [string, TokenKind])[] = [
  [":=", "declare"],
  ["=", "assign"],
  ["|", "pipe"],
  ["(", "leftParen"],
  [")", "rightParen"],
  [",", "comma"],
];

const SPACE = /[ \t\r\n]+/y;
const WORD = /[\p{L}\p{Nd}_]+/uy;
// What Go's parser for numbers could read: the exact check is the parser's, when it converts.
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_.]*(?:[pP][+-]?[0-9_]*)?|0[oObB][0-9_]*|[0-9_.]+(?:[eE][+-]?[0-9_]*)?)/y;

export function tokenize(source: Source): readonly Token[] {
  const lexer = new Lexer(source);
  lexer.run();
  return lexer.tokens;
}

class Lexer {
  readonly tokens: Token[] = [];
  readonly #source: Source;
  readonly #text: string;
  #at = 0;
  #parens = 0;

  constructor(source: Source) {
    this.#source = source;
    this.#text = source.text;
  }

  run(): void {
    const text = this.#text;
    let trimStart = false;
    while (this.#at < text.length) {
      const open = text.indexOf("{{", this.#at);
      const end = open < 0 ? text.length : open;
      const trimEnd = open >= 0 && text[open + 2] === "-" && isSpace(text[open + 3]);
      this.#emitText(end, trimStart, trimEnd);
      if (open < 0) break;
      this.#at = open + (trimEnd ? 3 : 2);
      trimStart = this.#isComment(trimEnd) ? this.#skipComment(open) : this.#action(open);
    }
    this.#push("end", "", text.length);
  }

  #push(kind: TokenKind, text: string, at: number): void {
    this.tokens.push({ kind, text, at });
  }

  #emitText(end: number, trimStart: boolean, trimEnd: boolean): void {
    let start = this.#at;
    let stop = end;
    if (trimStart) while (start < stop && isSpace(this.#text[start])) start++;
    if (trimEnd) while (stop > start && isSpace(this.#text[stop - 1])) stop--;
    if (stop > start) this.#push("text", this.#text.slice(start, stop), start);
  }

  /** A comment stands right after the delimiter, or after the one space that a trim marker needs. */
  #isComment(trimmed: boolean): boolean {
    const start = trimmed ? this.#skipSpaces(this.#at) : this.#at;
    return this.#text.startsWith("/*", start);
  }

  #skipSpaces(from: number): number {
    let at = from;
    while (isSpace(this.#text[at])) at++;
    return at;
  }

  /** Leaves the position after the comment's delimiter; answers whether that trims what follows. */
  #skipComment(open: number): boolean {
    const text = this.#text;
    const end = text.indexOf("*/", this.#at);
    if (end < 0) throw this.#source.error(open, "unclosed comment");
    const after = end + 2;
    if (text.startsWith("}}", after)) {
      this.#at = after + 2;
      return false;
    }
    const trim = this.#trimsBeforeClose(after);
    if (trim === undefined) throw this.#source.error(open, "comment ends before closing delimiter");
    this.#at = trim;
    return true;
  }

  /** Where a ` -}}` that begins here (at its space) ends, if one does. */
  #trimsBeforeClose(at: number): number | undefined {
    if (!isSpace(this.#text[at])) return undefined;
    const dash = this.#skipSpaces(at);
    return this.#text.startsWith("-}}", dash) ? dash + 3 : undefined;
  }

  /** Cuts one action; answers whether its closing delimiter trims what follows. */
  #action(open: number): boolean {
    this.#push("open", "{{", open);
    this.#parens = 0;
    const text = this.#text;
    for (;;) {
      const at = this.#at;
      const trimmed = this.#trimsBeforeClose(at);
      const closes = trimmed !== undefined || text.startsWith("}}", at);
      if (closes) {
        if (this.#parens > 0) throw this.#source.error(at, "unclosed left paren");
        this.#push("close", "}}", at);
        this.#at = trimmed ?? at + 2;
        return trimmed !== undefined;
      }
      if (at >= text.length) throw this.#source.error(open, "unclosed action");
      this.#insideAction();
    }
  }

  #insideAction(): void {
    const at = this.#at;
    const text = this.#text;
    const char = text[at]!;
    if (isSpace(char)) return this.#take("space", match(SPACE, text, at)!);
    for (const [mark, kind] of PUNCTUATION) {
      if (!text.startsWith(mark, at)) continue;
      this.#countParens(kind, at);
      return this.#take(kind, mark);
    }
    if (char === '"' || char === "'") return this.#quoted(char);
    if (char === "`") return this.#rawString();
    if (char === "$") return this.#named("variable", "$");
    if (/[0-9+-]/.test(char) || (char === "." && /[0-9]/.test(text[at + 1] ?? ""))) return this.#number();
    if (char === ".") return this.#named("field", ".");
    const word = match(WORD, text, at);
    if (word === undefined) throw this.#badCharacter("unexpected bad character", at);
    this.#take(wordKind(word), word);
    this.#checkTerminated();
  }

  #take(kind: TokenKind, text: string): void {
    this.#push(kind, text, this.#at);
    this.#at += text.length;
  }

  #countParens(kind: TokenKind, at: number): void {
    if (kind === "leftParen") this.#parens++;
    if (kind !== "rightParen") return;
    if (--this.#parens < 0) throw this.#source.error(at, "unexpected right paren");
  }

  /** `$name`, `.Name`, or the mark alone. */
  #named(kind: "variable" | "field", mark: string): void {
    const word = match(WORD, this.#text, this.#at + 1);
    if (word === undefined && mark === ".") this.#take("dot", mark);
    else this.#take(kind, mark + (word ?? ""));
    this.#checkTerminated();
  }

  /** A name must end at a space, a delimiter or punctuation: `.X+1` is a mistake, not two words. */
  #checkTerminated(): void {
    const at = this.#at;
    const char = this.#text[at];
    if (char === undefined || isSpace(char) || ".,|:)(".includes(char)) return;
    if (this.#text.startsWith("}}", at)) return;
    throw this.#badCharacter("bad character", at);
  }

  #badCharacter(message: string, at: number): Error {
    const code = this.#text.codePointAt(at)!;
    const unicode = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
    return this.#source.error(at, `${message} ${unicode} '${String.fromCodePoint(code)}'`);
  }

  #number(): void {
    const number = match(NUMBER, this.#text, this.#at);
    const next = this.#text[this.#at + (number?.length ?? 1)];
    if (number === undefined || (next !== undefined && /[\p{L}\p{Nd}_]/u.test(next))) {
      throw this.#source.error(
        this.#at,
        `bad number syntax: ${JSON.stringify(number ?? this.#text[this.#at])}`,
      );
    }
    this.#take("number", number);
  }

  #quoted(quote: string): void {
    const what = quote === '"' ? "unterminated quoted string" : "unterminated character constant";
    for (let i = this.#at + 1; i < this.#text.length; i++) {
      const char = this.#text[i];
      if (char === "\n") break;
      if (char === "\\") i++;
      else if (char === quote) {
        return this.#take(quote === '"' ? "string" : "char", this.#text.slice(this.#at, i + 1));
      }
    }
    throw this.#source.error(this.#at, what);
  }

  #rawString(): void {
    const end = this.#text.indexOf("`", this.#at + 1);
    if (end < 0) throw this.#source.error(this.#at, "unterminated raw quoted string");
    this.#take("rawString", this.#text.slice(this.#at, end + 1));
  }
}

function wordKind(word: string): TokenKind {
  if (KEYWORDS.has(word)) return "keyword";
  if (word === "true" || word === "false") return "bool";
  return word === "nil" ? "nil" : "identifier";
}

function isSpace(char: string | undefined): boolean {
  return char === " " || char === "\t" || char === "\r" || char === "\n";
}

function match(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}
