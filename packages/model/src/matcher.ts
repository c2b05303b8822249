/** Matchers: `name="value"` and its three kin. Their predicates are compiled by @binnacle/re2. */

export type MatcherOp = "=" | "!=" | "=~" | "!~";

export interface Matcher {
  readonly name: string;
  readonly op: MatcherOp;
  /** A text, or for =~ and !~ an RE2 pattern that must match the whole value. */
  readonly value: string;
}

export function formatMatcher(matcher: Matcher): string {
  const plain = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(matcher.name);
  const name = plain ? matcher.name : JSON.stringify(matcher.name);
  return `${name}${matcher.op}${JSON.stringify(matcher.value)}`;
}

export function formatMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.map(formatMatcher).join(", ")}}`;
}
