/**
 * Compiles a label matcher into a predicate, with what an index can use to look values up instead of testing
 * all.
 */
import { unreachable, type Matcher } from "@binnacle/model";
import { Regexp } from "./regexp.ts";

export interface MatcherPredicate {
  readonly matcher: Matcher;
  test(value: string): boolean;
  /** Whether a series without the label matches. */
  readonly matchesEmpty: boolean;
  /** For `=` and for patterns that spell out a few texts: the only values that can satisfy `=`/`=~`. */
  readonly values: readonly string[] | undefined;
  /** For `=` and `=~`: what every value that satisfies it begins with; "" where nothing is known. */
  readonly prefix: string;
}

/** Throws BAD_REGEXP. */
export function compileMatcher(matcher: Matcher): MatcherPredicate {
  const { op, value } = matcher;
  switch (op) {
    case "=":
      return predicate(matcher, (text) => text === value, { values: [value], prefix: value });
    case "!=":
      return predicate(matcher, (text) => text !== value, NOTHING_KNOWN);
    case "=~":
    case "!~": {
      const re = Regexp.compile(value, { anchored: true, dotAll: true });
      return op === "=~"
        ? predicate(matcher, (text) => re.test(text), re)
        : predicate(matcher, (text) => !re.test(text), NOTHING_KNOWN);
    }
    default:
      return unreachable(op);
  }
}

const NOTHING_KNOWN = { values: undefined, prefix: "" };

function predicate(
  matcher: Matcher,
  test: (value: string) => boolean,
  known: { readonly values: readonly string[] | undefined; readonly prefix: string },
): MatcherPredicate {
  const { values, prefix } = known;
  return { matcher, test, matchesEmpty: test(""), values, prefix };
}
