/** What bounds a template. Each limit names itself in the error that it gives. */

/** Longest text of a template, in characters. Past it: BAD_TEMPLATE at parsing. */
export const TEMPLATE_LENGTH_MAX = 1024 * 1024;
/**
 * How deep blocks and parentheses may nest. Past it: BAD_TEMPLATE at parsing; deeper could exhaust the stack.
 */
export const NESTING_DEPTH_MAX = 100;
/** How deep `template` may call `template`. Past it: BAD_TEMPLATE at execution. */
export const CALL_DEPTH_MAX = 100;
/**
 * Default of `maxOutputBytes`: bytes one execution may write, and one value may hold. Past it:
 * LIMIT_EXCEEDED.
 */
export const OUTPUT_BYTES_MAX = 1024 * 1024;
/** Default of `maxSteps`: nodes and operands one execution may evaluate. Past it: LIMIT_EXCEEDED. */
export const STEPS_MAX = 1_000_000;
/** Width of a verb of printf. Past it: printf writes `%!(BADWIDTH)`, as Go does for its own, higher bound. */
export const PRINTF_WIDTH_MAX = 10_000;
/** Precision of a verb of printf. Past it: printf writes `%!(BADPREC)`. */
export const PRINTF_PRECISION_MAX = 1000;
/** How often `executeAsync` starts anew because a function waited for something. Past it: LIMIT_EXCEEDED. */
export const SUSPENSIONS_MAX = 100;
