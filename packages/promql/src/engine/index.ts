export { RangeCache, type RangeCacheStats } from "../cache/range-cache.ts";
export { Engine, type EngineOptions, type InstantQuery, type RangeQuery } from "./engine.ts";
export { QueryTrace, type NodeFigures } from "./query-trace.ts";
export { parseQuery } from "../parse-query.ts";
