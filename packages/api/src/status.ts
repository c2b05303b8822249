/** What Binnacle tells of itself in Prometheus's words: targets, rules, alerts, build, configuration. */
import { Type } from "typebox";
import { LabelObject, Success } from "./envelope.ts";
import { FlagParam, LimitParam, SelectorsParam } from "./params.ts";
import { defineRoute } from "./route.ts";

const Health = Type.Union([Type.Literal("up"), Type.Literal("down"), Type.Literal("unknown")]);

export const ActiveTarget = Type.Object({
  discoveredLabels: LabelObject,
  labels: LabelObject,
  scrapePool: Type.String(),
  scrapeUrl: Type.String(),
  globalUrl: Type.String(),
  lastError: Type.String(),
  /** RFC 3339; year 1 before the first scrape. */
  lastScrape: Type.String(),
  /** Seconds. */
  lastScrapeDuration: Type.Number(),
  health: Health,
  scrapeInterval: Type.String(),
  scrapeTimeout: Type.String(),
});
export type ActiveTarget = Type.Static<typeof ActiveTarget>;

export const targets = defineRoute({
  methods: ["GET"],
  path: "/api/v1/targets",
  summary: "What is scraped, and how the last scrape went.",
  params: Type.Object({
    state: Type.Optional(Type.String()),
    scrapePool: Type.Optional(Type.String()),
  }),
  answer: Success(
    Type.Object({
      activeTargets: Type.Array(ActiveTarget),
      droppedTargets: Type.Array(
        Type.Object({ discoveredLabels: LabelObject, scrapePool: Type.Optional(Type.String()) }),
      ),
      droppedTargetCounts: Type.Record(Type.String(), Type.Integer()),
    }),
  ),
});

export const Alert = Type.Object({
  labels: LabelObject,
  annotations: LabelObject,
  state: Type.Union([Type.Literal("inactive"), Type.Literal("pending"), Type.Literal("firing")]),
  activeAt: Type.Optional(Type.String()),
  keepFiringSince: Type.Optional(Type.String()),
  value: Type.String(),
});
export type Alert = Type.Static<typeof Alert>;

const ruleFields = {
  name: Type.String(),
  query: Type.String(),
  labels: Type.Optional(LabelObject),
  health: Type.Union([Type.Literal("ok"), Type.Literal("err"), Type.Literal("unknown")]),
  lastError: Type.Optional(Type.String()),
  /** Seconds. */
  evaluationTime: Type.Number(),
  lastEvaluation: Type.String(),
};

export const AlertingRule = Type.Object({
  ...ruleFields,
  type: Type.Literal("alerting"),
  state: Type.Union([
    Type.Literal("inactive"),
    Type.Literal("pending"),
    Type.Literal("firing"),
    Type.Literal("unknown"),
  ]),
  /** Seconds. */
  duration: Type.Number(),
  keepFiringFor: Type.Number(),
  annotations: LabelObject,
  alerts: Type.Array(Alert),
});
export const RecordingRule = Type.Object({ ...ruleFields, type: Type.Literal("recording") });
export const RuleGroup = Type.Object({
  name: Type.String(),
  file: Type.String(),
  rules: Type.Array(Type.Union([AlertingRule, RecordingRule])),
  /** Seconds. */
  interval: Type.Number(),
  limit: Type.Integer(),
  evaluationTime: Type.Number(),
  lastEvaluation: Type.String(),
});
export type AlertingRule = Type.Static<typeof AlertingRule>;
export type RecordingRule = Type.Static<typeof RecordingRule>;
export type RuleGroup = Type.Static<typeof RuleGroup>;

export const rules = defineRoute({
  methods: ["GET"],
  path: "/api/v1/rules",
  summary: "Rule groups with the state of each rule.",
  params: Type.Object({
    type: Type.Optional(Type.String()),
    "rule_name[]": Type.Optional(Type.Array(Type.String())),
    "rule_group[]": Type.Optional(Type.Array(Type.String())),
    "file[]": Type.Optional(Type.Array(Type.String())),
    "match[]": Type.Optional(SelectorsParam),
    exclude_alerts: Type.Optional(FlagParam),
    group_limit: Type.Optional(Type.String({ description: "most groups to answer with" })),
    group_next_token: Type.Optional(
      Type.String({ description: "what the answer before said as groupNextToken" }),
    ),
  }),
  answer: Success(
    Type.Object({
      groups: Type.Array(RuleGroup),
      /** Where more groups follow: what to ask for them with. */
      groupNextToken: Type.Optional(Type.String()),
    }),
  ),
});

export const alerts = defineRoute({
  methods: ["GET"],
  path: "/api/v1/alerts",
  summary: "Alerts that are pending or firing.",
  params: Type.Object({}),
  answer: Success(Type.Object({ alerts: Type.Array(Alert) })),
});

export const version = defineRoute({
  methods: ["GET"],
  path: "/version",
  summary: "What was built, as a text of JSON.",
  params: Type.Object({}),
  answer: Type.String(),
  answerType: "text/plain",
});

export const buildInfo = defineRoute({
  methods: ["GET"],
  path: "/api/v1/status/buildinfo",
  summary: "Version of the program.",
  params: Type.Object({}),
  answer: Success(
    Type.Object({
      version: Type.String(),
      revision: Type.String(),
      branch: Type.String(),
      buildUser: Type.String(),
      buildDate: Type.String(),
      goVersion: Type.String(),
    }),
  ),
});

export const configStatus = defineRoute({
  methods: ["GET"],
  path: "/api/v1/status/config",
  summary: "The configuration in force, secrets redacted.",
  params: Type.Object({}),
  answer: Success(Type.Object({ yaml: Type.String() })),
});

export const flagsStatus = defineRoute({
  methods: ["GET"],
  path: "/api/v1/status/flags",
  summary: "Command line flags in force.",
  params: Type.Object({}),
  answer: Success(LabelObject),
});

export const runtimeInfo = defineRoute({
  methods: ["GET"],
  path: "/api/v1/status/runtimeinfo",
  summary: "When the program started and what it holds.",
  params: Type.Object({}),
  answer: Success(Type.Record(Type.String(), Type.Unknown())),
});

const NameValue = Type.Object({ name: Type.String(), value: Type.Number() });
export const tsdbStatus = defineRoute({
  methods: ["GET"],
  path: "/api/v1/status/tsdb",
  summary: "Cardinality: which names, labels and pairs have the most series.",
  params: Type.Object({ limit: Type.Optional(LimitParam) }),
  answer: Success(
    Type.Object({
      headStats: Type.Record(Type.String(), Type.Number()),
      seriesCountByMetricName: Type.Array(NameValue),
      labelValueCountByLabelName: Type.Array(NameValue),
      memoryInBytesByLabelName: Type.Array(NameValue),
      seriesCountByLabelValuePair: Type.Array(NameValue),
    }),
  ),
});
