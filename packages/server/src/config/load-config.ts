/** Reads the configuration: one file or none, the rule files it names, and the flags before both. */
import fs from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { resolveScrapeConfig } from "@binnacle/agent";
import { DEFAULT_RULES_FILE } from "@binnacle/alerting";
import { ConfigError, parseYaml, type Mistake } from "@binnacle/config";
import { formatDuration, Labels } from "@binnacle/model";
import type { Flags, Mode } from "../cli/flags.ts";
import { formatListenAddress, isLoopback } from "../cli/listen-address.ts";
import type { Config, LogSourcesConfig } from "./config.ts";
import {
  DATA_DEFAULT,
  EVALUATION_INTERVAL_DEFAULT_MS,
  LISTEN_DEFAULT,
  METRICS_RETENTION_DEFAULT_MS,
  OUT_OF_ORDER_WINDOW_DEFAULT_MS,
} from "./defaults.ts";
import { describeConfig } from "./describe-config.ts";
import { expandLabels } from "./external-labels.ts";
import { resolveOtlp } from "./otlp-section.ts";
import { withAbsolutePaths } from "./paths.ts";
import { loadRuleFiles, mistakesOf } from "./rule-files.ts";
import { fileSchema, type FileConfig } from "./schema.ts";
import { resolveSyslog } from "./syslog-section.ts";
import { warnOfKeysWithoutEffect } from "./warnings.ts";

export interface LoadConfigOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Paths in flags are relative to it. Default: the process's working directory. */
  readonly workingDirectory?: string;
}

/** Throws a ConfigError with every mistake of every file. */
export async function loadConfig(mode: Mode, flags: Flags, options: LoadConfigOptions = {}): Promise<Config> {
  const workingDirectory = options.workingDirectory ?? process.cwd();
  const file = flags.config === undefined ? undefined : path.resolve(workingDirectory, flags.config);
  const folder = file === undefined ? workingDirectory : path.dirname(file);
  const mistakes: Mistake[] = [];
  const read = await readFile(file, flags.config ?? "(no file)", mistakes);
  const features: ReadonlySet<string> = new Set(flags.features);
  // Even a file with mistakes may name rule files, whose own mistakes are wanted at the same time.
  const hasDefaultRules = mode !== "agent" && read.value?.binnacle.default_rules !== false;
  const patterns = [...(hasDefaultRules ? [DEFAULT_RULES_FILE] : []), ...read.rulePatterns];
  const rules = await loadRuleFiles(patterns, { folder, features });
  mistakes.push(...rules.mistakes);
  if (mistakes.length > 0 || read.value === undefined) throw new ConfigError(mistakes);

  const { value } = read;
  const given = value.binnacle;
  const expanded = expandLabels(
    value.global.external_labels ?? Labels.EMPTY,
    options.environment ?? process.env,
  );
  const fromFlag = (text: string | undefined) =>
    text === undefined ? undefined : path.resolve(workingDirectory, text);
  const dataFromFile = given.data === undefined ? undefined : path.resolve(folder, given.data);
  const { tsdb } = value.storage;
  const listen = flags.listen ?? given.listen ?? LISTEN_DEFAULT[mode];
  const config = {
    mode,
    file,
    listen,
    dataDir: fromFlag(flags.data) ?? dataFromFile ?? path.resolve(workingDirectory, DATA_DEFAULT[mode]),
    logLevel: flags.logLevel ?? given.log_level ?? "info",
    features,
    externalUrl: flags.externalUrl ?? given.external_url,
    adminApi: flags.adminApi ?? given.admin_api ?? isLoopback(listen),
    corsOrigin: flags.corsOrigin ?? given.cors_origin,
    lifecycle: flags.lifecycle ?? false,
    forward: flags.forward ?? given.forward,
    externalLabels: expanded.labels,
    scrapeConfigs: withAbsolutePaths(value.scrape_configs, folder).map((job) =>
      resolveScrapeConfig(job, value.global),
    ),
    selfScrape: { enabled: given.self_scrape.enabled, intervalMs: given.self_scrape.interval },
    logFields: {
      discoversServiceName: given.logs.discover_service_name,
      discoversLevels: given.logs.discover_log_levels,
    },
    host: {
      enabled: given.host.enabled,
      intervalMs: given.host.interval,
      root: fromFlag(flags.hostRoot) ?? path.resolve(folder, given.host.root),
    },
    otlp: resolveOtlp(value.otlp, features),
    logSources: resolveLogSources(given.log_sources, folder, fromFlag(flags.podLogs)),
    logLines: { bytesMax: given.logs.line_bytes_max, isCut: given.logs.long_lines === "cut" },
    syslog: resolveSyslog(given.syslog, folder),
    ruleFiles: rules.files,
    ruleGroups: rules.groups,
    evaluationIntervalMs: value.global.evaluation_interval ?? EVALUATION_INTERVAL_DEFAULT_MS,
    ruleQueryOffsetMs: value.global.rule_query_offset ?? 0,
    metricsRetentionMs:
      flags.metricsRetentionMs ??
      given.retention.metrics ??
      tsdb?.retention?.time ??
      METRICS_RETENTION_DEFAULT_MS,
    // Prometheus's 0 says no bound.
    metricsRetentionBytes:
      flags.metricsRetentionBytes ?? given.retention.size ?? (tsdb?.retention?.size || undefined),
    selectorRetentions: given.retention.selectors,
    logsRetentionMs: flags.logsRetentionMs ?? given.retention.logs,
    logsRetentionBytes: flags.logsRetentionBytes ?? given.retention.logs_size,
    streamRetentions: given.retention.logs_selectors,
    outOfOrderWindowMs:
      given.out_of_order_window ?? tsdb?.out_of_order_time_window ?? OUT_OF_ORDER_WINDOW_DEFAULT_MS,
    notifications: given.notifications,
    alertmanagers: value.alerting,
    queryLimits: {
      timeoutMs: given.query.timeout,
      samplesMax: given.query.samples_max,
      seriesMax: given.query.series_max,
      bytesMax: given.query.bytes_max,
    },
    queryCacheBytesMax: given.query.cache_bytes_max,
    yaml: describeConfig(read.raw),
    warnings: [
      ...read.warnings,
      ...expanded.missing.map((name) => `external_labels: the variable ${name} is not set, and empty`),
      ...rules.warnings,
    ],
  };
  return { ...config, flagValues: flagValues(config) };
}

/** Durations as people write them, under the names of flags; Prometheus's own name where it has one. */
function flagValues(config: Omit<Config, "flagValues">): Readonly<Record<string, string>> {
  return {
    config: config.file ?? "",
    "web.enable-admin-api": String(config.adminApi),
    "cors-origin": config.corsOrigin ?? "",
    data: config.dataDir,
    "enable-feature": [...config.features].join(","),
    "external-url": config.externalUrl ?? "",
    forward: config.forward ?? "",
    "host-root": config.host.root,
    listen: formatListenAddress(config.listen),
    "log-level": config.logLevel,
    "logs-retention": formatDuration(config.logsRetentionMs),
    "logs-retention-size": `${config.logsRetentionBytes ?? 0}B`,
    "pod-logs": config.logSources.podLogs ?? "",
    "query.max-samples": String(config.queryLimits.samplesMax),
    "query.timeout": formatDuration(config.queryLimits.timeoutMs),
    "storage.tsdb.retention.size": `${config.metricsRetentionBytes ?? 0}B`,
    "storage.tsdb.retention.time": formatDuration(config.metricsRetentionMs),
  };
}

interface ReadFile {
  readonly value: FileConfig | undefined;
  readonly raw: unknown;
  readonly rulePatterns: readonly string[];
  readonly warnings: readonly string[];
}

/** Mistakes name the file as it was named, wherever that was. */
async function readFile(file: string | undefined, name: string, mistakes: Mistake[]): Promise<ReadFile> {
  const nothing = { value: undefined, raw: {}, rulePatterns: [], warnings: [] };
  let text = "";
  try {
    if (file !== undefined) text = await fs.readFile(file, "utf8");
  } catch (error) {
    mistakes.push(...mistakesOf(error, name));
    return nothing;
  }
  const result = parseYaml(fileSchema, text, { file: name });
  if (!result.ok) {
    mistakes.push(...result.mistakes);
    return { ...nothing, rulePatterns: rulePatternsOf(result.raw) };
  }
  const { value, raw, source } = result;
  return { value, raw, rulePatterns: value.rule_files, warnings: warnOfKeysWithoutEffect(raw, source) };
}

function rulePatternsOf(raw: unknown): readonly string[] {
  const patterns = (raw as { rule_files?: unknown } | undefined)?.rule_files;
  return Array.isArray(patterns) ? patterns.filter((it) => typeof it === "string" && it !== "") : [];
}

function resolveLogSources(
  given: FileConfig["binnacle"]["log_sources"],
  folder: string,
  podLogs: string | undefined,
): LogSourcesConfig {
  const resolve = (text: string): string => path.resolve(folder, text);
  const optional = (text: string): string | undefined => (text === "" ? undefined : resolve(text));
  return {
    own: given.own,
    podLogs: podLogs ?? optional(given.pod_logs),
    containerLogs: optional(given.container_logs),
    dockerLogs: optional(given.docker_logs),
    files: given.files.map(({ paths, exclude, labels, syslog_dates: syslogDates }) => ({
      paths: paths.map(resolve),
      exclude: exclude.map(resolve),
      labels: labels ?? Labels.EMPTY,
      syslogDates,
    })),
  };
}
