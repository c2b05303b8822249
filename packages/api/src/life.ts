/** Health, readiness, reload. */
import { Type } from "typebox";
import { defineRoute } from "./route.ts";

const text = { params: Type.Object({}), answer: Type.String(), answerType: "text/plain" } as const;

export const healthy = defineRoute({
  methods: ["GET"],
  path: "/-/healthy",
  summary: "Whether the process lives.",
  ...text,
});

export const ready = defineRoute({
  methods: ["GET"],
  path: "/-/ready",
  summary: "Whether it answers queries: 503 until then.",
  ...text,
});

export const lokiReady = defineRoute({
  methods: ["GET"],
  path: "/ready",
  summary: "As /-/ready, where Loki's clients look.",
  ...text,
});

export const quit = defineRoute({
  methods: ["POST", "PUT"],
  path: "/-/quit",
  summary: "Ends the process as a signal to terminate does, where that is allowed.",
  ...text,
});

export const reload = defineRoute({
  methods: ["POST", "PUT"],
  path: "/-/reload",
  summary: "Reads the configuration anew, or says what is wrong with it and leaves all as it was.",
  ...text,
});
