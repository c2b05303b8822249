/** Loki's endpoints beside queries: how much there is, which fields, which patterns. */
import { Type } from "typebox";
import { MatrixData, Success, VectorData } from "./envelope.ts";
import { LokiTimeParam } from "./params.ts";
import { defineRoute } from "./route.ts";

const METHODS = ["GET", "POST"] as const;
const range = {
  start: Type.Optional(LokiTimeParam),
  end: Type.Optional(LokiTimeParam),
  since: Type.Optional(Type.String({ description: "a duration before end" })),
};
const limit = Type.Optional(Type.String());
const step = Type.Optional(Type.String());

export const lokiIndexStats = defineRoute({
  methods: METHODS,
  path: "/loki/api/v1/index/stats",
  summary: "How many streams, lines and bytes match a selector; without an envelope, as Loki answers.",
  params: Type.Object({ query: Type.String(), ...range }),
  answer: Type.Object({
    streams: Type.Integer(),
    chunks: Type.Integer(),
    entries: Type.Integer(),
    bytes: Type.Integer(),
  }),
});

const volumeParams = {
  query: Type.String(),
  ...range,
  limit,
  targetLabels: Type.Optional(Type.String({ description: "names apart by commas" })),
  aggregateBy: Type.Optional(Type.Union([Type.Literal("series"), Type.Literal("labels")])),
};

export const lokiVolume = defineRoute({
  methods: METHODS,
  path: "/loki/api/v1/index/volume",
  summary: "Bytes of the streams that match, added up by labels, the largest first.",
  params: Type.Object(volumeParams),
  answer: Success(VectorData),
});

export const lokiVolumeRange = defineRoute({
  methods: METHODS,
  path: "/loki/api/v1/index/volume_range",
  summary: "Bytes of the streams that match, added up by labels, step by step.",
  params: Type.Object({ ...volumeParams, step }),
  answer: Success(MatrixData),
});

export const lokiDetectedLabels = defineRoute({
  methods: METHODS,
  path: "/loki/api/v1/detected_labels",
  summary: "Labels worth picking from, with how many values they have; no query: of all streams.",
  params: Type.Object({ query: Type.Optional(Type.String()), ...range }),
  answer: Type.Object({
    detectedLabels: Type.Array(Type.Object({ label: Type.String(), cardinality: Type.Integer() })),
  }),
});

const fieldParams = Type.Object({
  query: Type.String(),
  ...range,
  step,
  line_limit: Type.Optional(Type.String({ description: "newest lines that are looked at; 100 by default" })),
  limit,
  field_limit: limit,
});

export const lokiDetectedFields = defineRoute({
  methods: METHODS,
  path: "/loki/api/v1/detected_fields",
  summary: "Fields of lines, in their metadata or in their text as JSON or logfmt.",
  params: fieldParams,
  answer: Type.Object({
    fields: Type.Array(
      Type.Object({
        label: Type.String(),
        type: Type.String(),
        cardinality: Type.Integer(),
        parsers: Type.Union([Type.Array(Type.String()), Type.Null()]),
        jsonPath: Type.Optional(Type.Array(Type.String())),
      }),
    ),
    limit: Type.Integer(),
  }),
});

export const lokiDetectedFieldValues = defineRoute({
  methods: METHODS,
  path: "/loki/api/v1/detected_field/:name/values",
  summary: "Values of one field.",
  params: fieldParams,
  answer: Type.Object({ values: Type.Array(Type.String()), limit: Type.Integer() }),
});

export const lokiPatterns = defineRoute({
  methods: METHODS,
  path: "/loki/api/v1/patterns",
  summary: "Patterns of the lines a log query gives, counted exactly, the most frequent first.",
  params: Type.Object({ query: Type.String(), ...range, step, limit }),
  answer: Success(
    Type.Array(
      Type.Object({
        pattern: Type.String({ description: "as |> takes it" }),
        level: Type.String(),
        samples: Type.Array(Type.Tuple([Type.Integer(), Type.Integer()])),
      }),
    ),
  ),
});

export const lokiPatternsDiff = defineRoute({
  methods: METHODS,
  path: "/loki/api/v1/patterns/diff",
  summary: "New, vanished and changed patterns between two ranges, the most surprising first.",
  params: Type.Object({
    query: Type.String(),
    ...range,
    base_start: Type.Optional(LokiTimeParam),
    base_end: Type.Optional(LokiTimeParam),
    limit,
  }),
  answer: Success(
    Type.Array(
      Type.Object({
        pattern: Type.String(),
        kind: Type.String(),
        before: Type.Integer(),
        after: Type.Integer(),
        score: Type.Number(),
      }),
    ),
  ),
});

export const lokiPatternSlot = defineRoute({
  methods: METHODS,
  path: "/loki/api/v1/patterns/slot",
  summary: "What stands in one <_> of a pattern, counted from 0, and how often.",
  params: Type.Object({
    query: Type.String(),
    pattern: Type.String(),
    slot: Type.Optional(Type.String()),
    ...range,
    limit,
  }),
  answer: Success(Type.Unknown()),
});

export const lokiFormatQuery = defineRoute({
  methods: METHODS,
  path: "/loki/api/v1/format_query",
  summary: "A LogQL query, written as the project writes it.",
  params: Type.Object({ query: Type.String() }),
  answer: Success(Type.String()),
});

export const lokiDrilldownLimits = defineRoute({
  methods: ["GET"],
  path: "/loki/api/v1/drilldown-limits",
  summary: "What Grafana's Logs Drilldown asks about this server.",
  params: Type.Object({}),
  answer: Type.Object({
    limits: Type.Record(Type.String(), Type.Unknown()),
    pattern_ingester_enabled: Type.Boolean(),
    version: Type.String(),
  }),
});
