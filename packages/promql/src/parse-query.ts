/** The parser with RE2 behind it: a pattern that RE2 refuses is refused with the query. */
import { compileMatcher } from "@binnacle/re2";
import { parse, type Expr } from "./parser/index.ts";

/** Throws PARSE_ERROR. */
export function parseQuery(query: string, options: { readonly features?: ReadonlySet<string> } = {}): Expr {
  return parse(query, { ...options, matchesEmpty: (matcher) => compileMatcher(matcher).matchesEmpty });
}
