/** The log store, as the main thread uses it. Query threads import `reader`, `engine` and `parser`. */
export { LOG_LIMITS_DEFAULT, type LogLimits } from "./limits.ts";
export { LogStore } from "./store/log-store.ts";
export type { LogStoreOptions, LogStoreStats, TailListener } from "./store/store-options.ts";
export type { StreamRetention } from "./store/retention.ts";
export { verifyLogStore, type VerifiedLogFile } from "./verify.ts";
