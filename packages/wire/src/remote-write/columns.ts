/** The columns of a request while it is being decoded. */
import { type Labels, type MetricMetadata, STALE_NAN_HIGH, STALE_NAN_LOW } from "@binnacle/model";
import { ENTRY_ERRORS_MAX } from "../limits.ts";
import type { ProtobufReader } from "../protobuf/reader.ts";
import type { DecodedWrite, SeriesError, WriteExemplar, WriteHistogram } from "./write-request.ts";

export class WriteColumns {
  readonly labels: Labels[] = [];
  readonly histograms: WriteHistogram[] = [];
  readonly exemplars: WriteExemplar[] = [];
  readonly metadata: MetricMetadata[] = [];
  readonly #errors: SeriesError[] = [];
  #errorCount = 0;
  #offsets: number[] = [0];
  #times = new Float64Array(256);
  #values = new Float64Array(256);
  #words = new Uint32Array(this.#values.buffer);
  #startTimes: Float64Array<ArrayBuffer> | undefined;
  #count = 0;
  /** Where the samples of the series that is being read begin. */
  #seriesStart = 0;
  /** Series of the request so far, those that were left out included. */
  #seriesRead = 0;

  /** The index of the series that is being read, among those that are kept. */
  get series(): number {
    return this.labels.length;
  }

  /**
   * Reads a sample message: value 1, time 2, start time 3. Its samples belong to the series that is ended
   * next.
   */
  readSample(reader: ProtobufReader): void {
    this.#reserve();
    const i = this.#count++;
    this.#times[i] = 0;
    this.#values[i] = 0;
    const outerEnd = reader.enter();
    for (let field = reader.field(); field !== 0; field = reader.field()) {
      if (field === 1) reader.doubleInto(this.#words, i);
      else if (field === 2) this.#times[i] = reader.int64();
      else if (field === 3) this.#setStartTime(i, reader.int64());
      else reader.skip();
    }
    reader.leave(outerEnd);
  }

  /** The staleness marker of a histogram becomes one among the floats, where readers look for it. */
  addStale(timeMs: number): void {
    this.#reserve();
    const i = this.#count++;
    this.#times[i] = timeMs;
    this.#words[2 * i] = STALE_NAN_LOW;
    this.#words[2 * i + 1] = STALE_NAN_HIGH;
  }

  /** The start time of all samples of the series that is being read, unless they have one. */
  setStartTimes(timeMs: number): void {
    for (let i = this.#seriesStart; i < this.#count; i++) {
      if ((this.#startTimes?.[i] ?? 0) === 0) this.#setStartTime(i, timeMs);
    }
  }

  endSeries(labels: Labels): void {
    this.labels.push(labels);
    this.#offsets.push(this.#count);
    this.#seriesStart = this.#count;
    this.#seriesRead++;
  }

  /** Leaves out the series that is being read, with all that was read of it. */
  dropSeries(message: string): void {
    this.#count = this.#seriesStart;
    while (this.histograms.at(-1)?.series === this.series) this.histograms.pop();
    while (this.exemplars.at(-1)?.series === this.series) this.exemplars.pop();
    this.noteError(message);
    this.#seriesRead++;
  }

  /** Notes something of the series that is being read that was left out. */
  noteError(message: string): void {
    this.#errorCount++;
    if (this.#errors.length < ENTRY_ERRORS_MAX) this.#errors.push({ series: this.#seriesRead, message });
  }

  finish(): DecodedWrite {
    return {
      labels: this.labels,
      sampleOffsets: Uint32Array.from(this.#offsets),
      sampleTimes: this.#times.subarray(0, this.#count),
      sampleValues: this.#values.subarray(0, this.#count),
      sampleStartTimes: this.#startTimes?.subarray(0, this.#count),
      histograms: this.histograms,
      exemplars: this.exemplars,
      metadata: this.metadata,
      errors: this.#errors,
      errorCount: this.#errorCount,
    };
  }

  #setStartTime(i: number, timeMs: number): void {
    if (timeMs === 0) return;
    this.#startTimes ??= new Float64Array(this.#times.length);
    this.#startTimes[i] = timeMs;
  }

  #reserve(): void {
    if (this.#count < this.#times.length) {
      if (this.#startTimes !== undefined) this.#startTimes[this.#count] = 0;
      return;
    }
    this.#times = doubled(this.#times);
    this.#values = doubled(this.#values);
    this.#words = new Uint32Array(this.#values.buffer);
    if (this.#startTimes !== undefined) this.#startTimes = doubled(this.#startTimes);
  }
}

function doubled(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * column.length);
  larger.set(column);
  return larger;
}
