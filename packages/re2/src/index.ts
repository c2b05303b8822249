/** User regular expressions: RE2's syntax and meaning, in linear time. */
export { ANY_HOLE, HolePattern, type HoleVerdict } from "./hole-pattern.ts";
export { PATTERN_LENGTH_MAX } from "./limits.ts";
export { compileMatcher, type MatcherPredicate } from "./matcher-predicate.ts";
export { Regexp, type RegexpOptions } from "./regexp.ts";
