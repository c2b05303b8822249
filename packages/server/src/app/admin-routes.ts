/** What an administrator may ask of the stores. */
import * as api from "@binnacle/api";
import { BinnacleError, type Matcher, type TimeRange } from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import { defineHandler, success } from "./define.ts";
import { readListingParams } from "./listing.ts";
import { addLokiDeleteRoutes, type LokiDeleteRoutesOptions } from "./loki-delete-routes.ts";
import { readFlag } from "./params.ts";

export interface AdminRoutesOptions extends Omit<LokiDeleteRoutesOptions, "checkEnabled"> {
  readonly features: ReadonlySet<string>;
  /** Whether what is stored may be deleted and copied; compacting changes no answer and is always allowed. */
  readonly isEnabled: boolean;
  readonly compactMetrics: () => Promise<void>;
  readonly compactLogs: () => Promise<void>;
  readonly deleteSeries: (selectors: readonly (readonly Matcher[])[], range: TimeRange) => Promise<void>;
  readonly cleanTombstones: () => Promise<void>;
  readonly cleanLogDeletions: () => Promise<void>;
  /** The name of the snapshot's folder. `skipsHead`: without what is not sealed yet. */
  readonly snapshot: (options: { readonly skipsHead: boolean }) => Promise<string>;
  /** The same of logs; into the folder of another snapshot, if it is named. */
  readonly snapshotLogs: (name: string | undefined) => Promise<string>;
}

export function addAdminRoutes(app: FastifyInstance, options: AdminRoutesOptions): void {
  const checkEnabled = (): void => {
    if (options.isEnabled) return;
    throw new BinnacleError(
      "EXECUTION_ERROR",
      "admin APIs disabled: this server listens for other machines; start it with --web.enable-admin-api",
    );
  };
  defineHandler(app, api.compactMetrics, async () => {
    await options.compactMetrics();
    return success(null);
  });
  defineHandler(app, api.compactLogs, async () => {
    await options.compactLogs();
    return success(null);
  });
  defineHandler(app, api.deleteSeries, async (params, _request, reply) => {
    checkEnabled();
    const { selectors, startMs, endMs } = readListingParams(params, options.features);
    // Nothing lies in a range that ends before it begins.
    if (endMs >= startMs) await options.deleteSeries(selectors, { startMs, endMs });
    return reply.code(204).send();
  });
  defineHandler(app, api.cleanTombstones, async (_params, _request, reply) => {
    checkEnabled();
    await options.cleanTombstones();
    return reply.code(204).send();
  });
  defineHandler(app, api.snapshot, async (params) => {
    checkEnabled();
    const skipsHead = readFlag("skip_head", params.skip_head, false);
    return success({ name: await options.snapshot({ skipsHead }) });
  });
  defineHandler(app, api.cleanLogDeletions, async (_params, _request, reply) => {
    checkEnabled();
    await options.cleanLogDeletions();
    return reply.code(204).send();
  });
  defineHandler(app, api.snapshotLogs, async ({ name }) => {
    checkEnabled();
    if (name !== undefined && !/^[\w-]{1,100}$/.test(name)) {
      throw new BinnacleError("BAD_PARAMETER", 'invalid parameter "name": a snapshot\'s name');
    }
    return success({ name: await options.snapshotLogs(name) });
  });
  addLokiDeleteRoutes(app, { ...options, checkEnabled });
}
