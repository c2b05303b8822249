/** `scrape_configs` as Prometheus writes them: what a job scrapes, and how. */
import { byteSize, durationMs, labelSet } from "@binnacle/config";
import type { Labels } from "@binnacle/model";
import type { BucketBounds, ProtobufScrapeOptions } from "@binnacle/wire";
import { z } from "zod";
import {
  exclusive,
  HTTP_KEYS_WITHOUT_EFFECT,
  httpConfigFields,
  resolveHttpConfig,
  type HttpConfig,
} from "./http-config.ts";
import { relabelConfigSchema, type RelabelConfig } from "./relabel-config.ts";
import { SCRAPE_KEYS_WITHOUT_EFFECT, withoutEffectFields } from "./without-effect.ts";

export const SCRAPE_PROTOCOLS = [
  "PrometheusProto",
  "OpenMetricsText1.0.0",
  "OpenMetricsText0.0.1",
  "PrometheusText1.0.0",
  "PrometheusText0.0.4",
] as const;
export type ScrapeProtocol = (typeof SCRAPE_PROTOCOLS)[number];

/** Keys that `global` has too, and which a job takes from there when it does not give them. */
const sharedFields = {
  scrape_interval: durationMs.optional(),
  scrape_timeout: durationMs.optional(),
  scrape_protocols: z.array(z.enum(SCRAPE_PROTOCOLS)).min(1).optional(),
  body_size_limit: byteSize.optional(),
  sample_limit: z.int().min(0).optional(),
  label_limit: z.int().min(0).optional(),
  label_name_length_limit: z.int().min(0).optional(),
  label_value_length_limit: z.int().min(0).optional(),
  target_limit: z.int().min(0).optional(),
  keep_dropped_targets: z.int().min(0).optional(),
  extra_scrape_metrics: z.boolean().optional(),
  metric_name_validation_scheme: z.enum(["utf8", "legacy"]).optional(),
  metric_name_escaping_scheme: z.enum(["allow-utf-8", "underscores", "dots", "values"]).optional(),
  scrape_native_histograms: z.boolean().optional(),
  convert_classic_histograms_to_nhcb: z.boolean().optional(),
  always_scrape_classic_histograms: z.boolean().optional(),
  scrape_failure_log_file: z.string().optional(),
};

/** Keys of `global` that concern scraping: the server spreads them into its own schema of that section. */
export const globalScrapeFields = sharedFields;
export type GlobalScrape = z.infer<z.ZodObject<typeof globalScrapeFields>>;

/** What `global` means where it says nothing. */
export const globalScrapeDefaults = {
  scrape_interval: 60_000,
  scrape_timeout: 10_000,
  scrape_protocols: [
    "OpenMetricsText1.0.0",
    "OpenMetricsText0.0.1",
    "PrometheusText1.0.0",
    "PrometheusText0.0.4",
  ],
  body_size_limit: 0,
  sample_limit: 0,
  label_limit: 0,
  label_name_length_limit: 0,
  label_value_length_limit: 0,
  target_limit: 0,
  keep_dropped_targets: 0,
  extra_scrape_metrics: false,
  scrape_native_histograms: false,
  always_scrape_classic_histograms: false,
  convert_classic_histograms_to_nhcb: false,
} as const satisfies GlobalScrape;

/** What a job asks for first that wants native histograms: only protobuf has them. */
const PROTOBUF_FIRST: readonly ScrapeProtocol[] = [
  "PrometheusProto",
  ...globalScrapeDefaults.scrape_protocols,
];

const targetGroupSchema = z.strictObject({
  targets: z.array(z.string()).default([]),
  labels: labelSet.optional(),
});

/** What a file of file_sd_configs holds. */
export const targetGroupsSchema = z.array(targetGroupSchema);

const fileDiscoverySchema = z.strictObject({
  files: z.array(
    z.string().refine((path) => /^[^*]*(\*[^/]*)?\.(json|yml|yaml)$/.test(path), {
      error: "a path ending .json, .yml or .yaml, with at most one * in its last part",
    }),
  ),
  refresh_interval: durationMs.default(300_000),
});

export const scrapeConfigSchema = z
  .strictObject({
    job_name: z.string().min(1),
    ...sharedFields,
    fallback_scrape_protocol: z.enum(SCRAPE_PROTOCOLS).optional(),
    native_histogram_bucket_limit: z.int().min(0).default(0),
    native_histogram_min_bucket_factor: z.number().min(0).default(0),
    metrics_path: z.string().default("/metrics"),
    honor_labels: z.boolean().default(false),
    honor_timestamps: z.boolean().default(true),
    track_timestamps_staleness: z.boolean().default(false),
    scheme: z.enum(["http", "https"]).default("http"),
    params: z.record(z.string(), z.array(z.string())).optional(),
    enable_compression: z.boolean().default(true),
    ...httpConfigFields,
    static_configs: z.array(targetGroupSchema).optional(),
    file_sd_configs: z.array(fileDiscoverySchema).optional(),
    relabel_configs: z.array(relabelConfigSchema).optional(),
    metric_relabel_configs: z.array(relabelConfigSchema).optional(),
    ...withoutEffectFields([...SCRAPE_KEYS_WITHOUT_EFFECT, ...HTTP_KEYS_WITHOUT_EFFECT]),
  })
  .superRefine((value, context) => {
    exclusive(value, ["basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file"], context);
    if (value.scrape_interval === 0) {
      const message = "an interval over 0";
      context.addIssue({ code: "custom", message, path: ["scrape_interval"], input: "0s" });
    }
    const { scrape_interval: interval, scrape_timeout: timeout } = value;
    if (interval !== undefined && timeout !== undefined && timeout > interval) {
      const message = "a timeout that is not longer than scrape_interval";
      context.addIssue({ code: "custom", message, path: ["scrape_timeout"], input: `${timeout}ms` });
    }
  });

export const scrapeConfigsSchema = z.array(scrapeConfigSchema).superRefine((configs, context) => {
  const seen = new Set<string>();
  configs.forEach((config, i) => {
    if (seen.has(config.job_name)) {
      const message = "a job_name that no other scrape configuration has";
      context.addIssue({ code: "custom", message, path: [i, "job_name"], input: config.job_name });
    }
    seen.add(config.job_name);
  });
});

/** A scrape configuration as a file gives it: Prometheus's keys, durations in ms, sizes in bytes. */
export type ScrapeConfigInput = z.infer<typeof scrapeConfigSchema>;

export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Labels | undefined;
}

export interface FileDiscoveryConfig {
  readonly files: readonly string[];
  readonly refreshIntervalMs: number;
}

/** A scrape configuration with `global` applied. Of every limit 0 means none. */
export interface ScrapeConfig {
  readonly jobName: string;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  readonly fallbackScrapeProtocol: ScrapeProtocol | undefined;
  readonly metricsPath: string;
  readonly scheme: "http" | "https";
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly enableCompression: boolean;
  readonly extraScrapeMetrics: boolean;
  /** What becomes of histograms in protobuf. */
  readonly histograms: ProtobufScrapeOptions;
  readonly histogramBuckets: BucketBounds;
  readonly bodyBytesMax: number;
  readonly samplesMax: number;
  readonly labelsMax: number;
  readonly labelNameLengthMax: number;
  readonly labelValueLengthMax: number;
  readonly targetsMax: number;
  readonly droppedTargetsKeptMax: number;
  readonly http: HttpConfig;
  readonly relabelConfigs: readonly RelabelConfig[];
  readonly metricRelabelConfigs: readonly RelabelConfig[];
  readonly staticConfigs: readonly TargetGroup[];
  readonly fileDiscoveries: readonly FileDiscoveryConfig[];
}

/**
 * Applies `global`. A job's timeout is never longer than its interval unless the job itself says so, which is
 * refused.
 */
export function resolveScrapeConfig(given: ScrapeConfigInput, globals: GlobalScrape = {}): ScrapeConfig {
  const all = { ...globalScrapeDefaults, ...withoutUndefined(globals), ...withoutUndefined(given) };
  return {
    jobName: given.job_name,
    scrapeIntervalMs: all.scrape_interval,
    scrapeTimeoutMs: Math.min(all.scrape_timeout, all.scrape_interval),
    scrapeProtocols:
      given.scrape_protocols ??
      globals.scrape_protocols ??
      (all.scrape_native_histograms ? PROTOBUF_FIRST : globalScrapeDefaults.scrape_protocols),
    fallbackScrapeProtocol: given.fallback_scrape_protocol,
    metricsPath: given.metrics_path,
    scheme: given.scheme,
    params: given.params ?? {},
    honorLabels: given.honor_labels,
    honorTimestamps: given.honor_timestamps,
    trackTimestampsStaleness: given.track_timestamps_staleness,
    enableCompression: given.enable_compression,
    extraScrapeMetrics: all.extra_scrape_metrics,
    histograms: {
      takesNative: all.scrape_native_histograms,
      keepsClassic: all.always_scrape_classic_histograms,
      convertsClassic: all.convert_classic_histograms_to_nhcb,
    },
    histogramBuckets: {
      bucketsMax: given.native_histogram_bucket_limit,
      bucketFactorMin: given.native_histogram_min_bucket_factor,
    },
    bodyBytesMax: all.body_size_limit,
    samplesMax: all.sample_limit,
    labelsMax: all.label_limit,
    labelNameLengthMax: all.label_name_length_limit,
    labelValueLengthMax: all.label_value_length_limit,
    targetsMax: all.target_limit,
    droppedTargetsKeptMax: all.keep_dropped_targets,
    http: resolveHttpConfig(given),
    relabelConfigs: given.relabel_configs ?? [],
    metricRelabelConfigs: given.metric_relabel_configs ?? [],
    staticConfigs: (given.static_configs ?? []).map(toTargetGroup),
    fileDiscoveries: (given.file_sd_configs ?? []).map((config) => ({
      files: config.files,
      refreshIntervalMs: config.refresh_interval,
    })),
  };
}

export function toTargetGroup(given: z.infer<typeof targetGroupSchema>): TargetGroup {
  return { targets: given.targets, labels: given.labels };
}

/** The keys that have a value: an absent one must not hide what stands behind it. */
function withoutUndefined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
