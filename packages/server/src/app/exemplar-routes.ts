/** Exemplars of the series that an expression selects. */
import * as api from "@binnacle/api";
import { BinnacleError, compareLabels, type Labels, type Matcher, type TimeRange } from "@binnacle/model";
import type { StoredExemplar } from "@binnacle/tsdb";
import type { Expr } from "@binnacle/promql/parser";
import type { FastifyInstance } from "fastify";
import { formatValue } from "../query/json-number.ts";
import { defineHandler, success } from "./define.ts";
import { BEGINNING_MS, END_MS } from "./listing.ts";
import { readTimeMs } from "./params.ts";
import { readQuery, selectorsOf } from "./selectors.ts";

export interface ExemplarRoutesOptions {
  readonly features: ReadonlySet<string>;
  readonly exemplars: (
    selectors: readonly (readonly Matcher[])[],
    range: TimeRange,
  ) => readonly StoredExemplar[];
}

export function addExemplarRoutes(app: FastifyInstance, options: ExemplarRoutesOptions): void {
  defineHandler(app, api.queryExemplars, (params) => {
    const startMs = params.start === undefined ? BEGINNING_MS : readTimeMs("start", params.start);
    const endMs = params.end === undefined ? END_MS : readTimeMs("end", params.end);
    if (endMs < startMs) {
      throw new BinnacleError("BAD_PARAMETER", "end timestamp must not be before start timestamp");
    }
    const selectors = selectorsOf(readUnnamed(params.query, options.features));
    const found = selectors.length === 0 ? [] : options.exemplars(selectors, { startMs, endMs });
    return success(bySeries(found));
  });
}

/** Prometheus does not say here which parameter it is. */
function readUnnamed(query: string, features: ReadonlySet<string>): Expr {
  try {
    return readQuery(query, features);
  } catch (error) {
    if (!(error instanceof BinnacleError) || error.code !== "BAD_PARAMETER") throw error;
    throw new BinnacleError("BAD_PARAMETER", error.message.replace(/^invalid parameter "query": /, ""), {
      cause: error,
    });
  }
}

function bySeries(exemplars: readonly StoredExemplar[]): api.SeriesExemplars[] {
  const groups = new Map<string, { labels: Labels; exemplars: StoredExemplar[] }>();
  for (const exemplar of exemplars) {
    const key = exemplar.series.key();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels: exemplar.series, exemplars: [exemplar] });
    else group.exemplars.push(exemplar);
  }
  return [...groups.values()]
    .sort((a, b) => compareLabels(a.labels, b.labels))
    .map((group) => ({
      seriesLabels: group.labels.toObject(),
      exemplars: group.exemplars
        .sort((a, b) => a.timeMs - b.timeMs)
        .map(({ labels, value, timeMs }) => ({
          labels: labels.toObject(),
          value: formatValue(value),
          timestamp: timeMs / 1000,
        })),
    }));
}
