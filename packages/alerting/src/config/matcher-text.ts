/**
 * Matchers as Alertmanager writes them: `severity = page`, `job=~"api-.*"`, `{a="b", c!="d"}`.
 *
 * Names and values may be bare words or quoted; a bare word ends at a space, a comma, a brace, a quote or an
 * operator.
 */
import { BinnacleError, type Matcher, type MatcherOp } from "@binnacle/model";
import { compileMatcher } from "@binnacle/re2";

const SPACES = /\s*/y;
const WORD = /[^\s{},"'`!=~]+/y;
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/y;
const OPERATOR = /=~|!~|!=|=/y;

/** Throws BAD_PARAMETER with the text and what was expected where, and BAD_REGEXP. */
export function parseMatchers(text: string): readonly Matcher[] {
  const reader = new Reader(text);
  const hasBraces = reader.take(/\{/y) !== undefined;
  const matchers: Matcher[] = [];
  for (;;) {
    if (reader.isAtEnd || (hasBraces && reader.peeks("}"))) break;
    matchers.push(reader.matcher());
    if (reader.take(/,/y) === undefined) break;
  }
  if (hasBraces && reader.take(/\}/y) === undefined) throw reader.expected("a closing brace");
  if (!reader.isAtEnd) throw reader.expected("a comma or the end");
  for (const matcher of matchers) compileMatcher(matcher);
  return matchers;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpaces();
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  peeks(char: string): boolean {
    return this.#text[this.#at] === char;
  }

  /** What a sticky pattern matches here, and the spaces after it. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    this.#skipSpaces();
    return found;
  }

  #skipSpaces(): void {
    SPACES.lastIndex = this.#at;
    this.#at += SPACES.exec(this.#text)?.[0].length ?? 0;
  }

  matcher(): Matcher {
    const name = this.#word();
    if (name === undefined || name === "") throw this.expected("a label name");
    const op = this.take(OPERATOR);
    if (op === undefined) throw this.expected("one of = != =~ !~");
    const value = this.#word();
    if (value === undefined) throw this.expected("a value");
    return { name, op: op as MatcherOp, value };
  }

  #word(): string | undefined {
    const quoted = this.take(QUOTED);
    if (quoted === undefined) return this.take(WORD);
    const inner = quoted.slice(1, -1);
    return inner.replace(/\\(.)/g, (escape, char: string) => {
      if (char === "n") return "\n";
      return char === '"' || char === "\\" ? char : escape;
    });
  }

  expected(what: string): BinnacleError {
    const matcher = JSON.stringify(this.#text);
    const message = `bad matcher ${matcher}: expected ${what} at character ${this.#at + 1}`;
    return new BinnacleError("BAD_PARAMETER", message);
  }
}
