/** A configuration file: Prometheus's sections, and Binnacle's own under `binnacle:`. */
import {
  globalScrapeDefaults,
  globalScrapeFields,
  relabelConfigSchema,
  relabelLabels,
  scrapeConfigsSchema,
} from "@binnacle/agent";
import { alertingSchema } from "@binnacle/alerting";
import { byteSize, durationMs, labelSet } from "@binnacle/config";
import { z } from "zod";
import { binnacleSchema } from "./binnacle-section.ts";
import { otlpSchema } from "./otlp-section.ts";

const globalSchema = z
  .strictObject({
    ...globalScrapeFields,
    evaluation_interval: durationMs.optional(),
    rule_query_offset: durationMs.optional(),
    external_labels: labelSet.optional(),
    query_log_file: z.string().optional(),
  })
  .superRefine((value, context) => {
    const { scrape_interval: interval = globalScrapeDefaults.scrape_interval, scrape_timeout: timeout } =
      value;
    if (timeout === undefined || timeout <= interval) return;
    const message = "a timeout that is not longer than scrape_interval";
    context.addIssue({ code: "custom", message, path: ["scrape_timeout"], input: `${timeout}ms` });
  })
  .prefault({});

/** Of storage Binnacle takes what has a meaning for its own store. */
const storageSchema = z.looseObject({
  tsdb: z
    .looseObject({
      out_of_order_time_window: durationMs.optional(),
      retention: z.looseObject({ time: durationMs.optional(), size: byteSize.optional() }).optional(),
    })
    .optional(),
});

export const fileSchema = z
  .strictObject({
    global: globalSchema,
    scrape_configs: scrapeConfigsSchema.default([]),
    rule_files: z.array(z.string().min(1)).default([]),
    alerting: alertingSchema({ schema: relabelConfigSchema, relabel: relabelLabels }).prefault({}),
    storage: storageSchema.prefault({}),
    scrape_config_files: z.array(z.string()).optional(),
    remote_write: z.array(z.unknown()).optional(),
    remote_read: z.array(z.unknown()).optional(),
    tracing: z.unknown().optional(),
    otlp: otlpSchema,
    runtime: z.unknown().optional(),
    binnacle: binnacleSchema,
  })
  .superRefine((value, context) => {
    // A job that says only one of interval and timeout has the other from `global`.
    const globalIntervalMs = value.global.scrape_interval ?? globalScrapeDefaults.scrape_interval;
    value.scrape_configs.forEach((job, i) => {
      if (job.scrape_timeout === undefined || job.scrape_interval !== undefined) return;
      if (job.scrape_timeout <= globalIntervalMs) return;
      const message = `a timeout that is not longer than global.scrape_interval, ${globalIntervalMs}ms`;
      const path = ["scrape_configs", i, "scrape_timeout"];
      context.addIssue({ code: "custom", message, path, input: `${job.scrape_timeout}ms` });
    });
  });

export type FileConfig = z.output<typeof fileSchema>;
