/** Reads ExportMetricsServiceRequest from JSON. */
import { attributesFromJson, JsonNode, resourceFromJson, scopeFromJson } from "../otlp/common-json.ts";
import {
  type ExponentialBuckets,
  type ExponentialPoint,
  type HistogramPoint,
  type MetricData,
  msOfNs,
  NO_BUCKETS,
  NO_RECORDED_VALUE,
  type NumberPoint,
  type OtlpExemplar,
  type OtlpMetric,
  type Point,
  type ResourceMetrics,
  type ScopeMetrics,
  type SummaryPoint,
  TEMPORALITIES,
  type Temporality,
} from "./metrics.ts";

/** Throws BAD_BODY with the path of what is wrong. */
export function metricsFromJson(body: Uint8Array): ResourceMetrics[] {
  return map(JsonNode.parse(body), "resourceMetrics", (node) => ({
    resource: resourceFromJson(node.child("resource")),
    scopes: map(node, "scopeMetrics", toScope),
  }));
}

function toScope(node: JsonNode): ScopeMetrics {
  return {
    scope: scopeFromJson(node.child("scope")),
    schemaUrl: node.text("schemaUrl"),
    metrics: map(node, "metrics", toMetric),
  };
}

function toMetric(node: JsonNode): OtlpMetric {
  return {
    name: node.text("name"),
    description: node.text("description"),
    unit: node.text("unit"),
    data: toData(node),
  };
}

function toData(node: JsonNode): MetricData | undefined {
  const gauge = node.child("gauge");
  if (gauge !== undefined) return { kind: "gauge", points: map(gauge, "dataPoints", toNumberPoint) };
  const sum = node.child("sum");
  if (sum !== undefined) {
    const points = map(sum, "dataPoints", toNumberPoint);
    return { kind: "sum", temporality: temporalityOf(sum), isMonotonic: sum.bool("isMonotonic"), points };
  }
  const histogram = node.child("histogram");
  if (histogram !== undefined) {
    const points = map(histogram, "dataPoints", toHistogramPoint);
    return { kind: "histogram", temporality: temporalityOf(histogram), points };
  }
  const exponential = node.child("exponentialHistogram");
  if (exponential !== undefined) {
    const points = map(exponential, "dataPoints", toExponentialPoint);
    return { kind: "exponentialHistogram", temporality: temporalityOf(exponential), points };
  }
  const summary = node.child("summary");
  if (summary !== undefined) return { kind: "summary", points: map(summary, "dataPoints", toSummaryPoint) };
  return undefined;
}

/** A number, as the protocol has it, or the enum's name, which some senders write. */
function temporalityOf(node: JsonNode): Temporality {
  const given = node.raw("aggregationTemporality") ?? 0;
  const name = typeof given === "string" ? given : "";
  const number = /^AGGREGATION_TEMPORALITY_(?:DELTA|CUMULATIVE)$/.test(name)
    ? TEMPORALITIES.indexOf(name.slice("AGGREGATION_TEMPORALITY_".length).toLowerCase() as Temporality)
    : node.whole("aggregationTemporality", "int32");
  return TEMPORALITIES[number] ?? "unspecified";
}

function toPoint(node: JsonNode): Point {
  return {
    attributes: attributesFromJson(node, "attributes"),
    startTimeMs: msOfNs(node.wholeExact("startTimeUnixNano", "uint64")),
    timeMs: msOfNs(node.wholeExact("timeUnixNano", "uint64")),
    isStale: (node.whole("flags", "uint32") & NO_RECORDED_VALUE) !== 0,
  };
}

function toNumberPoint(node: JsonNode): NumberPoint {
  return { ...toPoint(node), value: valueOf(node), exemplars: map(node, "exemplars", toExemplar) };
}

function valueOf(node: JsonNode): number | undefined {
  if (node.has("asDouble")) return node.double("asDouble");
  return node.has("asInt") ? node.whole("asInt", "int64") : undefined;
}

function toHistogramPoint(node: JsonNode): HistogramPoint {
  return {
    ...toPoint(node),
    count: node.whole("count", "uint64"),
    sum: node.has("sum") ? node.double("sum") : undefined,
    bucketCounts: node.wholes("bucketCounts", "uint64"),
    bounds: node.doubles("explicitBounds"),
    exemplars: map(node, "exemplars", toExemplar),
  };
}

function toExponentialPoint(node: JsonNode): ExponentialPoint {
  return {
    ...toPoint(node),
    count: node.whole("count", "uint64"),
    sum: node.has("sum") ? node.double("sum") : undefined,
    scale: node.whole("scale", "int32"),
    zeroCount: node.whole("zeroCount", "uint64"),
    zeroThreshold: node.double("zeroThreshold"),
    positive: toBuckets(node.child("positive")),
    negative: toBuckets(node.child("negative")),
    exemplars: map(node, "exemplars", toExemplar),
  };
}

function toBuckets(node: JsonNode | undefined): ExponentialBuckets {
  if (node === undefined) return NO_BUCKETS;
  return { offset: node.whole("offset", "int32"), counts: node.wholes("bucketCounts", "uint64") };
}

function toSummaryPoint(node: JsonNode): SummaryPoint {
  return {
    ...toPoint(node),
    count: node.whole("count", "uint64"),
    sum: node.double("sum"),
    quantiles: map(node, "quantileValues", (at) => ({
      quantile: at.double("quantile"),
      value: at.double("value"),
    })),
  };
}

function toExemplar(node: JsonNode): OtlpExemplar {
  return {
    attributes: attributesFromJson(node, "filteredAttributes"),
    timeMs: msOfNs(node.wholeExact("timeUnixNano", "uint64")),
    value: valueOf(node) ?? 0,
    traceId: node.hexadecimal("traceId"),
    spanId: node.hexadecimal("spanId"),
  };
}

function map<T>(node: JsonNode, key: string, make: (child: JsonNode) => T): T[] {
  return Array.from(node.children(key), make);
}
