/**
 * Where samples and lines are pushed, and read back in bulk: bodies are bytes that the wire package reads.
 */
import { Type } from "typebox";
import { defineRoute } from "./route.ts";

const PROTOBUF = "application/x-protobuf";

export const remoteWrite = defineRoute({
  methods: ["POST"],
  path: "/api/v1/write",
  summary: "Prometheus's remote write, versions 1 and 2.",
  params: Type.Object({}),
  bodyTypes: [PROTOBUF],
  answer: Type.Null(),
  answerStatus: 204,
});

export const remoteRead = defineRoute({
  methods: ["POST"],
  path: "/api/v1/read",
  summary: "Prometheus's remote read: samples, or a stream of XOR chunks.",
  params: Type.Object({}),
  bodyTypes: [PROTOBUF],
  answer: Type.Unknown(),
  answerType: PROTOBUF,
});

export const otlpLogs = defineRoute({
  methods: ["POST"],
  path: "/otlp/v1/logs",
  summary: "OTLP's logs over HTTP.",
  params: Type.Object({}),
  bodyTypes: [PROTOBUF, "application/json"],
  answer: Type.Unknown(),
});

export const elasticBulk = defineRoute({
  methods: ["POST"],
  path: "/_bulk",
  aliases: ["/:index/_bulk", "/insert/elasticsearch/_bulk"],
  summary: "Elasticsearch's bulk requests: documents that are log lines.",
  params: Type.Object({}),
  bodyTypes: ["application/x-ndjson", "application/json"],
  answer: Type.Unknown(),
});

/** What senders of bulk requests ask before they send. */
export const elasticHealth = defineRoute({
  methods: ["GET"],
  path: "/_cluster/health",
  summary: "Answers senders of bulk requests that all is well.",
  params: Type.Object({}),
  answer: Type.Object({ status: Type.String(), cluster_name: Type.String() }),
});

export const elasticVersion = defineRoute({
  methods: ["GET"],
  path: "/insert/elasticsearch/",
  summary: "Answers senders of bulk requests which version to speak.",
  params: Type.Object({}),
  answer: Type.Object({ name: Type.String(), version: Type.Unknown(), tagline: Type.String() }),
});

export const lokiLegacyPush = defineRoute({
  methods: ["POST"],
  path: "/api/prom/push",
  summary: "The push of Loki's first API.",
  params: Type.Object({}),
  bodyTypes: [PROTOBUF, "application/json"],
  answer: Type.Null(),
  answerStatus: 204,
});

export const jsonLines = defineRoute({
  methods: ["POST"],
  path: "/insert/jsonline",
  summary:
    "JSON documents a line that are log lines; _stream_fields, _time_field and _msg_field name their parts.",
  params: Type.Object({}),
  bodyTypes: ["application/x-ndjson", "application/stream+json"],
  answer: Type.Null(),
  answerStatus: 204,
});

export const lokiPush = defineRoute({
  methods: ["POST"],
  path: "/loki/api/v1/push",
  summary: "Loki's push.",
  params: Type.Object({}),
  bodyTypes: [PROTOBUF, "application/json"],
  answer: Type.Null(),
  answerStatus: 204,
});

export const otlpMetrics = defineRoute({
  methods: ["POST"],
  path: "/api/v1/otlp/v1/metrics",
  summary: "OpenTelemetry's metrics over HTTP.",
  params: Type.Object({}),
  bodyTypes: [PROTOBUF, "application/json"],
  answer: Type.Unknown(),
  answerType: PROTOBUF,
});
