/** Compiles a label matcher into a predicate, with what an index can use to look values up instead of testing all. */
import { unreachable, type Matcher } from "@binnacle/model";
import { Regexp } from "./regexp.ts";

export interface MatcherPredicate {
  readonly matcher: Matcher;
  test(value: string): boolean;
  /** Whether a series without the label matches. */
  readonly matchesEmpty: boolean;
  /** For `=` and for patterns that are just alternatives of literals: the only values that can satisfy `=`/`=~`. */
  readonly values: readonly string[] | undefined;
}

/** Throws BAD_REGEXP. */
export function compileMatcher(matcher: Matcher): MatcherPredicate {
  const { op, value } = matcher;
  switch (op) {
    case "=":
      return predicate(matcher, (text) => text === value, [value]);
    case "!=":
      return predicate(matcher, (text) => text !== value, undefined);
    case "=~":
    case "!~": {
      const re = Regexp.compile(value, { anchored: true, dotAll: true });
      const alternatives = literalAlternatives(value);
      const set = alternatives === undefined ? undefined : new Set(alternatives);
      const matches = set === undefined ? (text: string) => re.test(text) : (text: string) => set.has(text);
      return op === "=~"
        ? predicate(matcher, matches, alternatives)
        : predicate(matcher, (text) => !matches(text), undefined);
    }
    default:
      return unreachable(op);
  }
}

function predicate(
  matcher: Matcher,
  test: (value: string) => boolean,
  values: readonly string[] | undefined,
): MatcherPredicate {
  return { matcher, test, matchesEmpty: test(""), values };
}

/** `a|b|c` without any metacharacter but the bars. */
function literalAlternatives(pattern: string): readonly string[] | undefined {
  return /^[^\\.+*?()[\]{}^$]*$/.test(pattern) ? pattern.split("|") : undefined;
}
