/**
 * Texts of others that are taken as samples: InfluxDB's lines, VictoriaMetrics' imports, a Pushgateway's
 * pushes.
 */
import { Type } from "typebox";
import { defineRoute } from "./route.ts";

const TEXT = "text/plain";

const common = {
  extra_label: Type.Optional(
    Type.Array(Type.String(), { description: "name=value: a label that every sample is given" }),
  ),
  timestamp: Type.Optional(
    Type.String({ description: "Unix ms of samples that have no time of their own; now by default" }),
  ),
};

const taken = { answer: Type.Null(), answerStatus: 204 } as const;

export const influxWrite = defineRoute({
  methods: ["POST"],
  path: "/write",
  aliases: ["/api/v2/write", "/influx/write", "/influx/api/v2/write"],
  summary: "InfluxDB's line protocol.",
  params: Type.Object({
    ...common,
    db: Type.Optional(Type.String({ description: "a database: the label db of each sample" })),
    precision: Type.Optional(Type.String({ description: "unit of the times" })),
  }),
  bodyTypes: [TEXT],
  ...taken,
});

export const importJson = defineRoute({
  methods: ["POST"],
  path: "/api/v1/import",
  summary: "Series as lines of JSON, as VictoriaMetrics exports them.",
  params: Type.Object(common),
  bodyTypes: ["application/x-ndjson"],
  ...taken,
});

export const importCsv = defineRoute({
  methods: ["POST"],
  path: "/api/v1/import/csv",
  summary: "Samples as CSV, whose columns a format names.",
  params: Type.Object({
    ...common,
    format: Type.Optional(Type.String({ description: "column:type:name, …, as VictoriaMetrics has it" })),
  }),
  bodyTypes: ["text/csv"],
  ...taken,
});

export const importExposition = defineRoute({
  methods: ["POST"],
  path: "/api/v1/import/prometheus",
  summary: "Prometheus's text exposition.",
  params: Type.Object(common),
  bodyTypes: [TEXT],
  ...taken,
});

export const pushGrouped = defineRoute({
  methods: ["POST", "PUT"],
  path: "/metrics/job/*",
  aliases: ["/metrics/job@base64/*", "/api/v1/import/prometheus/metrics/job/*"],
  summary: "A Pushgateway's push: the path gives the job and further labels.",
  params: Type.Object(common),
  bodyTypes: [TEXT],
  answer: Type.Null(),
});
