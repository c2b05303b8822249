/** Prometheus's query and listing endpoints. */
import { Type } from "typebox";
import { LabelObject, MatrixData, QueryData, Success } from "./envelope.ts";
import { DurationParam, LimitParam, SelectorsParam, TimeParam } from "./params.ts";
import { defineRoute } from "./route.ts";

const queryOptions = {
  timeout: Type.Optional(DurationParam),
  limit: Type.Optional(LimitParam),
  lookback_delta: Type.Optional(DurationParam),
  stats: Type.Optional(Type.String()),
  explain: Type.Optional(Type.String()),
};

const listOptions = {
  start: Type.Optional(TimeParam),
  end: Type.Optional(TimeParam),
  limit: Type.Optional(LimitParam),
};

export const instantQuery = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/v1/query",
  summary: "Evaluates a PromQL expression at one time.",
  params: Type.Object({
    query: Type.String(),
    time: Type.Optional(TimeParam),
    ...queryOptions,
  }),
  answer: Success(QueryData),
});

export const rangeQuery = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/v1/query_range",
  summary: "Evaluates a PromQL expression at every step of a range.",
  params: Type.Object({
    query: Type.String(),
    start: TimeParam,
    end: TimeParam,
    step: DurationParam,
    nocache: Type.Optional(Type.String()),
    ...queryOptions,
  }),
  answer: Success(MatrixData),
});

export const series = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/v1/series",
  summary: "Label sets of the series that match.",
  params: Type.Object({ "match[]": SelectorsParam, ...listOptions }),
  answer: Success(Type.Array(LabelObject)),
});

export const labels = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/v1/labels",
  summary: "Names of labels.",
  params: Type.Object({ "match[]": Type.Optional(SelectorsParam), ...listOptions }),
  answer: Success(Type.Array(Type.String())),
});

export const labelValues = defineRoute({
  methods: ["GET"],
  path: "/api/v1/label/:name/values",
  summary: "Values of one label.",
  params: Type.Object({ "match[]": Type.Optional(SelectorsParam), ...listOptions }),
  answer: Success(Type.Array(Type.String())),
});

export const metadata = defineRoute({
  methods: ["GET"],
  path: "/api/v1/metadata",
  summary: "Type, help and unit of metrics, as their exporters say.",
  params: Type.Object({
    metric: Type.Optional(Type.String()),
    limit: Type.Optional(LimitParam),
    limit_per_metric: Type.Optional(LimitParam),
  }),
  answer: Success(
    Type.Record(
      Type.String(),
      Type.Array(Type.Object({ type: Type.String(), help: Type.String(), unit: Type.String() })),
    ),
  ),
});

/** Exemplars of one series. */
export const SeriesExemplars = Type.Object({
  seriesLabels: LabelObject,
  exemplars: Type.Array(
    Type.Object({
      labels: LabelObject,
      value: Type.String(),
      /** Unix seconds. */
      timestamp: Type.Number(),
    }),
  ),
});
export type SeriesExemplars = Type.Static<typeof SeriesExemplars>;

export const queryExemplars = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/v1/query_exemplars",
  summary: "Exemplars of the series that a PromQL expression selects.",
  params: Type.Object({
    query: Type.String(),
    start: Type.Optional(TimeParam),
    end: Type.Optional(TimeParam),
  }),
  answer: Success(Type.Array(SeriesExemplars)),
});

export const parseQuery = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/v1/parse_query",
  summary: "The syntax tree of a PromQL expression.",
  params: Type.Object({ query: Type.String() }),
  answer: Success(Type.Record(Type.String(), Type.Unknown())),
});

export const federate = defineRoute({
  methods: ["GET"],
  path: "/federate",
  summary: "The newest samples of the series that match, as an exposition, with the external labels.",
  params: Type.Object({ "match[]": Type.Optional(SelectorsParam) }),
  answer: Type.String(),
  answerType: "text/plain",
});

export const formatQuery = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/v1/format_query",
  summary: "A PromQL expression as the printer writes it.",
  params: Type.Object({ query: Type.String() }),
  answer: Success(Type.String()),
});
