/**
 * A push of metrics as it is put together, point by point and in any order, and the columns that it becomes:
 * the same as those of remote write, so that one receiver takes them all.
 */
import {
  BinnacleError,
  type Histogram,
  type Labels,
  type MetricMetadata,
  setStaleAt,
  wordsOf,
} from "@binnacle/model";
import { ENTRY_ERRORS_MAX, PUSH_POINTS_MAX } from "../limits.ts";
import type { WriteExemplar, WriteHistogram, WriteRequest } from "../remote-write/write-request.ts";

export interface MetricPush extends WriteRequest {
  /** What was left out, the first few (ENTRY_ERRORS_MAX): each says where. */
  readonly errors: readonly string[];
  /** Points, or lines, that were left out. */
  readonly errorCount: number;
}

/** Of one point; times in Unix ms, 0 = unknown. */
export interface PointTimes {
  readonly timeMs: number;
  readonly startTimeMs?: number;
}

const CAPACITY_FIRST = 64;

export class MetricPushBuilder {
  readonly #labels: Labels[] = [];
  readonly #bySeries = new Map<string, number>();
  readonly #metadata = new Map<string, MetricMetadata>();
  readonly #histograms: WriteHistogram[] = [];
  readonly #exemplars: WriteExemplar[] = [];
  readonly #errors: string[] = [];
  #errorCount = 0;
  #count = 0;
  /** Samples in the order they came. */
  #series = new Uint32Array(CAPACITY_FIRST);
  #times = new Float64Array(CAPACITY_FIRST);
  #values = new Float64Array(CAPACITY_FIRST);
  #words = wordsOf(this.#values);
  #startTimes: Float64Array | undefined;

  /** The number of a label set in this push. */
  series(labels: Labels): number {
    const key = labels.key();
    let series = this.#bySeries.get(key);
    if (series === undefined) {
      series = this.#labels.push(labels) - 1;
      this.#bySeries.set(key, series);
    }
    return series;
  }

  /** Throws LIMIT_EXCEEDED past PUSH_POINTS_MAX, as all that adds points does. */
  addSample(series: number, value: number, times: PointTimes): void {
    this.#values[this.#push(series, times)] = value;
  }

  addStale(series: number, times: PointTimes): void {
    setStaleAt(this.#words, this.#push(series, times));
  }

  addHistogram(series: number, value: Histogram, { timeMs, startTimeMs = 0 }: PointTimes): void {
    this.#checkRoom();
    this.#histograms.push({ series, timeMs, startTimeMs, value });
  }

  addExemplar(exemplar: WriteExemplar): void {
    this.#checkRoom();
    this.#exemplars.push(exemplar);
  }

  describe(metadata: MetricMetadata): void {
    this.#metadata.set(metadata.metric, metadata);
  }

  /** Notes points that are left out, with the place and the reason. */
  refuse(message: string, points = 1): void {
    this.#errorCount += points;
    if (points > 0 && this.#errors.length < ENTRY_ERRORS_MAX) this.#errors.push(message);
  }

  /** Samples of one series stand together in what is returned, in the order they came. */
  finish(): MetricPush {
    const sampleOffsets = new Uint32Array(this.#labels.length + 1);
    for (let i = 0; i < this.#count; i++) sampleOffsets[this.#series[i]! + 1]!++;
    for (let s = 0; s < this.#labels.length; s++) sampleOffsets[s + 1]! += sampleOffsets[s]!;
    const next = sampleOffsets.slice();
    const sampleTimes = new Float64Array(this.#count);
    const sampleValues = new Float64Array(this.#count);
    const words = wordsOf(sampleValues);
    const sampleStartTimes = this.#startTimes === undefined ? undefined : new Float64Array(this.#count);
    for (let i = 0; i < this.#count; i++) {
      const at = next[this.#series[i]!]!++;
      sampleTimes[at] = this.#times[i]!;
      // Words, since it may be the stale marker.
      words[2 * at] = this.#words[2 * i]!;
      words[2 * at + 1] = this.#words[2 * i + 1]!;
      if (sampleStartTimes !== undefined) sampleStartTimes[at] = this.#startTimes![i]!;
    }
    return {
      labels: this.#labels,
      sampleOffsets,
      sampleTimes,
      sampleValues,
      sampleStartTimes,
      histograms: this.#histograms,
      exemplars: this.#exemplars,
      metadata: [...this.#metadata.values()],
      errors: this.#errors,
      errorCount: this.#errorCount,
    };
  }

  #push(series: number, { timeMs, startTimeMs = 0 }: PointTimes): number {
    this.#checkRoom();
    const at = this.#count++;
    if (at === this.#series.length) this.#grow();
    this.#series[at] = series;
    this.#times[at] = timeMs;
    if (startTimeMs !== 0) this.#startTimes ??= new Float64Array(this.#series.length);
    if (this.#startTimes !== undefined) this.#startTimes[at] = startTimeMs;
    return at;
  }

  #checkRoom(): void {
    if (this.#count + this.#histograms.length + this.#exemplars.length < PUSH_POINTS_MAX) return;
    throw new BinnacleError(
      "LIMIT_EXCEEDED",
      `a push of over ${PUSH_POINTS_MAX} points (PUSH_POINTS_MAX): send it in parts`,
    );
  }

  #grow(): void {
    const capacity = 2 * this.#series.length;
    const series = new Uint32Array(capacity);
    series.set(this.#series);
    this.#series = series;
    this.#times = grown(this.#times, capacity);
    this.#values = grown(this.#values, capacity);
    this.#words = wordsOf(this.#values);
    if (this.#startTimes !== undefined) this.#startTimes = grown(this.#startTimes, capacity);
  }
}

/** `set` between arrays of one type moves bytes: the stale marker stays what it is. */
function grown(column: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}
