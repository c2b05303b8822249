/**
 * A range vector over all steps: the samples of each series, and for each step the window of them that it
 * sees.
 */
import type { Labels } from "@binnacle/model";
import type { Extension, Place } from "../parser/index.ts";
import type { NativeHistogram } from "./histogram/native-histogram.ts";

export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  /** Unix ms, ascending. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** No value is below the one before it; false says nothing. */
  readonly ascends: boolean;
  readonly startTimes: Float64Array | undefined;
  readonly histogramTimes: Float64Array;
  readonly histograms: readonly NativeHistogram[];
  readonly histogramStartTimes: Float64Array | undefined;
}

export interface RangeInput {
  /** By step: the end of its window, Unix ms, included in it; ascending. */
  readonly ends: Float64Array;
  /** Length of a window; its start is not included. */
  readonly rangeMs: number;
  readonly extension: Extension | undefined;
  /** How far an extended window looks past its ends. */
  readonly lookbackMs: number;
  /** Where the range stands in the query, for annotations. */
  readonly place: Place;
  /** To be gone through once. */
  readonly series: Iterable<RangeSeries>;
}

/** What one step sees of one series. One object a series, moved from step to step. */
export class Window {
  readonly series: RangeSeries;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histogramTimes: Float64Array;
  readonly histograms: readonly NativeHistogram[];
  /** Float samples `from` up to and without `to`. */
  from = 0;
  to = 0;
  histogramFrom = 0;
  histogramTo = 0;
  startMs = 0;
  endMs = 0;

  constructor(series: RangeSeries) {
    this.series = series;
    this.times = series.times;
    this.values = series.values;
    this.histogramTimes = series.histogramTimes;
    this.histograms = series.histograms;
  }

  /** Moves both edges on to (startMs, endMs]. Ends must not go back. */
  moveTo(startMs: number, endMs: number): void {
    this.startMs = startMs;
    this.endMs = endMs;
    const { times, histogramTimes } = this;
    while (this.to < times.length && times[this.to]! <= endMs) this.to++;
    while (this.from < this.to && times[this.from]! <= startMs) this.from++;
    if (histogramTimes.length === 0) return;
    while (this.histogramTo < histogramTimes.length && histogramTimes[this.histogramTo]! <= endMs) {
      this.histogramTo++;
    }
    while (this.histogramFrom < this.histogramTo && histogramTimes[this.histogramFrom]! <= startMs) {
      this.histogramFrom++;
    }
  }

  get floatCount(): number {
    return this.to - this.from;
  }

  get histogramCount(): number {
    return this.histogramTo - this.histogramFrom;
  }

  get isEmpty(): boolean {
    return this.from === this.to && this.histogramFrom === this.histogramTo;
  }

  get isMixed(): boolean {
    return this.from < this.to && this.histogramFrom < this.histogramTo;
  }
}
