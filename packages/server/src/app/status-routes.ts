/**
 * What the program tells of itself: targets, rules, alerts, build, configuration, cardinality, its own
 * metrics.
 */
import * as api from "@binnacle/api";
import type { MetricMetadata } from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import type { PromMeter } from "../self/meter.ts";
import { VERSION } from "../self/version.ts";
import { defineHandler, success } from "./define.ts";
import { readLimit } from "./params.ts";

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
  readonly meter: PromMeter;
}

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

  defineHandler(app, api.rules, (params) => success({ groups: narrowRules(sources.ruleGroups(), params) }));

  defineHandler(app, api.alerts, () =>
    success({
      alerts: sources
        .ruleGroups()
        .flatMap(({ rules }) => rules.flatMap((rule) => (rule.type === "alerting" ? rule.alerts : []))),
    }),
  );

  defineHandler(app, api.metadata, (params) => {
    const limit = readLimit("limit", params.limit) ?? Infinity;
    const data = Object.create(null) as Record<string, { type: string; help: string; unit: string }[]>;
    let count = 0;
    for (const { metric, type, help, unit } of sources.metadata(params.metric)) {
      if (count++ >= limit) break;
      data[metric] = [{ type, help, unit }];
    }
    return success(data);
  });

  // Grafana takes a `features` field here for another product: it is left out.
  defineHandler(app, api.buildInfo, () =>
    success({ version: VERSION, revision: "", branch: "", buildUser: "", buildDate: "", goVersion: "" }),
  );
  defineHandler(app, api.configStatus, () => success({ yaml: sources.configYaml() }));
  defineHandler(app, api.flagsStatus, () => success(sources.flags()));
  defineHandler(app, api.runtimeInfo, () => success(sources.runtime()));
  defineHandler(app, api.tsdbStatus, (params) => {
    const limit = readLimit("limit", params.limit) ?? CARDINALITY_ENTRIES_DEFAULT;
    return success(sources.cardinality(Math.min(limit, CARDINALITY_ENTRIES_MAX)));
  });

  app.get("/loki/api/v1/status/buildinfo", () => ({
    version: VERSION,
    revision: "",
    branch: "",
    goVersion: "",
  }));

  app.get("/metrics", async (_request, reply) =>
    reply.type(sources.meter.contentType).send(await sources.meter.exposition()),
  );
}

type RuleParams = api.ParamsOf<typeof api.rules>;

function narrowRules(groups: readonly api.RuleGroup[], params: RuleParams): api.RuleGroup[] {
  const type = params.type === "alert" ? "alerting" : params.type === "record" ? "recording" : undefined;
  const { "rule_name[]": names, "rule_group[]": groupNames, "file[]": files } = params;
  const withoutAlerts = params.exclude_alerts === "true";
  const narrowed: api.RuleGroup[] = [];
  for (const group of groups) {
    if (groupNames !== undefined && !groupNames.includes(group.name)) continue;
    if (files !== undefined && !files.includes(group.file)) continue;
    const rules = group.rules
      .filter((rule) => type === undefined || rule.type === type)
      .filter((rule) => names === undefined || names.includes(rule.name))
      .map((rule) =>
        rule.type === "alerting" && withoutAlerts ? Object.assign({}, rule, { alerts: [] }) : rule,
      );
    const isNarrowed = type !== undefined || names !== undefined;
    if (rules.length > 0 || !isNarrowed) narrowed.push({ ...group, rules });
  }
  return narrowed;
}
