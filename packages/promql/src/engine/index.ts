export { Engine, type EngineOptions, type InstantQuery, type RangeQuery } from "./engine.ts";
export { parseQuery } from "../parse-query.ts";
