/** Loki's query, listing and tail endpoints. */
import { Type } from "typebox";
import { LabelObject, MatrixData, ScalarData, Success, VectorData } from "./envelope.ts";
import { LokiTimeParam } from "./params.ts";
import { defineRoute } from "./route.ts";

/** In capitals too, as logcli writes it. */
export const Direction = Type.Union(
  [Type.Literal("forward"), Type.Literal("backward"), Type.Literal("FORWARD"), Type.Literal("BACKWARD")],
  { description: "order of the lines in an answer; backward (the newest first) by default" },
);
export type Direction = Type.Static<typeof Direction>;

export const rangeOptions = {
  start: Type.Optional(LokiTimeParam),
  end: Type.Optional(LokiTimeParam),
  since: Type.Optional(Type.String({ description: "a duration before end; 1h by default" })),
};

/**
 * [Unix nanoseconds as text, line] and, where asked for, the line's structured metadata and parsed labels.
 */
export const LogValue = Type.Union([
  Type.Tuple([Type.String(), Type.String()]),
  Type.Tuple([
    Type.String(),
    Type.String(),
    Type.Object({
      structuredMetadata: Type.Optional(LabelObject),
      parsed: Type.Optional(LabelObject),
    }),
  ]),
]);
export const LogStream = Type.Object({ stream: LabelObject, values: Type.Array(LogValue) });
export type LogStream = Type.Static<typeof LogStream>;

export const StreamsData = Type.Object({
  resultType: Type.Literal("streams"),
  result: Type.Array(LogStream),
  encodingFlags: Type.Optional(Type.Array(Type.String())),
  stats: Type.Optional(Type.Unknown()),
});
export const LokiData = Type.Union([StreamsData, MatrixData, VectorData, ScalarData]);
export type LokiData = Type.Static<typeof LokiData>;

export const lokiInstantQuery = defineRoute({
  methods: ["GET", "POST"],
  path: "/loki/api/v1/query",
  summary: "Evaluates a LogQL metric query at one time.",
  params: Type.Object({
    query: Type.String(),
    time: Type.Optional(LokiTimeParam),
    limit: Type.Optional(Type.String()),
    direction: Type.Optional(Direction),
  }),
  answer: Success(LokiData),
});

export const lokiRangeQuery = defineRoute({
  methods: ["GET", "POST"],
  path: "/loki/api/v1/query_range",
  summary: "Lines of a range, or a LogQL metric query at every step of it.",
  params: Type.Object({
    query: Type.String(),
    ...rangeOptions,
    step: Type.Optional(Type.String()),
    interval: Type.Optional(Type.String()),
    limit: Type.Optional(Type.String()),
    direction: Type.Optional(Direction),
  }),
  answer: Success(LokiData),
});

const listParams = Type.Object({ ...rangeOptions, query: Type.Optional(Type.String()) });

export const lokiLabels = defineRoute({
  methods: ["GET", "POST"],
  path: "/loki/api/v1/labels",
  aliases: ["/loki/api/v1/label"],
  summary: "Names of stream labels.",
  params: listParams,
  answer: Success(Type.Array(Type.String())),
});

export const lokiLabelValues = defineRoute({
  methods: ["GET", "POST"],
  path: "/loki/api/v1/label/:name/values",
  summary: "Values of one stream label.",
  params: listParams,
  answer: Success(Type.Array(Type.String())),
});

export const lokiSeries = defineRoute({
  methods: ["GET", "POST"],
  path: "/loki/api/v1/series",
  aliases: ["/api/prom/series"],
  summary: "Label sets of the streams that match.",
  params: Type.Object({
    "match[]": Type.Optional(Type.Array(Type.String())),
    /** As logcli writes it. */
    match: Type.Optional(Type.Array(Type.String())),
    ...rangeOptions,
  }),
  answer: Success(Type.Array(LabelObject)),
});

/** A frame of the live tail's websocket, at /loki/api/v1/tail. */
export const TailFrame = Type.Object({
  streams: Type.Array(LogStream),
  /** Of lines that the client read too slowly for, the first; all are in the count. */
  dropped_entries: Type.Optional(Type.Array(Type.Object({ labels: LabelObject, timestamp: Type.String() }))),
  dropped_count: Type.Optional(Type.Integer()),
});
export type TailFrame = Type.Static<typeof TailFrame>;

export const lokiTail = defineRoute({
  methods: ["GET"],
  path: "/loki/api/v1/tail",
  aliases: ["/api/prom/tail"],
  summary:
    "Lines as they arrive, over a websocket, behind the newest `limit` lines since `start`, by default an hour ago; a `limit` of 0 leaves those out.",
  params: Type.Object({
    query: Type.String(),
    start: Type.Optional(LokiTimeParam),
    limit: Type.Optional(Type.String()),
    delay_for: Type.Optional(Type.String()),
  }),
  answer: TailFrame,
});

export const lokiBuildInfo = defineRoute({
  methods: ["GET"],
  path: "/loki/api/v1/status/buildinfo",
  summary: "Version of the program, without an envelope, as Loki answers.",
  params: Type.Object({}),
  answer: Type.Object({
    version: Type.String(),
    revision: Type.String(),
    branch: Type.String(),
    goVersion: Type.String(),
  }),
});
