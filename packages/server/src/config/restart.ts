/** What a reload cannot change: it is said, rather than left to be wondered about. */
import { isDeepStrictEqual } from "node:util";
import type { Config } from "./config.ts";

/** By setting, how people know it. What is not here is applied by a reload, or follows from what is. */
const FIXED = {
  listen: "listen",
  dataDir: "data",
  logLevel: "log_level",
  externalUrl: "external_url",
  corsOrigin: "cors_origin",
  adminApi: "admin_api",
  forward: "forward",
  externalLabels: "global.external_labels",
  evaluationIntervalMs: "global.evaluation_interval",
  ruleQueryOffsetMs: "global.rule_query_offset",
  host: "host",
  logSources: "log_sources",
  logFields: "logs",
  logLines: "logs",
  syslog: "syslog",
  metricsRetentionMs: "retention.metrics",
  metricsRetentionBytes: "retention.size",
  selectorRetentions: "retention.selectors",
  logsRetentionMs: "retention.logs",
  logsRetentionBytes: "retention.logs_size",
  streamRetentions: "retention.logs_selectors",
  outOfOrderWindowMs: "out_of_order_window",
  queryLimits: "query",
  queryCacheBytesMax: "query.cache_bytes_max",
} as const satisfies Partial<Record<keyof Config, string>>;

/** Settings that a changed file gives another value and that hold from the next start on only, by name. */
export function settingsThatNeedRestart(before: Config, after: Config): readonly string[] {
  const keys = Object.keys(FIXED) as (keyof typeof FIXED)[];
  return keys.filter((key) => !isDeepStrictEqual(before[key], after[key])).map((key) => FIXED[key]);
}
