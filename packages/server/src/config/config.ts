/**
 * All settings the program runs with: flags before the file, the file before defaults; every path absolute.
 */
import type { ScrapeConfig } from "@binnacle/agent";
import type { AlertmanagerConfig, NotificationsConfig, RuleGroupConfig } from "@binnacle/alerting";
import type { StreamRetention } from "@binnacle/logs";
import type { Labels, QueryLimits } from "@binnacle/model";
import type { SelectorRetention } from "@binnacle/tsdb";
import type { OtlpMetricsOptions } from "@binnacle/wire";
import type { LogLevel, Mode } from "../cli/flags.ts";
import type { ListenAddress } from "../cli/listen-address.ts";
import type { SyslogConfig } from "./syslog-section.ts";

export interface LogFilesConfig {
  /** Globs. */
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly labels: Labels;
  readonly syslogDates: "local" | "utc" | "off";
}

/** Folders are undefined where they are switched off; one that is not there is no mistake. */
export interface LogSourcesConfig {
  readonly own: boolean;
  readonly podLogs: string | undefined;
  readonly containerLogs: string | undefined;
  readonly dockerLogs: string | undefined;
  readonly files: readonly LogFilesConfig[];
}

export interface OwnSourceConfig {
  readonly enabled: boolean;
  readonly intervalMs: number;
}

export interface Config {
  readonly mode: Mode;
  /** The file it was read from, if any. */
  readonly file: string | undefined;
  readonly listen: ListenAddress;
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  /** Prometheus's names. */
  readonly features: ReadonlySet<string>;
  /** Links in notifications begin with it; undefined: the address it listens on. */
  readonly externalUrl: string | undefined;
  /** An RE2 pattern of other origins whose pages may read the API; undefined: none may. */
  readonly corsOrigin: string | undefined;
  /**
   * Whether /api/v1/admin/tsdb may delete and copy: unless told otherwise where only this machine can reach
   * it.
   */
  readonly adminApi: boolean;
  /** Whether POST /-/quit ends the process. */
  readonly lifecycle: boolean;
  /** Where an agent sends everything; undefined: it keeps it, or in `up` hands it to its own server. */
  readonly forward: string | undefined;
  readonly externalLabels: Labels;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly selfScrape: OwnSourceConfig;
  readonly host: OwnSourceConfig & { readonly root: string };
  readonly logSources: LogSourcesConfig;
  /** Bytes of a line, and whether a longer one is cut; else it is refused. */
  readonly logLines: { readonly bytesMax: number; readonly isCut: boolean };
  readonly syslog: readonly SyslogConfig[];
  readonly logFields: { readonly discoversServiceName: boolean; readonly discoversLevels: boolean };
  /**
   * The rules that come with the program, then the files behind rule_files in the order given; and their
   * groups.
   */
  readonly ruleFiles: readonly string[];
  readonly ruleGroups: readonly RuleGroupConfig[];
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  readonly notifications: NotificationsConfig;
  /** Alertmanagers elsewhere that are told of alerts too. */
  readonly alertmanagers: readonly AlertmanagerConfig[];
  /** How OpenTelemetry's metrics become series. */
  readonly otlp: OtlpMetricsOptions;
  readonly metricsRetentionMs: number;
  /** Bytes of metrics on disk; undefined: no bound. */
  readonly metricsRetentionBytes: number | undefined;
  readonly selectorRetentions: readonly SelectorRetention[];
  readonly logsRetentionMs: number;
  /** Bytes of logs on disk; undefined: no bound. */
  readonly logsRetentionBytes: number | undefined;
  readonly streamRetentions: readonly StreamRetention[];
  readonly outOfOrderWindowMs: number;
  readonly queryLimits: QueryLimits;
  /** Bytes of range queries' answers that all workers together may keep; 0: none. */
  readonly queryCacheBytesMax: number;
  /**
   * The file as written, its defaults of `global` filled in, its secrets hidden: what /api/v1/status/config
   * shows.
   */
  readonly yaml: string;
  /** The flags as they are in force, by name: what /api/v1/status/flags shows. */
  readonly flagValues: Readonly<Record<string, string>>;
  /**
   * To be logged once at start: what the file says and has no effect, variables that are not set, empty
   * globs.
   */
  readonly warnings: readonly string[];
}
