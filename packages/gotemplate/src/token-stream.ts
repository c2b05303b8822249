/** The parser's view of the tokens: one ahead, with or without spaces, and its complaints. */
import type { Token, TokenKind } from "./lexer.ts";
import type { Source } from "./source.ts";

export class TokenStream {
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(source: Source, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  /** The next token, spaces included; the last one is an `end` that is never passed. */
  peek(): Token {
    return this.#tokens[this.#index]!;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.#index++;
    return token;
  }

  skipSpaces(): void {
    while (this.peek().kind === "space") this.#index++;
  }

  peekNonSpace(): Token {
    this.skipSpaces();
    return this.peek();
  }

  nextNonSpace(): Token {
    this.skipSpaces();
    return this.next();
  }

  /** The token that comes `ahead` words after the next one, spaces left out. */
  lookAhead(ahead: number): Token {
    let left = ahead;
    for (let i = this.#index; ; i++) {
      const token = this.#tokens[i]!;
      if (token.kind === "end") return token;
      if (token.kind !== "space" && left-- === 0) return token;
    }
  }

  expect(kind: TokenKind, context: string): Token {
    const token = this.nextNonSpace();
    if (token.kind !== kind) throw this.unexpected(token, context);
    return token;
  }

  error(at: number, message: string): Error {
    return this.#source.error(at, message);
  }

  unexpected(token: Token, context: string): Error {
    if (token.kind === "end") return this.error(token.at, `unexpected EOF in ${context}`);
    const shown = token.kind === "keyword" ? `{{${token.text}}}` : JSON.stringify(token.text);
    return this.error(token.at, `unexpected ${shown} in ${context}`);
  }
}
