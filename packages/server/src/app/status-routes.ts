/**
 * What the program tells of itself: targets, rules, alerts, build, configuration, cardinality.
 */
import * as api from "@binnacle/api";
import { BinnacleError, type MetricMetadata } from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import { VERSION } from "../self/version.ts";
import { defineHandler, success } from "./define.ts";
import { readNumber, readWhole } from "./params.ts";
import { narrowRuleGroups } from "./rule-groups.ts";

export type TargetsData = api.AnswerOf<typeof api.targets>["data"];

/**
 * What the routes ask of the parts, which may not be there yet while the stores open: each throws UNAVAILABLE
 * then.
 */
export interface StatusSources {
  readonly targets: () => TargetsData;
  readonly ruleGroups: () => readonly api.RuleGroup[];
  readonly metadata: (metric: string | undefined) => readonly MetricMetadata[];
  readonly configYaml: () => string;
  readonly flags: () => Record<string, string>;
  readonly runtime: () => Record<string, unknown>;
  readonly cardinality: (limit: number) => api.AnswerOf<typeof api.tsdbStatus>["data"];
  readonly features: ReadonlySet<string>;
}

const BUILD = { version: VERSION, revision: "", branch: "", buildUser: "", buildDate: "", goVersion: "" };

const CARDINALITY_ENTRIES_DEFAULT = 10;
const CARDINALITY_ENTRIES_MAX = 10_000;

export function addStatusRoutes(app: FastifyInstance, sources: StatusSources): void {
  defineHandler(app, api.targets, (params) => {
    const data = sources.targets();
    const state = params.state?.toLowerCase() ?? "any";
    const inPool = (target: { scrapePool?: string }): boolean =>
      params.scrapePool === undefined || target.scrapePool === params.scrapePool;
    return success({
      activeTargets: state === "dropped" ? [] : data.activeTargets.filter(inPool),
      droppedTargets: state === "active" ? [] : data.droppedTargets.filter(inPool),
      droppedTargetCounts: data.droppedTargetCounts,
    });
  });

  defineHandler(app, api.rules, (params) =>
    success(narrowRuleGroups(sources.ruleGroups(), params, sources.features)),
  );

  defineHandler(app, api.alerts, () =>
    success({
      alerts: sources
        .ruleGroups()
        .flatMap(({ rules }) => rules.flatMap((rule) => (rule.type === "alerting" ? rule.alerts : []))),
    }),
  );

  defineHandler(app, api.metadata, (params) => {
    const limit = readNumber("limit", params.limit);
    // An exporter's word is kept once a metric: there is never more than one entry to limit.
    readNumber("limit_per_metric", params.limit_per_metric);
    const data = Object.create(null) as Record<string, { type: string; help: string; unit: string }[]>;
    let count = 0;
    for (const { metric, type, help, unit } of sources.metadata(params.metric)) {
      if (limit >= 0 && count++ >= limit) break;
      data[metric] = [{ type, help, unit }];
    }
    return success(data);
  });

  // As a text, as Prometheus gives it.
  defineHandler(app, api.version, (_params, _request, reply) =>
    reply.type("text/plain; charset=utf-8").send(JSON.stringify(BUILD)),
  );
  // Grafana takes a `features` field here for another product: it is left out.
  defineHandler(app, api.buildInfo, () => success(BUILD));
  defineHandler(app, api.configStatus, () => success({ yaml: sources.configYaml() }));
  defineHandler(app, api.flagsStatus, () => success(sources.flags()));
  defineHandler(app, api.runtimeInfo, () => success(sources.runtime()));
  defineHandler(app, api.tsdbStatus, (params) => {
    const limit = readWhole(params.limit ?? String(CARDINALITY_ENTRIES_DEFAULT)) ?? 0;
    if (limit < 1) throw new BinnacleError("BAD_PARAMETER", "limit must be a positive number");
    return success(sources.cardinality(Math.min(limit, CARDINALITY_ENTRIES_MAX)));
  });

  defineHandler(app, api.lokiBuildInfo, () => ({
    version: VERSION,
    revision: "",
    branch: "",
    goVersion: "",
  }));
}
