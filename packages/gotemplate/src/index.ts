export type { MissingKey } from "./execution.ts";
export { formatFloat, formatShortest } from "./format-float.ts";
export { formatValue, print, println } from "./format.ts";
export { evaluationFunctions, prometheusFunctions, sampleValue } from "./functions/prometheus.ts";
export { durationText, durationValue, formatTime, timeText, timeValue } from "./go-time.ts";
export { escapeHtml, escapeQuery } from "./functions/escape.ts";
export * from "./limits.ts";
export { printf } from "./printf.ts";
export { Suspension, suspending } from "./suspension.ts";
export { Template, type ExecuteOptions, type TemplateOptions } from "./template.ts";
export {
  fn,
  GoFunction,
  isList,
  isMap,
  isRecord,
  isTrue,
  record,
  templateError,
  toInt,
  typeName,
  variadic,
  type CallContext,
  type FunctionTable,
  type GoRecord,
  type ParamType,
  type ParamTypes,
  type Value,
} from "./values.ts";
