/** PromQL's parser. Runs in a browser: it imports the model and chevrotain, nothing of Node. */
export * from "./ast.ts";
export { AGGREGATIONS, isAggregationName, type AggregationName } from "./aggregations.ts";
export { typeOf } from "./check.ts";
export { evaluateDuration, type DurationEnvironment } from "./duration-value.ts";
export { ALL_LANGUAGE_FEATURES, FEATURES, NO_FEATURES } from "./features.ts";
export { format } from "./format.ts";
export { FUNCTIONS, isFunctionName, type FunctionName, type FunctionSignature } from "./functions.ts";
export { formatGeneral, formatPlain, parseNumber } from "./numbers.ts";
export { parse, type ParseOptions } from "./parse.ts";
export { print } from "./print.ts";
export { isValidText, quote, unquote } from "./quoting.ts";
export { children, walk } from "./visit.ts";
