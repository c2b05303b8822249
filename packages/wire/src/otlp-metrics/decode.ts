/** OTLP's metrics over HTTP, from bytes to series. */
import type { MetricPush } from "../push/metric-push.ts";
import { metricsFromJson } from "./json.ts";
import { OTLP_METRICS_DEFAULTS, type OtlpMetricsOptions } from "./options.ts";
import { metricsFromProtobuf } from "./protobuf.ts";
import { translateMetrics } from "./translate.ts";

/**
 * Decodes an ExportMetricsServiceRequest, decompressed. Bad points are left out and named. Throws BAD_BODY
 * where it cannot be read at all, LIMIT_EXCEEDED past PUSH_POINTS_MAX.
 */
export function decodeOtlpMetrics(
  body: Uint8Array,
  encoding: "protobuf" | "json",
  options: OtlpMetricsOptions = OTLP_METRICS_DEFAULTS,
): MetricPush {
  const resources = encoding === "json" ? metricsFromJson(body) : metricsFromProtobuf(body);
  return translateMetrics(resources, options);
}
