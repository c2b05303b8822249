/**
 * How samples get into a store, or into a forwarder's queue: scraping, remote write and rules all append
 * through this.
 *
 * A batch is rows. A row is what one sender said of one moment: one time, many series (DESIGN: a scrape is a
 * row).
 */
import type { Histogram } from "./histogram.ts";
import type { Labels } from "./labels.ts";

/**
 * A series as its sink numbers it: valid for the life of the sink object, unless `append` says
 * `unknown_series`.
 */
export type SeriesRef = number;

export interface SampleRow {
  /**
   * Names the sender, and so the group of series that share their times: `scrape/<job>/<instance>`,
   * `write/<job>/<instance>`, `rules/<group>`. At most GROUP_NAME_LENGTH_MAX characters.
   */
  readonly group: string;
  /** Unix ms, whole. */
  readonly timeMs: number;
  /** Series of the float samples, each at most once in the row. */
  readonly series: Uint32Array;
  /** Parallel to `series`. May hold the stale marker: moved as bits, see values.ts. */
  readonly values: Float64Array;
  /** Parallel to `series`: start timestamps in Unix ms, 0 = unknown. */
  readonly startTimes?: Float64Array;
  readonly histograms?: readonly HistogramSample[];
  readonly exemplars?: readonly Exemplar[];
}

export interface HistogramSample {
  readonly series: SeriesRef;
  readonly value: Histogram;
  /** Unix ms, 0 = unknown. */
  readonly startTimeMs: number;
}

export interface Exemplar {
  readonly series: SeriesRef;
  readonly labels: Labels;
  readonly value: number;
  readonly timeMs: number;
}

export const SAMPLE_REJECT_REASONS = [
  "out_of_order",
  "duplicate_timestamp",
  "too_old",
  "too_far_in_future",
  "unknown_series",
] as const;

/** Why a sample was not taken. Each is also the `reason` label of a counter. */
export type SampleRejectReason = (typeof SAMPLE_REJECT_REASONS)[number];

export interface SampleRejection {
  readonly reason: SampleRejectReason;
  readonly series: SeriesRef;
  readonly timeMs: number;
  /** For people: the value, the bound, the place. */
  readonly message: string;
}

export interface AppendResult {
  /** Samples taken, repeats of the same time and value included. */
  readonly appended: number;
  readonly rejected: number;
  /** Native histograms among the rejected, those of unknown series left out. Default 0. */
  readonly rejectedHistograms?: number;
  /** The first few rejections (REJECTIONS_REPORTED_MAX), and all refs that are no longer known. */
  readonly rejections: readonly SampleRejection[];
  readonly unknownSeries: readonly SeriesRef[];
}

export type MetricType =
  | "counter"
  | "gauge"
  | "histogram"
  | "gaugehistogram"
  | "summary"
  | "info"
  | "stateset"
  | "unknown";

export interface MetricMetadata {
  readonly metric: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

export interface AppendOptions {
  /**
   * How long the sender does not mind waiting, in ms, so that others' rows can share what makes rows durable.
   * Default 0: as soon as can be.
   */
  readonly patienceMs?: number;
}

export interface MetricSink {
  /**
   * The ref of a label set, which is registered if it is new. Throws LIMIT_EXCEEDED when there are too many
   * series. The same label set always has the same ref while it lives.
   */
  series(labels: Labels): SeriesRef;
  /**
   * Takes rows, all of a request at once. Resolves once they are durable. A bad sample is rejected with its
   * reason and its neighbours are kept. Throws TOO_MANY_REQUESTS when the sink cannot keep up, UNAVAILABLE
   * when it is read-only. The rows' arrays may be reused by the caller as soon as the promise settles, not
   * before.
   */
  append(rows: readonly SampleRow[], options?: AppendOptions): Promise<AppendResult>;
  /** What exporters say of their metrics. Kept once a metric name, the newest wins. */
  describe(metadata: readonly MetricMetadata[]): void;
}

/**
 * Longest name of a group, in characters. A longer one is our own mistake: senders cut what they make it of.
 */
export const GROUP_NAME_LENGTH_MAX = 1024;
/** Rejections one append tells apart; the rest are only counted. */
export const REJECTIONS_REPORTED_MAX = 16;
