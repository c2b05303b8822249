/** Deletion of lines, as Loki's API has it. */
import { Type } from "typebox";
import { DurationParam, FlagParam, LokiTimeParam } from "./params.ts";
import { defineRoute } from "./route.ts";

const path = "/loki/api/v1/delete";

export const lokiDeleteLines = defineRoute({
  methods: ["POST", "PUT"],
  path,
  summary: "Deletes the lines that a query's selector, parsers and filters let through.",
  params: Type.Object({
    query: Type.Optional(Type.String({ examples: ['{app="shop"} |= "card="'] })),
    start: Type.Optional(LokiTimeParam),
    end: Type.Optional(LokiTimeParam),
    max_interval: Type.Optional(DurationParam),
  }),
  answer: Type.Null(),
  answerStatus: 204,
});

export const lokiListDeletions = defineRoute({
  methods: ["GET"],
  path,
  summary: "Deletions that were asked for, those that are done included.",
  params: Type.Object({ start: Type.Optional(LokiTimeParam), end: Type.Optional(LokiTimeParam) }),
  answer: Type.Array(
    Type.Object({
      request_id: Type.String(),
      /** Unix seconds, as all times here. */
      start_time: Type.Number(),
      end_time: Type.Number(),
      query: Type.String(),
      status: Type.Union([Type.Literal("received"), Type.Literal("processing"), Type.Literal("processed")]),
      created_at: Type.Number(),
    }),
  ),
});

export const lokiCancelDeletion = defineRoute({
  methods: ["DELETE"],
  path,
  summary: "Takes a deletion back: its lines that are still on disk are shown again.",
  params: Type.Object({
    request_id: Type.Optional(Type.String()),
    force: Type.Optional(FlagParam),
  }),
  answer: Type.Null(),
  answerStatus: 204,
});
