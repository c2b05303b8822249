/**
 * OTLP's metrics as they were sent, whether in protobuf or in JSON:
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
 */
import type { Attribute, Resource, Scope } from "../otlp/common.ts";

export interface ResourceMetrics {
  readonly resource: Resource;
  readonly scopes: readonly ScopeMetrics[];
}

export interface ScopeMetrics {
  readonly scope: Scope;
  readonly schemaUrl: string;
  readonly metrics: readonly OtlpMetric[];
}

export type Temporality = "unspecified" | "delta" | "cumulative";

/** By the protocol's enum. */
export const TEMPORALITIES: readonly Temporality[] = ["unspecified", "delta", "cumulative"];

export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** Undefined where it has no data, or of a kind that nobody knows. */
  readonly data: MetricData | undefined;
}

export type MetricData =
  | { readonly kind: "gauge"; readonly points: readonly NumberPoint[] }
  | {
      readonly kind: "sum";
      readonly temporality: Temporality;
      readonly isMonotonic: boolean;
      readonly points: readonly NumberPoint[];
    }
  | {
      readonly kind: "histogram";
      readonly temporality: Temporality;
      readonly points: readonly HistogramPoint[];
    }
  | {
      readonly kind: "exponentialHistogram";
      readonly temporality: Temporality;
      readonly points: readonly ExponentialPoint[];
    }
  | { readonly kind: "summary"; readonly points: readonly SummaryPoint[] };

export interface Point {
  readonly attributes: readonly Attribute[];
  /** Unix ms, 0 = unknown. */
  readonly startTimeMs: number;
  readonly timeMs: number;
  /** Whether the point says that its series has no value any more. */
  readonly isStale: boolean;
}

export interface NumberPoint extends Point {
  /** Undefined where none was sent. */
  readonly value: number | undefined;
  readonly exemplars: readonly OtlpExemplar[];
}

export interface HistogramPoint extends Point {
  readonly count: number;
  /** Undefined where none was sent. */
  readonly sum: number | undefined;
  /** One more than bounds, or none at all. */
  readonly bucketCounts: readonly number[];
  readonly bounds: readonly number[];
  readonly exemplars: readonly OtlpExemplar[];
}

/** Bucket i reaches from base^(offset + i), exclusive, to base^(offset + i + 1). */
export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: readonly number[];
}

export interface ExponentialPoint extends Point {
  readonly count: number;
  readonly sum: number | undefined;
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
  readonly exemplars: readonly OtlpExemplar[];
}

export interface SummaryPoint extends Point {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

export interface OtlpExemplar {
  readonly attributes: readonly Attribute[];
  readonly timeMs: number;
  readonly value: number;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
}

/** The flag by which a point says that there is no value. */
export const NO_RECORDED_VALUE = 1;
export const NO_BUCKETS: ExponentialBuckets = { offset: 0, counts: [] };

/** Milliseconds of a time in nanoseconds, cut towards zero. */
export function msOfNs(ns: bigint): number {
  return Number(ns / 1_000_000n);
}
