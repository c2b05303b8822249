/** How the store and the program are: blocks, replay, features, the program's own metrics, notifications. */
import { Type } from "typebox";
import { Success } from "./envelope.ts";
import { defineRoute } from "./route.ts";

export const Block = Type.Object({
  ulid: Type.String(),
  /** Unix ms, both included. */
  minTime: Type.Integer(),
  maxTime: Type.Integer(),
  stats: Type.Object({
    numSamples: Type.Integer(),
    numSeries: Type.Integer(),
    numChunks: Type.Integer(),
    numBytes: Type.Integer(),
  }),
  compaction: Type.Object({ level: Type.Integer(), sources: Type.Array(Type.String()) }),
  version: Type.Integer(),
});

export const blocksStatus = defineRoute({
  methods: ["GET"],
  path: "/api/v1/status/tsdb/blocks",
  summary: "The sealed blocks of the metrics store.",
  params: Type.Object({}),
  answer: Success(Type.Object({ blocks: Type.Array(Block) })),
});

export const walReplay = defineRoute({
  methods: ["GET"],
  path: "/api/v1/status/walreplay",
  summary: "How far the replay of journals is; answers before the server is ready.",
  params: Type.Object({}),
  answer: Success(
    Type.Object({ min: Type.Integer(), max: Type.Integer(), current: Type.Integer(), state: Type.String() }),
  ),
});

export const selfMetrics = defineRoute({
  methods: ["GET"],
  path: "/api/v1/status/self_metrics",
  summary: "The program's own metrics, as JSON of Prometheus's MetricFamily.",
  params: Type.Object({
    metric_name_pattern: Type.Optional(
      Type.String({ description: "an RE2 pattern that a name must match as a whole" }),
    ),
  }),
  answer: Success(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
});

export const features = defineRoute({
  methods: ["GET"],
  path: "/api/v1/features",
  summary: "What this server can do, by category.",
  params: Type.Object({}),
  answer: Success(Type.Record(Type.String(), Type.Record(Type.String(), Type.Boolean()))),
});

export const Notification = Type.Object({
  text: Type.String(),
  /** RFC 3339. */
  date: Type.String(),
  active: Type.Boolean(),
});
export type Notification = Type.Static<typeof Notification>;

export const notifications = defineRoute({
  methods: ["GET"],
  path: "/api/v1/notifications",
  summary: "What an operator should know of this server at the moment.",
  params: Type.Object({}),
  answer: Success(Type.Array(Notification)),
});

export const liveNotifications = defineRoute({
  methods: ["GET"],
  path: "/api/v1/notifications/live",
  summary: "Notifications as they come and go: server-sent events, each a notification as JSON.",
  params: Type.Object({}),
  answer: Notification,
  answerType: "text/event-stream",
});

export const openApi = defineRoute({
  methods: ["GET"],
  path: "/api/v1/openapi.yaml",
  summary: "This description.",
  params: Type.Object({
    openapi_version: Type.Optional(Type.Union([Type.Literal("3.1"), Type.Literal("3.2")])),
  }),
  answer: Type.String(),
  answerType: "application/yaml",
});

export const ownMetrics = defineRoute({
  methods: ["GET"],
  path: "/metrics",
  summary: "The program's own metrics as an exposition.",
  params: Type.Object({}),
  answer: Type.String(),
  answerType: "text/plain",
});
