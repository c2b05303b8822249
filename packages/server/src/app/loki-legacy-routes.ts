/** Queries and listings of Loki's first API: the same work, its answers in an older shape. */
import * as api from "@binnacle/api";
import { parseLogQL } from "@binnacle/logs/parser";
import { BinnacleError, Labels } from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import type { QueryPool } from "../query/pool.ts";
import { hangUpSignal } from "./cancel.ts";
import { defineHandler } from "./define.ts";
import { HOUR_MS, readDirection, readLineLimit, readListing, readQuery, readRange } from "./loki-params.ts";

export interface LokiLegacyRoutesOptions {
  readonly pool: () => QueryPool;
}

interface Lines {
  readonly result: readonly {
    readonly stream: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [string, string])[];
  }[];
}

const NS_PER_S = 1_000_000_000n;

export function addLokiLegacyRoutes(app: FastifyInstance, { pool }: LokiLegacyRoutesOptions): void {
  defineHandler(app, api.lokiLegacyQuery, async (params, request, reply) => {
    const { regexp } = params;
    // A text that is quoted is a pattern too: its escapes are LogQL's own.
    const query = readQuery(params.query + (regexp === undefined ? "" : ` |~ ${JSON.stringify(regexp)}`));
    if (parseLogQL(query).kind !== "pipeline") {
      throw new BinnacleError(
        "BAD_PARAMETER",
        "only log queries are answered here: ask /loki/api/v1/query_range",
      );
    }
    const job = {
      kind: "logql-range" as const,
      query,
      ...readRange(params, HOUR_MS),
      stepMs: 1000,
      intervalMs: 0,
      limit: readLineLimit(params.limit),
      direction: readDirection(params.direction),
      categorizesLabels: false,
    };
    const { result } = dataOf(await pool().run(job, { signal: hangUpSignal(request, reply) })) as Lines;
    return {
      streams: result.map(({ stream, values }) => ({
        labels: Labels.fromObject(stream).toString(),
        entries: values.map(([timeNs, line]) => ({ ts: rfc3339(BigInt(timeNs)), line })),
      })),
    };
  });

  defineHandler(app, api.lokiLegacyLabels, async (params, request, reply) => {
    const job = { kind: "log-label-names" as const, ...readListing(params) };
    return { values: dataOf(await pool().run(job, { signal: hangUpSignal(request, reply) })) };
  });

  defineHandler(app, api.lokiLegacyLabelValues, async (params, request, reply) => {
    const { name } = request.params as { name: string };
    const job = { kind: "log-label-values" as const, name, ...readListing(params) };
    return { values: dataOf(await pool().run(job, { signal: hangUpSignal(request, reply) })) };
  });
}

/** What an answer of today has as its data. */
function dataOf(bytes: unknown): unknown {
  return (JSON.parse(Buffer.from(bytes as Uint8Array).toString("utf8")) as { data: unknown }).data;
}

function rfc3339(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / NS_PER_S) * 1000).toISOString().slice(0, -5);
  return `${seconds}.${String(timeNs % NS_PER_S).padStart(9, "0")}Z`;
}
