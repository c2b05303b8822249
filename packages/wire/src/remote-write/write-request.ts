/** What a remote-write request says, in columns: decoded, or to be encoded. */
import type { Histogram, Labels, MetricMetadata } from "@binnacle/model";

export interface WriteHistogram {
  /** Index into `labels`. */
  readonly series: number;
  readonly timeMs: number;
  /** Unix ms, 0 = unknown. */
  readonly startTimeMs: number;
  readonly value: Histogram;
}

export interface WriteExemplar {
  /** Index into `labels`. */
  readonly series: number;
  readonly labels: Labels;
  readonly value: number;
  /** Unix ms, 0 = not given. */
  readonly timeMs: number;
}

export interface WriteRequest {
  /** One entry a series of the request. */
  readonly labels: readonly Labels[];
  /**
   * Series i's samples are those from sampleOffsets[i] to sampleOffsets[i + 1]: one entry more than series.
   */
  readonly sampleOffsets: Uint32Array;
  /** Unix ms. */
  readonly sampleTimes: Float64Array;
  /** May hold the stale marker: moved as bits. */
  readonly sampleValues: Float64Array;
  /** Parallel to the samples: Unix ms, 0 = unknown. Undefined where none is known, as always in version 1. */
  readonly sampleStartTimes: Float64Array | undefined;
  readonly histograms: readonly WriteHistogram[];
  readonly exemplars: readonly WriteExemplar[];
  readonly metadata: readonly MetricMetadata[];
}

/** A series, or a histogram of it, that a decoder left out. */
export interface SeriesError {
  /** Its place in the request, counted from 0. */
  readonly series: number;
  readonly message: string;
}

/** Of a series that a decoder does not remember. */
export const NO_SERIES_NUMBER = 0xffffffff;

export interface DecodedWrite extends WriteRequest {
  /** All label sets; made when they are first asked for. */
  readonly labels: readonly Labels[];
  /** The label set of one series; made at each call. */
  labelsAt(series: number): Labels;
  /**
   * A number for each series, small and the same in each request of one epoch; NO_SERIES_NUMBER where the
   * decoder does not remember the series. Different numbers may stand for one label set, written differently.
   */
  readonly seriesNumbers: Uint32Array;
  /** Numbers of another epoch mean other series. */
  readonly numbersEpoch: number;
  /** The first few of what was left out (ENTRY_ERRORS_MAX). */
  readonly errors: readonly SeriesError[];
  readonly errorCount: number;
}
