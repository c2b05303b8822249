/** Queries and listings of Loki's first API, which old clients still ask. */
import { Type } from "typebox";
import { Direction, rangeOptions } from "./loki.ts";
import { defineRoute } from "./route.ts";

export const lokiLegacyQuery = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/prom/query",
  summary: "Lines of a range, in the shape of Loki's first API; metric queries are not for it.",
  params: Type.Object({
    query: Type.String(),
    /** Lines must match it, beside the query. */
    regexp: Type.Optional(Type.String()),
    ...rangeOptions,
    limit: Type.Optional(Type.String()),
    direction: Type.Optional(Direction),
  }),
  answer: Type.Object({
    streams: Type.Array(
      Type.Object({
        labels: Type.String(),
        entries: Type.Array(Type.Object({ ts: Type.String(), line: Type.String() })),
      }),
    ),
  }),
});

const Values = Type.Object({ values: Type.Array(Type.String()) });
const listParams = Type.Object({ ...rangeOptions, query: Type.Optional(Type.String()) });

export const lokiLegacyLabels = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/prom/label",
  summary: "Names of stream labels, in the shape of Loki's first API.",
  params: listParams,
  answer: Values,
});

export const lokiLegacyLabelValues = defineRoute({
  methods: ["GET", "POST"],
  path: "/api/prom/label/:name/values",
  summary: "Values of one stream label, in the shape of Loki's first API.",
  params: listParams,
  answer: Values,
});
