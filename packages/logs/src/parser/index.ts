/** LogQL's parser and printer. Runs in a browser too: nothing here may import a Node built-in. */
import { Lexer } from "chevrotain";
import { QUERY_LENGTH_MAX } from "../limits.ts";
import type { LogExpr } from "./ast.ts";
import { LogqlGrammar } from "./grammar.ts";
import { parseErrorAt, positionOf } from "./parse-error.ts";
import { TOKENS } from "./tokens.ts";
import { validate } from "./validate.ts";

export type * from "./ast.ts";
export { isArranging } from "./ast.ts";
export { prettyLogQL } from "./pretty.ts";
export { printLogQL } from "./print.ts";

let shared: { readonly lexer: Lexer; readonly grammar: LogqlGrammar } | undefined;

/** Made when first needed: the analysis of the grammar takes some ms. */
function tools(): { readonly lexer: Lexer; readonly grammar: LogqlGrammar } {
  shared ??= { lexer: new Lexer(TOKENS, { positionTracking: "full" }), grammar: new LogqlGrammar() };
  return shared;
}

/** Throws PARSE_ERROR: `parse error at line L, col C: …`, with the position. */
export function parseLogQL(query: string): LogExpr {
  if (query.length > QUERY_LENGTH_MAX) {
    const text = `the query has ${query.length} characters, over the limit of ${QUERY_LENGTH_MAX}`;
    throw parseErrorAt({ line: 1, column: 1 }, text);
  }
  const { lexer, grammar } = tools();
  const { tokens, errors } = lexer.tokenize(query);
  const [wrong] = errors;
  grammar.input = tokens;
  const expr = wrong === undefined ? grammar.query() : undefined;
  const [error] = grammar.errors;
  if (wrong !== undefined) {
    const position = { line: wrong.line ?? 1, column: wrong.column ?? 1 };
    const found = query.slice(wrong.offset, wrong.offset + 1);
    const isOpenString = found === '"' || found === "`";
    throw parseErrorAt(
      position,
      isOpenString ? "literal not terminated" : `unexpected character ${JSON.stringify(found)}`,
    );
  }
  if (error !== undefined) {
    const isAtEnd = error.token.image === "";
    throw parseErrorAt(isAtEnd ? endOf(query) : positionOf(error.token), error.message);
  }
  validate(expr!);
  return expr!;
}

/** Where one would go on writing. */
function endOf(query: string): { line: number; column: number } {
  const lines = query.split("\n");
  return { line: lines.length, column: lines[lines.length - 1]!.length + 1 };
}
