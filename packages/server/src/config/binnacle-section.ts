/** The section `binnacle:` of a configuration file: all settings that are not Prometheus's own. */
import { NOTIFICATIONS_DEFAULT, notificationsSchema } from "@binnacle/alerting";
import { byteSize, durationMs, httpUrl, labelSet } from "@binnacle/config";
import { QUERY_LIMITS_DEFAULT } from "@binnacle/model";
import { z } from "zod";
import { LOG_LEVELS } from "../cli/flags.ts";
import { LINE_BYTES_MAX } from "../limits.ts";
import { listenAddress } from "./listen-address-piece.ts";
import { selectorRetentionSchema } from "./selector-retention.ts";
import { streamRetentionSchema } from "./stream-retention.ts";
import { syslogSchema } from "./syslog-section.ts";
import {
  CONTAINER_LOGS_DEFAULT,
  DOCKER_LOGS_DEFAULT,
  LOG_FILES_DEFAULT,
  LOG_LINE_BYTES_DEFAULT,
  LOGS_RETENTION_DEFAULT_MS,
  OWN_INTERVAL_DEFAULT_MS,
  POD_LOGS_DEFAULT,
  QUERY_CACHE_BYTES_DEFAULT,
} from "./defaults.ts";

const positiveDurationMs = durationMs.refine((ms) => ms > 0, { error: "a duration over 0" });

/** Something the program does by itself, and how often. */
const ownSourceFields = {
  enabled: z.boolean().default(true),
  interval: positiveDurationMs.default(OWN_INTERVAL_DEFAULT_MS),
};

const logFiles = z.strictObject({
  /** Globs. */
  paths: z.array(z.string().min(1)).min(1),
  exclude: z.array(z.string().min(1)).default([]),
  labels: labelSet.optional(),
  /** Of which zone dates of classic syslog are; off: they are text. */
  syslog_dates: z.enum(["local", "utc", "off"]).default("local"),
});

/** A folder that is looked at if it exists; an empty text switches it off. */
const optionalFolder = (path: string) => z.string().default(path);

export const binnacleSchema = z
  .strictObject({
    listen: listenAddress.optional(),
    data: z.string().min(1).optional(),
    log_level: z.enum(LOG_LEVELS).optional(),
    external_url: httpUrl.optional(),
    admin_api: z.boolean().optional(),
    cors_origin: z.string().min(1).optional(),
    forward: httpUrl.optional(),
    retention: z
      .strictObject({
        metrics: positiveDurationMs.optional(),
        /** Bytes of metrics on disk. */
        size: byteSize.refine((bytes) => bytes > 0, { error: "a size over 0" }).optional(),
        selectors: z.array(selectorRetentionSchema).default([]),
        logs: positiveDurationMs.default(LOGS_RETENTION_DEFAULT_MS),
        /** Bytes of logs on disk. */
        logs_size: byteSize.refine((bytes) => bytes > 0, { error: "a size over 0" }).optional(),
        logs_selectors: z.array(streamRetentionSchema).default([]),
      })
      .prefault({}),
    out_of_order_window: durationMs.optional(),
    query: z
      .strictObject({
        timeout: positiveDurationMs.default(QUERY_LIMITS_DEFAULT.timeoutMs),
        samples_max: z.int().min(1).default(QUERY_LIMITS_DEFAULT.samplesMax),
        series_max: z.int().min(1).default(QUERY_LIMITS_DEFAULT.seriesMax),
        bytes_max: byteSize.default(QUERY_LIMITS_DEFAULT.bytesMax),
        cache_bytes_max: byteSize.default(QUERY_CACHE_BYTES_DEFAULT),
      })
      .prefault({}),
    self_scrape: z.strictObject(ownSourceFields).prefault({}),
    host: z.strictObject({ ...ownSourceFields, root: z.string().min(1).default("/") }).prefault({}),
    log_sources: z
      .strictObject({
        own: z.boolean().default(true),
        pod_logs: optionalFolder(POD_LOGS_DEFAULT),
        container_logs: optionalFolder(CONTAINER_LOGS_DEFAULT),
        docker_logs: optionalFolder(DOCKER_LOGS_DEFAULT),
        files: z.array(logFiles).prefault([{ paths: [...LOG_FILES_DEFAULT] }]),
      })
      .prefault({}),
    logs: z
      .strictObject({
        /** What Loki derives at push: the label service_name, and a level for lines that bring none. */
        discover_service_name: z.boolean().default(true),
        discover_log_levels: z.boolean().default(true),
        line_bytes_max: byteSize
          .refine((bytes) => bytes > 0 && bytes <= LINE_BYTES_MAX, { error: "a size over 0, up to 16MiB" })
          .default(LOG_LINE_BYTES_DEFAULT),
        long_lines: z.enum(["refuse", "cut"]).default("refuse"),
      })
      .prefault({}),
    syslog: syslogSchema,
    /** Whether the rules that come with the program are evaluated beside rule_files. */
    default_rules: z.boolean().default(true),
    notifications: notificationsSchema.default(NOTIFICATIONS_DEFAULT),
  })
  .prefault({});
