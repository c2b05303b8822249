/** From what the parts say of themselves to the answers of the status endpoints. */
import os from "node:os";
import type { AnswerOf, blocksStatus, RuleGroup, tsdbStatus, walReplay } from "@binnacle/api";
import type { TargetStatus } from "@binnacle/agent";
import type { RuleGroupStatus, RuleStatus } from "@binnacle/alerting";
import { formatDuration, SYSTEM_CLOCK } from "@binnacle/model";
import type { BlockMeta, Cardinality, CountedName, StoreStats } from "@binnacle/tsdb";
import type { TargetsData } from "../app/status-routes.ts";
import type { Config } from "../config/config.ts";
import { formatListenAddress } from "../cli/listen-address.ts";
import { formatValue } from "../query/json-number.ts";
import type { ServerSide } from "./server-side.ts";

/** Jobs count what they dropped also where that is nothing. */
export function targetsData(targets: readonly TargetStatus[], jobs: readonly string[]): TargetsData {
  const droppedTargetCounts = Object.fromEntries(jobs.map((job) => [job, 0]));
  const data: TargetsData = { activeTargets: [], droppedTargets: [], droppedTargetCounts };
  for (const target of targets) {
    if (target.state === "active") {
      const { state: _, discoveredLabels, labels, ...rest } = target;
      data.activeTargets.push({
        ...rest,
        discoveredLabels: discoveredLabels.toObject(),
        labels: labels.toObject(),
      });
    } else {
      const { scrapePool, discoveredLabels } = target;
      data.droppedTargets.push({ scrapePool, discoveredLabels: discoveredLabels.toObject() });
      data.droppedTargetCounts[scrapePool] = (data.droppedTargetCounts[scrapePool] ?? 0) + 1;
    }
  }
  return data;
}

export interface RuntimeFacts {
  readonly startedAtMs: number;
  readonly config: Config;
  /** When the configuration in force was loaded, and whether the newest attempt to load one went well. */
  readonly configLoadedAtMs: number;
  readonly isReloadGood: boolean;
  readonly server: ServerSide | undefined;
}

/** Prometheus's fields, those of Go's runtime apart, and Binnacle's own beside them. */
export function runtimeInfo(facts: RuntimeFacts): Record<string, unknown> {
  const { config, server } = facts;
  return {
    startTime: new Date(facts.startedAtMs).toISOString(),
    CWD: process.cwd(),
    hostname: os.hostname(),
    serverTime: new Date(SYSTEM_CLOCK.nowMs()).toISOString(),
    reloadConfigSuccess: facts.isReloadGood,
    lastConfigTime: new Date(facts.configLoadedAtMs).toISOString(),
    corruptionCount: 0,
    storageRetention: formatDuration(config.metricsRetentionMs),
    processId: process.pid,
    nodeVersion: process.version,
    mode: config.mode,
    dataDir: config.dataDir,
    metrics: server?.metrics.stats(),
    logs: server?.logs.stats(),
  };
}

/** Journals are read whole before the server is ready: then there is nothing left to replay. */
export function replayData(server: ServerSide | undefined): AnswerOf<typeof walReplay>["data"] {
  const journals = server?.metrics.stats().journals ?? 0;
  return { min: 0, max: journals, current: journals, state: server === undefined ? "in progress" : "done" };
}

type BlockData = AnswerOf<typeof blocksStatus>["data"]["blocks"][number];

/** Blocks are named by their files; they are not divided into chunks. */
export function blocksData(blocks: readonly BlockMeta[]): BlockData[] {
  return blocks.map((block) => {
    const name = block.file.replace(/\.[^.]*$/, "");
    return {
      ulid: name,
      minTime: block.minTimeMs,
      maxTime: block.maxTimeMs,
      stats: {
        numSamples: block.sampleCount,
        numSeries: block.seriesCount,
        numChunks: 0,
        numBytes: block.fileBytes,
      },
      compaction: { level: block.level + 1, sources: [name] },
      version: 1,
    };
  });
}

/** The settings in force under the names of Prometheus's flags, where it has one. */
export function flagsData(config: Config): Record<string, string> {
  return {
    "config.file": config.file ?? "",
    "storage.tsdb.path": config.dataDir,
    "storage.tsdb.retention.time": formatDuration(config.metricsRetentionMs),
    "web.listen-address": formatListenAddress(config.listen),
    "web.enable-admin-api": String(config.adminApi),
    "web.enable-lifecycle": String(config.lifecycle),
    "web.cors.origin": config.corsOrigin ?? "",
    "web.external-url": config.externalUrl ?? "",
    "enable-feature": [...config.features].join(","),
    "query.timeout": formatDuration(config.queryLimits.timeoutMs),
    "query.max-samples": String(config.queryLimits.samplesMax),
    "log.level": config.logLevel,
  };
}

export function cardinalityData(
  cardinality: Cardinality,
  stats: StoreStats,
): AnswerOf<typeof tsdbStatus>["data"] {
  return {
    headStats: {
      numSeries: cardinality.seriesCount,
      numLabelPairs: cardinality.labelPairCount,
      chunkCount: stats.headGroups,
      minTime: stats.minTimeMs ?? 0,
      maxTime: stats.maxTimeMs ?? 0,
    },
    seriesCountByMetricName: nameValues(cardinality.seriesByMetric),
    labelValueCountByLabelName: nameValues(cardinality.valuesByLabel),
    memoryInBytesByLabelName: nameValues(cardinality.bytesByLabel),
    seriesCountByLabelValuePair: nameValues(cardinality.seriesByPair),
  };
}

function nameValues(names: readonly CountedName[]): { name: string; value: number }[] {
  return names.map(({ name, count }) => ({ name, value: count }));
}

/** A time that has not come yet, as Go prints it: what Prometheus answers before the first evaluation. */
const NEVER = "0001-01-01T00:00:00Z";

export function ruleGroupsData(groups: readonly RuleGroupStatus[]): RuleGroup[] {
  return groups.map((group) => ({
    name: group.name,
    file: group.file,
    rules: group.rules.map(ruleData),
    interval: group.intervalMs / 1000,
    limit: group.limit,
    evaluationTime: group.evaluationTimeMs / 1000,
    lastEvaluation: timeText(group.lastEvaluationMs),
  }));
}

function ruleData(rule: RuleStatus): RuleGroup["rules"][number] {
  const common = {
    name: rule.name,
    query: rule.query,
    labels: rule.labels.toObject(),
    health: rule.health,
    ...(rule.lastError === undefined ? {} : { lastError: rule.lastError }),
    evaluationTime: rule.evaluationTimeMs / 1000,
    lastEvaluation: timeText(rule.lastEvaluationMs),
  };
  if (rule.type === "recording") return { ...common, type: "recording" };
  return {
    ...common,
    type: "alerting",
    state: rule.state,
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    annotations: rule.annotations.toObject(),
    alerts: rule.alerts.map((alert) => ({
      labels: alert.labels.toObject(),
      annotations: alert.annotations.toObject(),
      state: alert.state,
      activeAt: timeText(alert.activeAtMs),
      ...(alert.keepFiringSinceMs === undefined
        ? {}
        : { keepFiringSince: timeText(alert.keepFiringSinceMs) }),
      value: exponentForm(alert.value),
    })),
  };
}

function timeText(timeMs: number | undefined): string {
  return timeMs === undefined ? NEVER : new Date(timeMs).toISOString();
}

/** Alerts' values are always written with an exponent: `1e+00`. */
function exponentForm(value: number): string {
  if (!Number.isFinite(value)) return formatValue(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}
