/**
 * Names of metrics and labels as Prometheus makes them of OTLP's:
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
import { unreachable } from "@binnacle/model";
import type { OtlpMetricsOptions } from "./options.ts";
import { unitWords } from "./units.ts";

/** What a metric is, as far as its name is concerned. */
export type NamedKind = "gauge" | "counter" | "other";

const NAME_PART = /[a-zA-Z0-9:]+/g;
const NAME_PART_WITH_UNDERSCORES = /[a-zA-Z0-9:_]+/g;
const LEADING_DIGIT = /^[0-9]/;

export interface NamedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: NamedKind;
}

/** The metric's name; "" where nothing of it can be kept. */
export function metricNameOf(metric: NamedMetric, { translationStrategy }: OtlpMetricsOptions): string {
  switch (translationStrategy) {
    case "NoTranslation":
      return metric.name;
    case "NoUTF8EscapingWithSuffixes":
      return withSuffixes(metric);
    case "UnderscoreEscapingWithSuffixes":
      return notOnlyUnderscores(notLedByDigit(escapedWithSuffixes(metric)), metric.name);
    case "UnderscoreEscapingWithoutSuffixes":
      return notOnlyUnderscores(
        notLedByDigit((metric.name.match(NAME_PART_WITH_UNDERSCORES) ?? []).join("_")),
        metric.name,
      );
    default:
      return unreachable(translationStrategy);
  }
}

/** The unit in Prometheus's words, for metadata. */
export function unitNameOf(unit: string): string {
  const { main, per } = unitWords(unit);
  return [cleanUnit(main), cleanUnit(per)].filter((part) => part !== "").join("_");
}

/** Words of the name, each but once where it is a unit or a kind: those come last. */
function escapedWithSuffixes({ name, unit, kind }: NamedMetric): string {
  const words: string[] = name.match(NAME_PART) ?? [];
  const units = unitWords(unit);
  for (const part of [cleanUnit(units.main), cleanUnit(units.per)]) {
    if (part !== "" && !words.includes(part)) words.push(part);
  }
  const last = lastWord(unit, kind);
  return (last === "" ? words : [...words.filter((word) => word !== last), last]).join("_");
}

/** The name as it is, with what it lacks of unit and kind. */
function withSuffixes({ name, unit, kind }: NamedMetric): string {
  const last = lastWord(unit, kind);
  const { main, per } = unitWords(unit);
  let text = last === "" ? name : withoutSuffix(name, last);
  if (per !== "") text = withoutSuffix(text, per);
  if (main !== "" && !text.endsWith(main)) text += `_${main}`;
  if (per !== "") text += `_${per}`;
  return last === "" ? text : `${text}_${last}`;
}

function lastWord(unit: string, kind: NamedKind): string {
  if (kind === "counter") return "total";
  return kind === "gauge" && unit === "1" ? "ratio" : "";
}

/** Without a suffix and the sign before it. */
function withoutSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) && text.length > suffix.length + 1
    ? text.slice(0, -(suffix.length + 1))
    : text;
}

function cleanUnit(unit: string): string {
  return (unit.match(NAME_PART) ?? []).join("_");
}

function notLedByDigit(name: string): string {
  return LEADING_DIGIT.test(name) ? `_${name}` : name;
}

function notOnlyUnderscores(name: string, original: string): string {
  return name !== original && /^_*$/.test(name) ? "" : name;
}

/** The label's name; "" where nothing of it can be kept. */
export function labelNameOf(name: string, options: OtlpMetricsOptions): string {
  if (!options.translationStrategy.startsWith("UnderscoreEscaping")) return name;
  const runs = options.keepsMultipleUnderscores ? /[^a-zA-Z0-9_]/gu : /[^a-zA-Z0-9_]|_+/gu;
  let label = name.replaceAll(runs, "_");
  if (!options.keepsMultipleUnderscores) label = label.replaceAll(/__+/g, "_");
  if (LEADING_DIGIT.test(label)) label = `key_${label}`;
  else if (options.sanitizesLeadingUnderscore && /^_(?!_)/.test(label)) label = `key${label}`;
  return notOnlyUnderscores(label, name);
}
