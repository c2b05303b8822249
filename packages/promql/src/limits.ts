/** Limits of the PromQL parser and engine. Each names its unit and what happens past it. */

/** Longest query, in UTF-16 code units. Past it: PARSE_ERROR. */
export const QUERY_LENGTH_MAX = 1_048_576;

/**
 * Deepest nesting of parentheses, calls and brackets. Past it: PARSE_ERROR. Guards the stack of the parser.
 */
export const NESTING_MAX = 100;

/** Deepest syntax tree, which a long chain of operators makes as well. Past it: PARSE_ERROR. */
export const TREE_DEPTH_MAX = 500;

/** Most points a series of a range query may have. Past it: BAD_PARAMETER. */
export const POINTS_MAX_DEFAULT = 11_000;

/** Most annotations of one kind that an answer carries; the rest are counted in one line. */
export const ANNOTATIONS_MAX = 10;

/** Most quantiles that one histogram_quantiles may ask for. Past it: PARSE_ERROR. */
export const QUANTILES_MAX = 10;

/**
 * Bytes of windows that a selector's function remembers, by column of times. Past it those of further targets
 * are worked out again for each series.
 */
export const WINDOWS_BYTES_MAX = 8 * 1024 * 1024;

/** Trees of queries an engine remembers: a dashboard asks the same again and again. The oldest goes. */
export const PARSED_QUERIES_MAX = 256;
/** Characters of a query that is remembered; a longer one is parsed each time. */
export const PARSED_QUERY_LENGTH_MAX = 4096;

/** Range queries of fewer steps are neither kept nor looked for among what is kept. */
export const EXTENT_STEPS_MIN = 8;
/** Most steps of one expression that are kept; past it only those that were asked for last. */
export const EXTENT_STEPS_MAX = 11_000;
/** Share of all bytes that the answers of one expression may take; a larger one is not kept. */
export const EXTENT_SHARE_MAX = 0.25;

/**
 * Bytes that the value of an expression may take at most to be held for a second place of the query where it
 * stands as well; past it, it is evaluated there again.
 */
export const SHARED_VALUE_BYTES_MAX = 64 * 1024 * 1024;
