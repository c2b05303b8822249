/**
 * Loki's query and listing endpoints. The work is done in the pool; here parameters are read and bytes passed
 * on.
 */
import * as api from "@binnacle/api";
import type { FastifyInstance } from "fastify";
import type { QueryPool } from "../query/pool.ts";
import { hangUpSignal } from "./cancel.ts";
import { defineHandler, sendJsonBytes } from "./define.ts";
import {
  HOUR_MS,
  nowNs,
  readDirection,
  readLineLimit,
  readListing,
  readQuery,
  readRange,
  readSelector,
  readStep,
  wantsCategories,
} from "./loki-params.ts";
import { readDurationMs, readLokiTimeNs } from "./params.ts";

export interface LokiRoutesOptions {
  readonly pool: () => QueryPool;
}

export function addLokiRoutes(app: FastifyInstance, { pool }: LokiRoutesOptions): void {
  defineHandler(app, api.lokiInstantQuery, async (params, request, reply) => {
    const job = {
      kind: "logql-instant" as const,
      query: readQuery(params.query),
      timeNs: params.time === undefined ? nowNs() : readLokiTimeNs("time", params.time),
      limit: readLineLimit(params.limit),
      direction: readDirection(params.direction),
      categorizesLabels: wantsCategories(request),
    };
    return sendJsonBytes(reply, await pool().run(job, { signal: hangUpSignal(request, reply) }));
  });

  defineHandler(app, api.lokiRangeQuery, async (params, request, reply) => {
    const { startNs, endNs } = readRange(params, HOUR_MS);
    const job = {
      kind: "logql-range" as const,
      query: readQuery(params.query),
      startNs,
      endNs,
      stepMs: readStep(params.step, startNs, endNs),
      intervalMs: params.interval === undefined ? 0 : readDurationMs("interval", params.interval),
      limit: readLineLimit(params.limit),
      direction: readDirection(params.direction),
      categorizesLabels: wantsCategories(request),
    };
    return sendJsonBytes(reply, await pool().run(job, { signal: hangUpSignal(request, reply) }));
  });

  defineHandler(app, api.lokiLabels, async (params, request, reply) => {
    const job = { kind: "log-label-names" as const, ...readListing(params) };
    return sendJsonBytes(reply, await pool().run(job, { signal: hangUpSignal(request, reply) }));
  });

  defineHandler(app, api.lokiLabelValues, async (params, request, reply) => {
    const { name } = request.params as { name: string };
    const job = { kind: "log-label-values" as const, name, ...readListing(params) };
    return sendJsonBytes(reply, await pool().run(job, { signal: hangUpSignal(request, reply) }));
  });

  defineHandler(app, api.lokiSeries, async (params, request, reply) => {
    const selectors = [...(params["match[]"] ?? []), ...(params.match ?? [])].map(readSelector);
    const job = { kind: "log-streams" as const, ...readListing(params), selectors };
    return sendJsonBytes(reply, await pool().run(job, { signal: hangUpSignal(request, reply) }));
  });
}
