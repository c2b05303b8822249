/** How the store and the program are: blocks, replay, features, the program's own metrics. */
import * as api from "@binnacle/api";
import { Regexp } from "@binnacle/re2";
import type { FastifyInstance } from "fastify";
import { metricFamilies } from "../self/metric-families.ts";
import type { PromMeter } from "../self/meter.ts";
import { defineHandler, success } from "./define.ts";

export interface StoreStatusOptions {
  readonly meter: PromMeter;
  readonly blocks: () => api.AnswerOf<typeof api.blocksStatus>["data"]["blocks"];
  readonly replay: () => api.AnswerOf<typeof api.walReplay>["data"];
  readonly features: () => api.AnswerOf<typeof api.features>["data"];
}

export function addStoreStatusRoutes(app: FastifyInstance, options: StoreStatusOptions): void {
  const { meter } = options;
  defineHandler(app, api.blocksStatus, () => success({ blocks: options.blocks() }));
  defineHandler(app, api.walReplay, () => success(options.replay()));
  defineHandler(app, api.features, () => success(options.features()));

  defineHandler(app, api.selfMetrics, async ({ metric_name_pattern: pattern = "" }) => {
    const names = pattern === "" ? undefined : Regexp.compile(pattern, { anchored: true });
    const families = metricFamilies(await meter.registry.getMetricsAsJSON());
    return success(families.filter(({ name }) => names?.test(name) ?? true));
  });

  defineHandler(app, api.ownMetrics, async (_params, _request, reply) =>
    reply.type(meter.contentType).send(await meter.exposition()),
  );
}
