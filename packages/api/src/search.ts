/**
 * Searching names and values, as lines of JSON: batches of results, then one line that says how it ended.
 */
import { Type } from "typebox";
import { FlagParam, LimitParam, SelectorsParam, TimeParam } from "./params.ts";
import { defineRoute } from "./route.ts";

export const SEARCH_ALGORITHMS = ["subsequence", "jarowinkler"] as const;

const searchParams = {
  "match[]": Type.Optional(SelectorsParam),
  "search[]": Type.Optional(
    Type.Array(Type.String(), { description: "terms; a name need satisfy only one" }),
  ),
  fuzz_threshold: Type.Optional(Type.String({ description: "0 to 100: the least score; 0 by default" })),
  fuzz_alg: Type.Optional(Type.String({ description: "subsequence (the default) or jarowinkler" })),
  case_sensitive: Type.Optional(FlagParam),
  sort_by: Type.Optional(Type.String({ description: "alpha or score" })),
  sort_dir: Type.Optional(Type.String({ description: "asc or dsc, with sort_by=alpha" })),
  include_score: Type.Optional(FlagParam),
  start: Type.Optional(TimeParam),
  end: Type.Optional(TimeParam),
  limit: Type.Optional(LimitParam),
  batch_size: Type.Optional(Type.String({ description: "results a line; 100 by default" })),
};

export const SearchResult = Type.Object({
  name: Type.String(),
  score: Type.Optional(Type.Number()),
  type: Type.Optional(Type.String()),
  help: Type.Optional(Type.String()),
  unit: Type.Optional(Type.String()),
});
export type SearchResult = Type.Static<typeof SearchResult>;

/** One line of an answer. */
export const SearchLine = Type.Union([
  Type.Object({ results: Type.Array(SearchResult), warnings: Type.Optional(Type.Array(Type.String())) }),
  Type.Object({ status: Type.Literal("success"), has_more: Type.Boolean() }),
]);

const NDJSON = "application/x-ndjson";

export const searchMetricNames = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/v1/search/metric_names",
  summary: "Searches names of metrics.",
  params: Type.Object({ ...searchParams, include_metadata: Type.Optional(FlagParam) }),
  answer: SearchLine,
  answerType: NDJSON,
});

export const searchLabelNames = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/v1/search/label_names",
  summary: "Searches names of labels.",
  params: Type.Object(searchParams),
  answer: SearchLine,
  answerType: NDJSON,
});

export const searchLabelValues = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/v1/search/label_values",
  summary: "Searches values of one label.",
  params: Type.Object({ ...searchParams, label: Type.String() }),
  answer: SearchLine,
  answerType: NDJSON,
});
