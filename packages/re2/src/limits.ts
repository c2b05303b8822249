/**
 * Bounds of what is compiled. Only PATTERN_LENGTH_MAX refuses anything; past the others a pattern runs on
 * re2js.
 */

/** Longest pattern, in characters. Past it: BAD_REGEXP. */
export const PATTERN_LENGTH_MAX = 65_536;
/** Texts that a pattern may be spelled out into. */
export const VALUES_MAX = 256;
/** Characters of all those texts together. */
export const VALUES_LENGTH_MAX = 65_536;
/** Alternatives of one literal between two gaps. */
export const SEGMENT_VALUES_MAX = 16;
/** Characters of each: V8 looks for a text in time that may grow with its length. */
export const SEGMENT_LENGTH_MAX = 256;
/** Branches of a pattern's outermost alternation that are matched one after the other. */
export const BRANCHES_MAX = 32;
/**
 * Steps that matching the bounded part of a pattern may take at one place: paths through it times its length.
 */
export const STEPS_MAX = 256;
/** Groups within groups that our own parser follows; each is a level of recursion. */
export const DEPTH_MAX = 50;

/** States of a pattern that is matched against texts with holes. A larger one is not. */
export const HOLE_STATES_MAX = 1000;
