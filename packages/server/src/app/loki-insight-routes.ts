/** Loki's endpoints beside queries: volumes, fields, patterns, and what Grafana asks about the server. */
import * as api from "@binnacle/api";
import { LEVEL_FIELDS } from "@binnacle/logs/engine";
import { parseLogQL, prettyLogQL } from "@binnacle/logs/parser";
import { BinnacleError } from "@binnacle/model";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { SERVICE_NAME_LABELS } from "../ingest/service-names.ts";
import type { LogQuestion } from "../query/log-insight.ts";
import type { QueryPool } from "../query/pool.ts";
import { VERSION } from "../self/version.ts";
import { FIELDS_DEFAULT, LOG_LINES_MAX, PATTERNS_DEFAULT, VOLUMES_DEFAULT } from "../limits.ts";
import { hangUpSignal } from "./cancel.ts";
import { defineHandler, sendJsonBytes, success } from "./define.ts";
import { HOUR_MS, NS_PER_MS, readQuery, readRange, readStep } from "./loki-params.ts";
import { readLimit, readLokiTimeNs } from "./params.ts";

export interface LokiInsightRoutesOptions {
  readonly pool: () => QueryPool;
}

export function addLokiInsightRoutes(app: FastifyInstance, { pool }: LokiInsightRoutesOptions): void {
  const ask = async (
    question: LogQuestion,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> => {
    readQuery(question.query);
    const signal = hangUpSignal(request, reply);
    return sendJsonBytes(reply, await pool().run({ kind: "log-insight", question }, { signal }));
  };

  defineHandler(app, api.lokiIndexStats, async (params, request, reply) =>
    ask({ kind: "stats", query: params.query, ...readRange(params, HOUR_MS), limit: 1 }, request, reply),
  );

  defineHandler(app, api.lokiVolume, async (params, request, reply) =>
    ask({ ...readVolume(params), stepNs: undefined }, request, reply),
  );

  defineHandler(app, api.lokiVolumeRange, async (params, request, reply) => {
    const volume = readVolume(params);
    const stepMs = readStep(params.step, volume.startNs, volume.endNs);
    return ask({ ...volume, stepNs: BigInt(stepMs) * NS_PER_MS }, request, reply);
  });

  defineHandler(app, api.lokiDetectedLabels, async (params, request, reply) => {
    const { query = "" } = params;
    return ask({ kind: "labels", query, ...readRange(params, 6 * HOUR_MS), limit: 0 }, request, reply);
  });

  defineHandler(app, api.lokiDetectedFields, async (params, request, reply) =>
    ask({ ...readFields(params), field: undefined }, request, reply),
  );

  defineHandler(app, api.lokiDetectedFieldValues, async (params, request, reply) => {
    const { name } = request.params as { name: string };
    return ask({ ...readFields(params), field: name }, request, reply);
  });

  defineHandler(app, api.lokiPatterns, async (params, request, reply) => {
    const range = readRange(params, HOUR_MS);
    const stepNs = BigInt(readStep(params.step, range.startNs, range.endNs)) * NS_PER_MS;
    const limit = readLimit("limit", params.limit) ?? PATTERNS_DEFAULT;
    return ask({ kind: "patterns", query: params.query, ...range, stepNs, limit }, request, reply);
  });

  defineHandler(app, api.lokiPatternsDiff, async (params, request, reply) => {
    const range = readRange(params, HOUR_MS);
    const { base_start: baseStart, base_end: baseEnd } = params;
    // Without a range to compare with: as long a one right before.
    const baseEndNs = baseEnd === undefined ? range.startNs : readLokiTimeNs("base_end", baseEnd);
    const baseStartNs =
      baseStart === undefined
        ? baseEndNs - (range.endNs - range.startNs)
        : readLokiTimeNs("base_start", baseStart);
    if (baseEndNs <= baseStartNs) {
      throw new BinnacleError(
        "BAD_PARAMETER",
        'invalid parameter "base_end": it does not lie after the start',
      );
    }
    const limit = readLimit("limit", params.limit) ?? PATTERNS_DEFAULT;
    const base = { baseStartNs, baseEndNs };
    return ask({ kind: "patterns-diff", query: params.query, ...range, ...base, limit }, request, reply);
  });

  defineHandler(app, api.lokiPatternSlot, async (params, request, reply) => {
    const limit = readLimit("limit", params.limit) ?? 20;
    const slot = readLimit("slot", params.slot) ?? 0;
    const { query, pattern } = params;
    return ask({ kind: "slot", query, ...readRange(params, HOUR_MS), pattern, slot, limit }, request, reply);
  });

  defineHandler(app, api.lokiFormatQuery, (params) =>
    success(prettyLogQL(parseLogQL(readQuery(params.query)))),
  );

  defineHandler(app, api.lokiDrilldownLimits, () => ({
    limits: {
      discover_log_levels: true,
      discover_service_name: SERVICE_NAME_LABELS,
      log_level_fields: LEVEL_FIELDS,
      volume_enabled: true,
      max_entries_limit_per_query: LOG_LINES_MAX,
      retention_period: "0s",
    },
    pattern_ingester_enabled: true,
    version: VERSION,
  }));
}

function readVolume(params: {
  readonly query: string;
  readonly start?: string;
  readonly end?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly targetLabels?: string;
  readonly aggregateBy?: "series" | "labels";
}): Omit<LogQuestion & { kind: "volume" }, "stepNs"> {
  return {
    kind: "volume",
    query: params.query,
    ...readRange(params, HOUR_MS),
    limit: readLimit("limit", params.limit) ?? VOLUMES_DEFAULT,
    targetLabels: (params.targetLabels ?? "").split(",").filter((name) => name !== ""),
    aggregateBy: params.aggregateBy ?? "series",
  };
}

function readFields(params: {
  readonly query: string;
  readonly start?: string;
  readonly end?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly field_limit?: string;
  readonly line_limit?: string;
}): Omit<LogQuestion & { kind: "fields" }, "field"> {
  const lineLimit = readLimit("line_limit", params.line_limit) ?? 100;
  return {
    kind: "fields",
    query: params.query,
    ...readRange(params, HOUR_MS),
    limit: readLimit("limit", params.limit ?? params.field_limit) ?? FIELDS_DEFAULT,
    lineLimit: Math.min(lineLimit, LOG_LINES_MAX),
  };
}
