/**
 * Prometheus's query and listing endpoints. The work is done in the pool; here parameters are read and bytes
 * passed on.
 */
import * as api from "@binnacle/api";
import { BinnacleError, SYSTEM_CLOCK } from "@binnacle/model";
import { format } from "@binnacle/promql/parser";
import type { FastifyInstance } from "fastify";
import { POINTS_PER_SERIES_MAX } from "../limits.ts";
import type { QueryPool } from "../query/pool.ts";
import type { QueryFigures } from "../query/protocol.ts";
import { hangUpSignal } from "./cancel.ts";
import { defineHandler, sendJsonBytes, success } from "./define.ts";
import { readLabelName } from "./label-name.ts";
import { readListingParams, type Listing, type ListingParams } from "./listing.ts";
import { readDurationMs, readFlag, readLimit, readRangeTimeMs, readTimeMs } from "./params.ts";
import { treeData } from "./parse-tree.ts";
import { checkQueryLength, readQuery } from "./selectors.ts";

const EMPTY_SELECTOR = "must contain at least one non-empty matcher";

export interface QueryRoutesOptions {
  readonly pool: () => QueryPool;
  readonly features: ReadonlySet<string>;
}

export function addQueryRoutes(app: FastifyInstance, { pool, features }: QueryRoutesOptions): void {
  defineHandler(app, api.instantQuery, async (params, request, reply) => {
    const timeMs = params.time === undefined ? SYSTEM_CLOCK.nowMs() : readTimeMs("time", params.time);
    const bytes = await pool().run(
      { kind: "promql-instant", timeMs, ...readQueryParams(params) },
      { ...readTimeout(params.timeout), signal: hangUpSignal(request, reply) },
    );
    return sendJsonBytes(reply, bytes);
  });

  defineHandler(app, api.rangeQuery, async (params, request, reply) => {
    const range = readRange(params);
    const isUncached = readFlag("nocache", params.nocache, false);
    const bytes = await pool().run(
      { kind: "promql-range", ...range, ...readQueryParams(params), usesCache: !isUncached },
      { ...readTimeout(params.timeout), signal: hangUpSignal(request, reply) },
    );
    return sendJsonBytes(reply, bytes);
  });

  const readListing = (params: ListingParams): Listing => readListingParams(params, features);
  /** Where selectors only narrow what is listed, Prometheus has fewer words for one that narrows nothing. */
  const readNarrowing = (params: ListingParams): Listing => {
    try {
      return readListing(params);
    } catch (error) {
      const isEmpty = error instanceof BinnacleError && error.message.endsWith(EMPTY_SELECTOR);
      throw isEmpty
        ? new BinnacleError("BAD_PARAMETER", `match[] ${EMPTY_SELECTOR}`, { cause: error })
        : error;
    }
  };

  defineHandler(app, api.series, async (params, request, reply) => {
    const listing = readListing(params);
    if (listing.selectors.length === 0) {
      throw new BinnacleError("BAD_PARAMETER", "no match[] parameter provided");
    }
    const signal = hangUpSignal(request, reply);
    return sendJsonBytes(reply, await pool().run({ kind: "metric-series", ...listing }, { signal }));
  });

  defineHandler(app, api.labels, async (params, request, reply) => {
    const signal = hangUpSignal(request, reply);
    const job = { kind: "metric-label-names" as const, ...readNarrowing(params) };
    return sendJsonBytes(reply, await pool().run(job, { signal }));
  });

  defineHandler(app, api.labelValues, async (params, request, reply) => {
    const signal = hangUpSignal(request, reply);
    const name = readLabelName((request.params as { name: string }).name);
    const job = { kind: "metric-label-values" as const, name, ...readNarrowing(params) };
    return sendJsonBytes(reply, await pool().run(job, { signal }));
  });

  defineHandler(app, api.formatQuery, (params) => success(format(readQuery(params.query, features))));
  defineHandler(app, api.parseQuery, (params) => success(treeData(readQuery(params.query, features))));
}

interface QueryParams {
  readonly query: string;
  readonly limit?: string;
  readonly lookback_delta?: string;
  readonly stats?: string;
  readonly explain?: string;
}

function readQueryParams(params: QueryParams): {
  query: string;
  limit: number | undefined;
  lookbackDeltaMs: number | undefined;
  asksFor: QueryFigures;
} {
  checkQueryLength(params.query);
  const { lookback_delta: lookback } = params;
  return {
    query: params.query,
    limit: readLimit("limit", params.limit),
    lookbackDeltaMs: lookback === undefined ? undefined : readLookbackMs(lookback),
    asksFor: {
      stats: params.stats === "all" ? "steps" : (params.stats ?? "") === "" ? "none" : "whole",
      explain: readFlag("explain", params.explain, false),
    },
  };
}

/** Without a lookback of its own a query has that of the server: 0 says so, too. */
function readLookbackMs(text: string): number | undefined {
  try {
    return readDurationMs("lookback_delta", text) || undefined;
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    const reason = error.message.replace(/^invalid parameter "lookback_delta": /, "");
    throw new BinnacleError("BAD_PARAMETER", `error parsing lookback delta duration: ${reason}`);
  }
}

function readTimeout(text: string | undefined): { timeoutMs?: number } {
  return text === undefined ? {} : { timeoutMs: readDurationMs("timeout", text) };
}

function readRange(params: { start?: string; end?: string; step?: string }): {
  startMs: number;
  endMs: number;
  stepMs: number;
} {
  const startMs = readRangeTimeMs("start", params.start);
  const endMs = readRangeTimeMs("end", params.end);
  if (endMs < startMs) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      'invalid parameter "end": end timestamp must not be before start time',
    );
  }
  const stepMs = Math.floor(readDurationMs("step", params.step));
  if (stepMs <= 0) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if ((endMs - startMs) / stepMs > POINTS_PER_SERIES_MAX) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    );
  }
  return { startMs, endMs, stepMs };
}
