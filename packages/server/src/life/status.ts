/** From what the parts say of themselves to the answers of the status endpoints. */
import type { AnswerOf, RuleGroup, tsdbStatus } from "@binnacle/api";
import type { TargetStatus } from "@binnacle/agent";
import type { RuleGroupStatus, RuleStatus } from "@binnacle/alerting";
import { formatDuration } from "@binnacle/model";
import type { Cardinality, CountedName, StoreStats } from "@binnacle/tsdb";
import type { TargetsData } from "../app/status-routes.ts";
import type { Config } from "../config/config.ts";
import { formatListenAddress } from "../cli/listen-address.ts";
import { formatValue } from "../query/json-number.ts";
import type { ServerSide } from "./server-side.ts";

export function targetsData(targets: readonly TargetStatus[]): TargetsData {
  const data: TargetsData = { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} };
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

export function runtimeInfo(
  startedAtMs: number,
  config: Config,
  server: ServerSide | undefined,
): Record<string, unknown> {
  return {
    startTime: new Date(startedAtMs).toISOString(),
    CWD: process.cwd(),
    processId: process.pid,
    nodeVersion: process.version,
    mode: config.mode,
    dataDir: config.dataDir,
    storageRetention: formatDuration(config.metricsRetentionMs),
    metrics: server?.metrics.stats(),
    logs: server?.logs.stats(),
  };
}

/** The settings in force under the names of Prometheus's flags, where it has one. */
export function flagsData(config: Config): Record<string, string> {
  return {
    "config.file": config.file ?? "",
    "storage.tsdb.path": config.dataDir,
    "storage.tsdb.retention.time": formatDuration(config.metricsRetentionMs),
    "web.listen-address": formatListenAddress(config.listen),
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
