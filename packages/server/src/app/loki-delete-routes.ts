/** Deletion of lines, as Loki's API has it: asked for, listed, taken back. */
import * as api from "@binnacle/api";
import { BinnacleError } from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import { defineHandler } from "./define.ts";
import { nowNs, readQuery } from "./loki-params.ts";
import { readDurationMs, readFlag, readLokiTimeNs } from "./params.ts";

export interface LogDeletion {
  readonly id: string;
  readonly query: string;
  /** Unix ns, both ends included. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly createdMs: number;
  readonly startedMs: number | undefined;
  readonly processedMs: number | undefined;
}

export interface LokiDeleteRoutesOptions {
  /** Throws where an administrator may not change the stores. */
  readonly checkEnabled: () => void;
  readonly deleteLines: (query: string, range: { startNs: bigint; endNs: bigint }) => void;
  readonly deletions: () => readonly LogDeletion[];
  readonly cancelDeletion: (id: string, options: { isForced: boolean }) => void;
}

export function addLokiDeleteRoutes(app: FastifyInstance, options: LokiDeleteRoutesOptions): void {
  const { checkEnabled } = options;
  defineHandler(app, api.lokiDeleteLines, (params, _request, reply) => {
    checkEnabled();
    const query = readQuery(required("query", params.query));
    const startNs = readLokiTimeNs("start", required("start", params.start));
    const endNs = params.end === undefined ? nowNs() : readLokiTimeNs("end", params.end);
    // Loki cuts a deletion into pieces of this length; here one is done as a whole.
    if (params.max_interval !== undefined) readDurationMs("max_interval", params.max_interval);
    if (endNs < startNs) {
      throw new BinnacleError("BAD_PARAMETER", 'invalid parameter "end": it lies before the start');
    }
    options.deleteLines(query, { startNs, endNs });
    return reply.code(204).send();
  });

  defineHandler(app, api.lokiListDeletions, (params) => {
    const startNs = params.start === undefined ? undefined : readLokiTimeNs("start", params.start);
    const endNs = params.end === undefined ? undefined : readLokiTimeNs("end", params.end);
    return options
      .deletions()
      .filter(
        (deletion) =>
          (startNs === undefined || deletion.endNs >= startNs) &&
          (endNs === undefined || deletion.startNs <= endNs),
      )
      .map((deletion) => ({
        request_id: deletion.id,
        start_time: toSeconds(deletion.startNs),
        end_time: toSeconds(deletion.endNs),
        query: deletion.query,
        status: statusOf(deletion),
        created_at: deletion.createdMs / 1000,
      }));
  });

  defineHandler(app, api.lokiCancelDeletion, (params, _request, reply) => {
    checkEnabled();
    const isForced = readFlag("force", params.force, false);
    options.cancelDeletion(required("request_id", params.request_id), { isForced });
    return reply.code(204).send();
  });
}

function statusOf({ startedMs, processedMs }: LogDeletion): "received" | "processing" | "processed" {
  if (processedMs !== undefined) return "processed";
  return startedMs === undefined ? "received" : "processing";
}

function toSeconds(timeNs: bigint): number {
  return Number(timeNs / 1_000_000n) / 1000;
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined && value !== "") return value;
  throw new BinnacleError("BAD_PARAMETER", `invalid parameter "${name}": it is missing`);
}
