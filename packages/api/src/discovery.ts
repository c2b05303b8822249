/** What is scraped and who is told: pools, metadata a target, relabelling step by step, Alertmanagers. */
import { Type } from "typebox";
import { LabelObject, Success } from "./envelope.ts";
import { LimitParam } from "./params.ts";
import { defineRoute } from "./route.ts";

export const scrapePools = defineRoute({
  methods: ["GET"],
  path: "/api/v1/scrape_pools",
  summary: "Names of the scrape jobs.",
  params: Type.Object({}),
  answer: Success(Type.Object({ scrapePools: Type.Array(Type.String()) })),
});

export const scrapePoolConfig = defineRoute({
  methods: ["GET"],
  path: "/api/v1/scrape_pools/config",
  summary: "The configuration of one scrape job as YAML, secrets redacted.",
  params: Type.Object({ scrapePool: Type.String() }),
  answer: Success(Type.Object({ yaml: Type.String() })),
});

export const TargetMetadata = Type.Object({
  target: LabelObject,
  /** Left out where one metric was asked for. */
  metric: Type.Optional(Type.String()),
  type: Type.String(),
  help: Type.String(),
  unit: Type.String(),
});
export type TargetMetadata = Type.Static<typeof TargetMetadata>;

export const targetsMetadata = defineRoute({
  methods: ["GET"],
  path: "/api/v1/targets/metadata",
  summary: "Metadata of the metrics that targets expose.",
  params: Type.Object({
    match_target: Type.Optional(Type.String({ description: "a selector over targets' labels" })),
    metric: Type.Optional(Type.String()),
    limit: Type.Optional(LimitParam),
  }),
  answer: Success(Type.Array(TargetMetadata)),
});

export const relabelSteps = defineRoute({
  methods: ["GET"],
  path: "/api/v1/targets/relabel_steps",
  summary: "What each rule of a job's relabel_configs makes of a target's labels.",
  params: Type.Object({
    scrapePool: Type.String(),
    labels: Type.String({ description: "the discovered labels, as a JSON object" }),
  }),
  answer: Success(
    Type.Object({
      steps: Type.Array(
        Type.Object({
          rule: Type.Record(Type.String(), Type.Unknown()),
          output: LabelObject,
          keep: Type.Boolean(),
        }),
      ),
    }),
  ),
});

export const alertmanagers = defineRoute({
  methods: ["GET"],
  path: "/api/v1/alertmanagers",
  summary: "Alertmanagers elsewhere that are told of alerts.",
  params: Type.Object({}),
  answer: Success(
    Type.Object({
      activeAlertmanagers: Type.Array(Type.Object({ url: Type.String() })),
      droppedAlertmanagers: Type.Array(Type.Object({ url: Type.String() })),
    }),
  ),
});
