/** Grows the columns of one row. The arrays a row is built of are reused: valid until the next `clear`. */
import {
  copyValue,
  setStaleAt,
  wordsOf,
  type Exemplar,
  type HistogramSample,
  type SampleRow,
  type SeriesRef,
} from "@binnacle/model";

export class RowBuilder {
  #series = new Uint32Array(16);
  #values = new Float64Array(16);
  #words = wordsOf(this.#values);
  #startTimes: Float64Array | undefined;
  #exemplars: Exemplar[] = [];
  #histograms: HistogramSample[] = [];
  #length = 0;

  /** Samples, native histograms among them. */
  get length(): number {
    return this.#length + this.#histograms.length;
  }

  /** Whether it has nothing but floats without start times. */
  get isPlain(): boolean {
    return this.#startTimes === undefined && this.#exemplars.length === 0 && this.#histograms.length === 0;
  }

  /**
   * Of a cleared row: makes it one of the series that it began with before, with these values, bit for bit.
   */
  restore(values: Float64Array): void {
    this.#words.set(wordsOf(values));
    this.#length = values.length;
  }

  /** Whether the row has the series: a search, for the rare case that needs it. */
  has(ref: SeriesRef): boolean {
    return (
      this.#series.subarray(0, this.#length).includes(ref) ||
      this.#histograms.some(({ series }) => series === ref)
    );
  }

  clear(): void {
    this.#length = 0;
    this.#startTimes = undefined;
    this.#exemplars = [];
    this.#histograms = [];
  }

  /** Adds value `index` of a column, bit for bit. */
  add(ref: SeriesRef, words: Uint32Array, index: number, startTimeMs: number): void {
    const at = this.#push(ref);
    copyValue(this.#words, at, words, index);
    if (startTimeMs === 0 && this.#startTimes === undefined) return;
    this.#startTimes ??= new Float64Array(this.#series.length);
    this.#startTimes[at] = startTimeMs;
  }

  addNumber(ref: SeriesRef, value: number): void {
    const at = this.#push(ref);
    this.#values[at] = value;
    if (this.#startTimes !== undefined) this.#startTimes[at] = 0;
  }

  addStale(ref: SeriesRef): void {
    const at = this.#push(ref);
    setStaleAt(this.#words, at);
    if (this.#startTimes !== undefined) this.#startTimes[at] = 0;
  }

  addHistogram(sample: HistogramSample): void {
    this.#histograms.push(sample);
  }

  addExemplar(exemplar: Exemplar): void {
    this.#exemplars.push(exemplar);
  }

  build(group: string, timeMs: number): SampleRow {
    const length = this.#length;
    return {
      group,
      timeMs,
      series: this.#series.subarray(0, length),
      values: this.#values.subarray(0, length),
      ...(this.#startTimes === undefined ? {} : { startTimes: this.#startTimes.subarray(0, length) }),
      ...(this.#histograms.length === 0 ? {} : { histograms: this.#histograms }),
      ...(this.#exemplars.length === 0 ? {} : { exemplars: this.#exemplars }),
    };
  }

  #push(ref: SeriesRef): number {
    const at = this.#length++;
    if (at === this.#series.length) this.#grow();
    this.#series[at] = ref;
    return at;
  }

  #grow(): void {
    const capacity = this.#series.length * 2;
    const series = new Uint32Array(capacity);
    series.set(this.#series);
    const values = new Float64Array(capacity);
    values.set(this.#values);
    this.#series = series;
    this.#values = values;
    this.#words = wordsOf(values);
    if (this.#startTimes === undefined) return;
    const startTimes = new Float64Array(capacity);
    startTimes.set(this.#startTimes);
    this.#startTimes = startTimes;
  }
}
