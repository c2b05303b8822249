/**
 * One series on its way out of blocks and heads, the way nearly all go: whole rows of columns of times that
 * others share, piece after piece. Values are decoded to where they stay; nothing is made a series.
 */
import { ColumnSlab, NO_SAMPLES, wordsOf } from "@binnacle/model";
import { CHUNK_ROWS_MAX } from "../limits.ts";
import type { TimesJoiner } from "./pieces.ts";

export class RowColumn {
  readonly #joiner: TimesJoiner;
  readonly #kept = new ColumnSlab();
  values: Float64Array<ArrayBuffer> = new Float64Array(2 * CHUNK_ROWS_MAX);
  words: Uint32Array = wordsOf(this.values);
  /** The series' values are those from `start` up to and without `end`. */
  start = 0;
  end = 0;
  times: Float64Array = NO_SAMPLES;
  /** False: nobody looks at the values, as long as none of them is a stale marker. */
  wantsValues = true;
  #lastMs = -Infinity;
  #view: Float64Array = NO_SAMPLES;

  constructor(joiner: TimesJoiner) {
    this.#joiner = joiner;
  }

  clear(): void {
    this.start = 0;
    this.end = 0;
    this.times = NO_SAMPLES;
    this.#lastMs = -Infinity;
  }

  get count(): number {
    return this.end - this.start;
  }

  /** Room for so many values from `end` on. */
  reserve(count: number): void {
    if (this.end + count <= this.values.length) return;
    const grown = new Float64Array(Math.max(this.end + count, this.values.length * 2));
    grown.set(this.values.subarray(0, this.end));
    this.values = grown;
    this.words = wordsOf(grown);
  }

  /** Whether samples of these times may be appended: all come after what is here. */
  takes(times: Float64Array): boolean {
    return times[0]! > this.#lastMs;
  }

  /** Says that the values of these times stand behind `end` by now. */
  append(times: Float64Array): void {
    this.end += times.length;
    this.times = this.times.length === 0 ? times : this.#joiner.join(this.times, times);
    this.#lastMs = times[times.length - 1]!;
  }

  /** The values until the next `clear`. */
  view(): Float64Array {
    // Most series of a selection have as many as the one before.
    const { start, end, values } = this;
    const view = this.#view;
    if (view.length !== end - start || view.byteOffset !== start * 8 || view.buffer !== values.buffer) {
      this.#view = values.subarray(start, end);
    }
    return this.#view;
  }

  /** The values to keep. */
  copy(): Float64Array {
    const column = this.#kept.take(this.count);
    column.set(this.view());
    return column;
  }
}
