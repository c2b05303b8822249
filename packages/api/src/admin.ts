/** What an administrator may ask of the stores. */
import { Type } from "typebox";
import { Success } from "./envelope.ts";
import { FlagParam, SelectorsParam, TimeParam } from "./params.ts";
import { defineRoute } from "./route.ts";

export const deleteSeries = defineRoute({
  methods: ["POST", "PUT"],
  path: "/api/v1/admin/tsdb/delete_series",
  summary: "Deletes the samples of series in a range.",
  params: Type.Object({
    "match[]": SelectorsParam,
    start: Type.Optional(TimeParam),
    end: Type.Optional(TimeParam),
  }),
  answer: Type.Null(),
  answerStatus: 204,
});

export const cleanTombstones = defineRoute({
  methods: ["POST", "PUT"],
  path: "/api/v1/admin/tsdb/clean_tombstones",
  summary: "Removes deleted samples from the disk.",
  params: Type.Object({}),
  answer: Type.Null(),
  answerStatus: 204,
});

export const snapshot = defineRoute({
  methods: ["POST", "PUT"],
  path: "/api/v1/admin/tsdb/snapshot",
  summary: "Copies the metrics store as it stands into a folder of the data directory.",
  params: Type.Object({ skip_head: Type.Optional(FlagParam) }),
  answer: Success(Type.Object({ name: Type.String() })),
});

export const compactMetrics = defineRoute({
  methods: ["POST"],
  path: "/api/v1/admin/tsdb/compact",
  summary: "Seals what is in memory and merges blocks; answers when it is done.",
  params: Type.Object({}),
  answer: Success(Type.Null()),
});

export const compactLogs = defineRoute({
  methods: ["POST"],
  path: "/api/v1/admin/logs/compact",
  summary: "Seals what is in memory and merges parts; answers when it is done.",
  params: Type.Object({}),
  answer: Success(Type.Null()),
});

export const cleanLogDeletions = defineRoute({
  methods: ["POST", "PUT"],
  path: "/api/v1/admin/logs/clean_deletions",
  summary: "Removes deleted lines from the disk; answers when it is done.",
  params: Type.Object({}),
  answer: Type.Null(),
  answerStatus: 204,
});

export const snapshotLogs = defineRoute({
  methods: ["POST", "PUT"],
  path: "/api/v1/admin/logs/snapshot",
  summary: "Copies the log store as it stands into a folder of the data directory.",
  params: Type.Object({
    name: Type.Optional(
      Type.String({ description: "the snapshot of the metrics to put it beside (default: a new one)" }),
    ),
  }),
  answer: Success(Type.Object({ name: Type.String() })),
});
