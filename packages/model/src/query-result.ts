/**
 * What a metrics query answers, in PromQL and in LogQL alike. Points are columns; a missing point is not
 * there.
 */
import type { Histogram } from "./histogram.ts";
import type { Labels } from "./labels.ts";

export interface ResultSeries {
  readonly labels: Labels;
  /** Unix ms, ascending, of float points. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histogramTimes: Float64Array;
  readonly histograms: readonly Histogram[];
}

export interface VectorSample {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
  readonly histogram: Histogram | undefined;
}

export type QueryValue =
  | { readonly type: "matrix"; readonly series: readonly ResultSeries[] }
  | { readonly type: "vector"; readonly samples: readonly VectorSample[] }
  | { readonly type: "scalar"; readonly timeMs: number; readonly value: number }
  | { readonly type: "string"; readonly timeMs: number; readonly value: string };

export interface QueryResult {
  readonly value: QueryValue;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/**
 * Instant queries as rules ask them; the server gives alerting one that runs in the worker pool's lane for
 * rules.
 */
export interface InstantQuerier {
  instant(query: string, timeMs: number): Promise<QueryResult>;
}
