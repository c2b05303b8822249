/** PromQL: parser, engine and the runner of its test scripts. */
export * from "./engine/index.ts";
export { FEATURES, format, parse, print, type Expr } from "./parser/index.ts";
export { MemorySource, type MemorySample, type SampleValue } from "./promqltest/memory-source.ts";
export { runPromqltest, type PromqltestOptions, type PromqltestReport } from "./promqltest/run.ts";
export { ScriptError } from "./promqltest/script.ts";
