/** Exemplars of OTLP's points, as Prometheus takes them. */
import { Labels } from "@binnacle/model";
import { anyValueText } from "../otlp/common.ts";
import type { OtlpExemplar } from "./metrics.ts";

/** Characters that an exemplar's labels may have; past it only the ids of trace and span are kept. */
const EXEMPLAR_CHARACTERS_MAX = 128;

export function exemplarLabels({ attributes, traceId, spanId }: OtlpExemplar): Labels {
  const ids: [string, string][] = [];
  if (isId(traceId)) ids.push(["trace_id", Buffer.from(traceId).toString("hex")]);
  if (isId(spanId)) ids.push(["span_id", Buffer.from(spanId).toString("hex")]);
  const others = attributes.map(({ key, value }): [string, string] => [key, anyValueText(value)]);
  const all = [...others.filter(([name]) => name !== ""), ...ids];
  const characters = all.reduce((sum, [name, value]) => sum + charactersOf(name) + charactersOf(value), 0);
  return Labels.from(characters <= EXEMPLAR_CHARACTERS_MAX ? all : ids);
}

/** An id of zeros is none. */
function isId(id: Uint8Array): boolean {
  return id.some((byte) => byte !== 0);
}

/** Unicode's characters, which OpenMetrics' bound counts. */
function charactersOf(text: string): number {
  return Array.from(text).length;
}
