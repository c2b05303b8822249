/** Reads the parameters of Loki's endpoints: queries, ranges, steps, limits. */
import type { Direction } from "@binnacle/api";
import { parseLogQL, type PipelineExpr } from "@binnacle/logs/parser";
import { BinnacleError, SYSTEM_CLOCK, type Matcher } from "@binnacle/model";
import type { FastifyRequest } from "fastify";
import { LOG_LINES_DEFAULT, LOG_LINES_MAX, POINTS_PER_SERIES_MAX, QUERY_LENGTH_MAX } from "../limits.ts";
import { readDurationMs, readLimit, readLokiTimeNs } from "./params.ts";

export const HOUR_MS = 3_600_000;
export const NS_PER_MS = 1_000_000n;
/** Steps a range is cut into when no step is given, as Loki cuts it. */
const STEPS_DEFAULT = 250;

export interface Listing {
  readonly startMs: number;
  readonly endMs: number;
  readonly selectors: readonly (readonly Matcher[])[];
  readonly limit: undefined;
}

export function readListing(params: RangeParams & { query?: string }): Listing {
  return {
    ...msRange(readRange(params, 6 * HOUR_MS)),
    selectors: params.query === undefined || params.query === "" ? [] : [readSelector(params.query)],
    limit: undefined,
  };
}

export interface RangeParams {
  readonly start?: string;
  readonly end?: string;
  readonly since?: string;
}

export function nowNs(): bigint {
  return BigInt(SYSTEM_CLOCK.nowMs()) * NS_PER_MS;
}

export function readQuery(query: string): string {
  if (query.length > QUERY_LENGTH_MAX) {
    throw new BinnacleError(
      "LIMIT_EXCEEDED",
      `the query has ${query.length} characters: the limit is ${QUERY_LENGTH_MAX} (QUERY_LENGTH_MAX)`,
    );
  }
  return query;
}

/**
 * The stream selector of a query; Grafana sends whole queries here, whose pipelines do not narrow streams.
 */
export function readSelector(text: string): readonly Matcher[] {
  return readPipeline(text).matchers;
}

/** Throws PARSE_ERROR for a metric query. */
export function readPipeline(text: string): PipelineExpr {
  const expr = parseLogQL(readQuery(text));
  if (expr.kind === "pipeline") return expr;
  throw new BinnacleError("PARSE_ERROR", "expected a stream selector, not a metric query");
}

export function readRange(params: RangeParams, sinceDefaultMs: number): { startNs: bigint; endNs: bigint } {
  const endNs = params.end === undefined ? nowNs() : readLokiTimeNs("end", params.end);
  const sinceMs = params.since === undefined ? sinceDefaultMs : readDurationMs("since", params.since);
  // As in Loki: where the end lies in the future, the default start counts from now.
  const from = endNs > nowNs() ? nowNs() : endNs;
  const startNs =
    params.start === undefined
      ? from - BigInt(Math.round(sinceMs)) * NS_PER_MS
      : readLokiTimeNs("start", params.start);
  if (endNs < startNs) {
    throw new BinnacleError("BAD_PARAMETER", 'invalid parameter "end": it lies before the start');
  }
  return { startNs, endNs };
}

export function msRange(range: { startNs: bigint; endNs: bigint }): { startMs: number; endMs: number } {
  return { startMs: Number(range.startNs / NS_PER_MS), endMs: Number(range.endNs / NS_PER_MS) };
}

export function readStep(text: string | undefined, startNs: bigint, endNs: bigint): number {
  const rangeMs = Number((endNs - startNs) / NS_PER_MS);
  const stepMs =
    text === undefined || text === ""
      ? Math.max(Math.floor(rangeMs / 1000 / STEPS_DEFAULT), 1) * 1000
      : Math.floor(readDurationMs("step", text));
  if (stepMs <= 0) {
    throw new BinnacleError("BAD_PARAMETER", 'invalid parameter "step": it must be greater than zero');
  }
  if (rangeMs / stepMs > POINTS_PER_SERIES_MAX) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter",
    );
  }
  return stepMs;
}

export function readLineLimit(text: string | undefined): number {
  const limit = readLimit("limit", text) ?? LOG_LINES_DEFAULT;
  if (limit > LOG_LINES_MAX) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      `invalid parameter "limit": ${limit} lines are over the limit of ${LOG_LINES_MAX} (LOG_LINES_MAX)`,
    );
  }
  return limit;
}

export function readDirection(text: Direction | undefined): "forward" | "backward" {
  return text?.toLowerCase() === "forward" ? "forward" : "backward";
}

export function wantsCategories(request: FastifyRequest): boolean {
  const flags = request.headers["x-loki-response-encoding-flags"];
  return typeof flags === "string" && flags.split(",").some((flag) => flag.trim() === "categorize-labels");
}
