/** LogQL's engine: what query threads, rules and the live tail evaluate with. */
export type { LogEntry } from "./log-entry.ts";
export { LEVEL_FIELDS, LEVEL_LABEL } from "./detected-level.ts";
export {
  LogEngine,
  type Direction,
  type LogEngineOptions,
  type LogInstantQuery,
  type LogQueryResult,
  type LogQueryValue,
  type LogRangeQuery,
} from "./log-engine.ts";
export type { QueryStats } from "./query-stats.ts";
export type { StreamResult } from "./streams-query.ts";
export { compileTail, type TailQuery } from "./tail.ts";
