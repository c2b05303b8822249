/** Reads ExportMetricsServiceRequest from protobuf. */
import type { Attribute } from "../otlp/common.ts";
import { NO_RESOURCE, NO_SCOPE } from "../otlp/common.ts";
import { readAttribute, readResource, readScope } from "../otlp/common-protobuf.ts";
import { ProtobufReader } from "../protobuf/reader.ts";
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
  type ResourceMetrics,
  type ScopeMetrics,
  type SummaryPoint,
  TEMPORALITIES,
} from "./metrics.ts";

/** Throws BAD_BODY with the offset. */
export function metricsFromProtobuf(message: Uint8Array): ResourceMetrics[] {
  const reader = new ProtobufReader(message);
  const resources: ResourceMetrics[] = [];
  eachField(reader, (field) => {
    if (field === 1) resources.push(inside(reader, () => readResourceMetrics(reader)));
    else reader.skip();
  });
  return resources;
}

function readResourceMetrics(reader: ProtobufReader): ResourceMetrics {
  let resource = NO_RESOURCE;
  const scopes: ScopeMetrics[] = [];
  eachField(reader, (field) => {
    if (field === 1) resource = readResource(reader);
    else if (field === 2) scopes.push(inside(reader, () => readScopeMetrics(reader)));
    else reader.skip();
  });
  return { resource, scopes };
}

function readScopeMetrics(reader: ProtobufReader): ScopeMetrics {
  let scope = NO_SCOPE;
  let schemaUrl = "";
  const metrics: OtlpMetric[] = [];
  eachField(reader, (field) => {
    if (field === 1) scope = readScope(reader);
    else if (field === 2) metrics.push(inside(reader, () => readMetric(reader)));
    else if (field === 3) schemaUrl = reader.string();
    else reader.skip();
  });
  return { scope, schemaUrl, metrics };
}

function readMetric(reader: ProtobufReader): OtlpMetric {
  let name = "";
  let description = "";
  let unit = "";
  let data: MetricData | undefined;
  eachField(reader, (field) => {
    if (field === 1) name = reader.string();
    else if (field === 2) description = reader.string();
    else if (field === 3) unit = reader.string();
    else if (field === 5) data = { kind: "gauge", points: readData(reader, readNumberPoint).points };
    else if (field === 7) data = { kind: "sum", ...readData(reader, readNumberPoint) };
    else if (field === 9) data = { kind: "histogram", ...readData(reader, readHistogramPoint) };
    else if (field === 10) data = { kind: "exponentialHistogram", ...readData(reader, readExponentialPoint) };
    else if (field === 11) data = { kind: "summary", points: readData(reader, readSummaryPoint).points };
    else reader.skip();
  });
  return { name, description, unit, data };
}

/** All kinds of data have the same fields, as far as they have them. */
function readData<P>(
  reader: ProtobufReader,
  readPoint: (reader: ProtobufReader) => P,
): { points: P[]; temporality: (typeof TEMPORALITIES)[number]; isMonotonic: boolean } {
  const points: P[] = [];
  let temporality = 0;
  let isMonotonic = false;
  inside(reader, () => {
    eachField(reader, (field) => {
      if (field === 1) points.push(inside(reader, () => readPoint(reader)));
      else if (field === 2) temporality = reader.uint32();
      else if (field === 3) isMonotonic = reader.bool();
      else reader.skip();
    });
  });
  return { points, temporality: TEMPORALITIES[temporality] ?? "unspecified", isMonotonic };
}

function readNumberPoint(reader: ProtobufReader): NumberPoint {
  const attributes: Attribute[] = [];
  const exemplars: OtlpExemplar[] = [];
  let startTimeMs = 0;
  let timeMs = 0;
  let value: number | undefined;
  let flags = 0;
  eachField(reader, (field) => {
    if (field === 2) startTimeMs = msOfNs(reader.fixed64Exact());
    else if (field === 3) timeMs = msOfNs(reader.fixed64Exact());
    else if (field === 4) value = reader.double();
    else if (field === 5) exemplars.push(inside(reader, () => readExemplar(reader)));
    else if (field === 6) value = reader.sfixed64();
    else if (field === 7) readAttribute(reader, attributes);
    else if (field === 8) flags = reader.uint32();
    else reader.skip();
  });
  return { attributes, exemplars, startTimeMs, timeMs, value, isStale: isStale(flags) };
}

function readHistogramPoint(reader: ProtobufReader): HistogramPoint {
  const attributes: Attribute[] = [];
  const exemplars: OtlpExemplar[] = [];
  const bucketCounts: number[] = [];
  const bounds: number[] = [];
  let startTimeMs = 0;
  let timeMs = 0;
  let count = 0;
  let sum: number | undefined;
  let flags = 0;
  eachField(reader, (field) => {
    if (field === 2) startTimeMs = msOfNs(reader.fixed64Exact());
    else if (field === 3) timeMs = msOfNs(reader.fixed64Exact());
    else if (field === 4) count = reader.fixed64();
    else if (field === 5) sum = reader.double();
    else if (field === 6) reader.repeated(bucketCounts, "fixed64");
    else if (field === 7) reader.repeated(bounds, "double");
    else if (field === 8) exemplars.push(inside(reader, () => readExemplar(reader)));
    else if (field === 9) readAttribute(reader, attributes);
    else if (field === 10) flags = reader.uint32();
    else reader.skip();
  });
  const times = { startTimeMs, timeMs, isStale: isStale(flags) };
  return { attributes, exemplars, bucketCounts, bounds, count, sum, ...times };
}

function readExponentialPoint(reader: ProtobufReader): ExponentialPoint {
  const attributes: Attribute[] = [];
  const exemplars: OtlpExemplar[] = [];
  let startTimeMs = 0;
  let timeMs = 0;
  let count = 0;
  let sum: number | undefined;
  let scale = 0;
  let zeroCount = 0;
  let zeroThreshold = 0;
  let positive = NO_BUCKETS;
  let negative = NO_BUCKETS;
  let flags = 0;
  eachField(reader, (field) => {
    if (field === 1) readAttribute(reader, attributes);
    else if (field === 2) startTimeMs = msOfNs(reader.fixed64Exact());
    else if (field === 3) timeMs = msOfNs(reader.fixed64Exact());
    else if (field === 4) count = reader.fixed64();
    else if (field === 5) sum = reader.double();
    else if (field === 6) scale = reader.sint32();
    else if (field === 7) zeroCount = reader.fixed64();
    else if (field === 8) positive = inside(reader, () => readBuckets(reader));
    else if (field === 9) negative = inside(reader, () => readBuckets(reader));
    else if (field === 10) flags = reader.uint32();
    else if (field === 11) exemplars.push(inside(reader, () => readExemplar(reader)));
    else if (field === 14) zeroThreshold = reader.double();
    else reader.skip();
  });
  const times = { startTimeMs, timeMs, isStale: isStale(flags) };
  const buckets = { scale, zeroCount, zeroThreshold, positive, negative };
  return { attributes, exemplars, count, sum, ...buckets, ...times };
}

function readBuckets(reader: ProtobufReader): ExponentialBuckets {
  let offset = 0;
  const counts: number[] = [];
  eachField(reader, (field) => {
    if (field === 1) offset = reader.sint32();
    else if (field === 2) reader.repeated(counts, "uint64");
    else reader.skip();
  });
  return { offset, counts };
}

function readSummaryPoint(reader: ProtobufReader): SummaryPoint {
  const attributes: Attribute[] = [];
  const quantiles: { quantile: number; value: number }[] = [];
  let startTimeMs = 0;
  let timeMs = 0;
  let count = 0;
  let sum = 0;
  let flags = 0;
  eachField(reader, (field) => {
    if (field === 2) startTimeMs = msOfNs(reader.fixed64Exact());
    else if (field === 3) timeMs = msOfNs(reader.fixed64Exact());
    else if (field === 4) count = reader.fixed64();
    else if (field === 5) sum = reader.double();
    else if (field === 6) quantiles.push(inside(reader, () => readQuantile(reader)));
    else if (field === 7) readAttribute(reader, attributes);
    else if (field === 8) flags = reader.uint32();
    else reader.skip();
  });
  return { attributes, quantiles, startTimeMs, timeMs, count, sum, isStale: isStale(flags) };
}

function readQuantile(reader: ProtobufReader): { quantile: number; value: number } {
  let quantile = 0;
  let value = 0;
  eachField(reader, (field) => {
    if (field === 1) quantile = reader.double();
    else if (field === 2) value = reader.double();
    else reader.skip();
  });
  return { quantile, value };
}

const NO_ID = new Uint8Array(0);

function readExemplar(reader: ProtobufReader): OtlpExemplar {
  const attributes: Attribute[] = [];
  let timeMs = 0;
  let value = 0;
  let traceId = NO_ID;
  let spanId = NO_ID;
  eachField(reader, (field) => {
    if (field === 2) timeMs = msOfNs(reader.fixed64Exact());
    else if (field === 3) value = reader.double();
    else if (field === 4) spanId = reader.slice() as Uint8Array<ArrayBuffer>;
    else if (field === 5) traceId = reader.slice() as Uint8Array<ArrayBuffer>;
    else if (field === 6) value = reader.sfixed64();
    else if (field === 7) readAttribute(reader, attributes);
    else reader.skip();
  });
  return { attributes, timeMs, value, traceId, spanId };
}

function isStale(flags: number): boolean {
  return (flags & NO_RECORDED_VALUE) !== 0;
}

function eachField(reader: ProtobufReader, take: (field: number) => void): void {
  for (let field = reader.field(); field !== 0; field = reader.field()) take(field);
}

/** Reads the message that is the value of the field. */
function inside<T>(reader: ProtobufReader, read: () => T): T {
  const outerEnd = reader.enter();
  const value = read();
  reader.leave(outerEnd);
  return value;
}
