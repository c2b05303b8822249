export * from "./envelope.ts";
export * from "./loki.ts";
export * from "./prometheus.ts";
export { defineRoute, type AnswerOf, type ParamsOf, type Route } from "./route.ts";
export * from "./status.ts";
