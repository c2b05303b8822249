export { compileMatcher, type MatcherPredicate } from "./matcher-predicate.ts";
export { PATTERN_LENGTH_MAX, Regexp, type RegexpOptions } from "./regexp.ts";
