/**
 * The HTTP server with nothing behind it, for tests of what it does by itself: routes, origins, compression.
 */
import { SYSTEM_CLOCK } from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import { Notices } from "../life/notices.ts";
import { PromMeter } from "../self/meter.ts";
import { buildApp, type AppOptions } from "./app.ts";

const absent = (): never => {
  throw new Error("BUG: this test has nothing behind its server");
};

export function buildTestApp(options: Partial<AppOptions> = {}): Promise<FastifyInstance> {
  const features: ReadonlySet<string> = new Set();
  const meter = new PromMeter();
  return buildApp({
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    life: { unreadyReason: () => undefined, reload: absent, mayQuit: false, quit: absent },
    origins: { allowed: undefined },
    admin: {
      features,
      isEnabled: true,
      compactMetrics: absent,
      compactLogs: absent,
      deleteSeries: absent,
      cleanTombstones: absent,
      snapshot: absent,
      snapshotLogs: absent,
      deleteLines: absent,
      deletions: absent,
      cancelDeletion: absent,
      cleanLogDeletions: absent,
    },
    store: { meter, blocks: () => [], replay: absent, features: () => ({}) },
    notices: new Notices(SYSTEM_CLOCK),
    status: {
      features,
      targets: absent,
      ruleGroups: () => [],
      metadata: () => [],
      configYaml: () => "",
      flags: () => ({}),
      runtime: () => ({}),
      cardinality: absent,
    },
    query: {
      pool: absent,
      features,
      lookbackDeltaMs: 300_000,
      externalLabels: () => ({}),
      exemplars: () => [],
      metadata: () => [],
      targetLabels: () => [],
      scrapePools: () => [],
      scrapePoolConfig: () => undefined,
      relabelSteps: () => undefined,
      alertmanagerUrls: () => [],
    },
    ingest: { metrics: absent, logs: absent, otlpMetrics: absent, pushes: absent, nowMs: absent },
    tail: { subscribe: absent, detectsLevel: false, pool: absent, dropped: { inc: () => undefined } },
    uiDir: "/nonexistent",
    ...options,
  });
}
