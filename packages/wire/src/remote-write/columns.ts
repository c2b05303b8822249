/**
 * The columns of a request while it is being decoded. Label sets are only made for those who ask: most
 * series are known by their number.
 */
import type { ScannedSeries } from "@binnacle/kernels";
import { type Labels, type MetricMetadata, STALE_NAN_HIGH, STALE_NAN_LOW } from "@binnacle/model";
import { ENTRY_ERRORS_MAX, MESSAGE_BYTES_KEPT_MAX } from "../limits.ts";
import type { ProtobufReader } from "../protobuf/reader.ts";
import {
  NO_SERIES_NUMBER,
  type DecodedWrite,
  type SeriesError,
  type WriteExemplar,
  type WriteHistogram,
} from "./write-request.ts";

/** Label sets by where they stand in a message. */
export type LabelsAt = (start: number, end: number) => Labels;

export class WriteColumns {
  /** Label sets that were made already, by series. */
  readonly #labels = new Map<number, Labels>();
  /** Where the labels of each series stand in the message. */
  #labelStarts = new Uint32Array(256);
  #labelEnds = new Uint32Array(256);
  #numbers = new Uint32Array(256);
  /** Samples up to the last of each series, and 0 before the first. */
  #offsets = new Uint32Array(257);
  #seriesCount = 0;
  histograms: WriteHistogram[] = [];
  exemplars: WriteExemplar[] = [];
  metadata: MetricMetadata[] = [];
  #errors: SeriesError[] = [];
  #message: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #errorCount = 0;
  #times = new Float64Array(256);
  #values = new Float64Array(256);
  #words = new Uint32Array(this.#values.buffer);
  #startTimes: Float64Array<ArrayBuffer> | undefined;
  #count = 0;
  /** Where the samples of the series that is being read begin. */
  #seriesStart = 0;
  /** Series of the request so far, those that were left out included. */
  #seriesRead = 0;

  /** Makes it ready for another request. What was made of the one before holds no longer. */
  reset(): void {
    this.#labels.clear();
    this.histograms = [];
    this.exemplars = [];
    this.metadata = [];
    this.#errors = [];
    this.#errorCount = 0;
    this.#seriesCount = 0;
    this.#startTimes = undefined;
    this.#count = 0;
    this.#seriesStart = 0;
    this.#seriesRead = 0;
  }

  /** Room for a message that stays as it is until the next one. */
  messageRoom(length: number): Uint8Array {
    if (length > MESSAGE_BYTES_KEPT_MAX) return new Uint8Array(length);
    if (this.#message.length < length) this.#message = new Uint8Array(length + (length >>> 2));
    return this.#message.subarray(0, length);
  }

  /** The index of the series that is being read, among those that are kept. */
  get series(): number {
    return this.#seriesCount;
  }

  /**
   * Reads a sample message: value 1, time 2, start time 3. Its samples belong to the series that is ended
   * next.
   */
  readSample(reader: ProtobufReader): void {
    this.#reserve(1);
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
    this.#reserve(1);
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

  /** `number` and the labels' place where the decoder knows the series by them. */
  endSeries(labels: Labels, known?: { number: number; start: number; end: number }): void {
    this.#reserveSeries(1);
    const i = this.#seriesCount++;
    this.#labels.set(i, labels);
    this.#numbers[i] = known?.number ?? NO_SERIES_NUMBER;
    this.#labelStarts[i] = known?.start ?? 0;
    this.#labelEnds[i] = known?.end ?? 0;
    this.#offsets[i + 1] = this.#count;
    this.#seriesStart = this.#count;
    this.#seriesRead++;
  }

  /** Ends a series that the decoder knows, and whose labels nobody has read. */
  endKnown(number: number, start: number, end: number): void {
    this.#reserveSeries(1);
    const i = this.#seriesCount++;
    this.#numbers[i] = number;
    this.#labelStarts[i] = start;
    this.#labelEnds[i] = end;
    this.#offsets[i + 1] = this.#count;
    this.#seriesStart = this.#count;
    this.#seriesRead++;
  }

  /**
   * The label set of the series that is `ahead` of the one that is being read, which has been made already.
   */
  keepLabels(ahead: number, labels: Labels): void {
    this.#labels.set(this.#seriesCount + ahead, labels);
  }

  /** Adds series [from, to) of a scan, all known; `numbers` is parallel to the scan's series. */
  addScanned(scanned: ScannedSeries, numbers: Uint32Array, from: number, to: number): void {
    const count = to - from;
    if (count === 0) return;
    const firstSample = from === 0 ? 0 : scanned.sampleEnds[from - 1]!;
    const endSample = scanned.sampleEnds[to - 1]!;
    this.#reserveSeries(count);
    this.#reserve(endSample - firstSample);
    const at = this.#seriesCount;
    this.#numbers.set(numbers.subarray(from, to), at);
    this.#labelStarts.set(scanned.labelStarts.subarray(from, to), at);
    this.#labelEnds.set(scanned.labelEnds.subarray(from, to), at);
    const bias = this.#count - firstSample;
    for (let i = 0; i < count; i++) this.#offsets[at + i + 1] = scanned.sampleEnds[from + i]! + bias;
    this.#times.set(scanned.times.subarray(firstSample, endSample), this.#count);
    this.#values.set(scanned.values.subarray(firstSample, endSample), this.#count);
    this.#startTimes?.fill(0, this.#count, this.#count + endSample - firstSample);
    this.#count += endSample - firstSample;
    this.#seriesStart = this.#count;
    this.#seriesCount += count;
    this.#seriesRead += count;
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

  /** `read` makes label sets of what stands in the message. */
  finish(read: LabelsAt, numbersEpoch: number): DecodedWrite {
    const count = this.#seriesCount;
    const labelsAt = (i: number): Labels =>
      this.#labels.get(i) ?? read(this.#labelStarts[i]!, this.#labelEnds[i]!);
    let labels: Labels[] | undefined;
    return {
      get labels() {
        return (labels ??= Array.from({ length: count }, (_, i) => labelsAt(i)));
      },
      labelsAt,
      seriesNumbers: this.#numbers.subarray(0, count),
      numbersEpoch,
      sampleOffsets: this.#offsets.subarray(0, count + 1),
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

  /** Makes room for so many more samples. */
  #reserve(count: number): void {
    const needed = this.#count + count;
    if (needed > this.#times.length) {
      const length = Math.max(needed, 2 * this.#times.length);
      this.#times = grown(this.#times, length);
      this.#values = grown(this.#values, length);
      this.#words = new Uint32Array(this.#values.buffer);
      if (this.#startTimes !== undefined) this.#startTimes = grown(this.#startTimes, length);
    }
    // What a series that was left out has written there.
    if (count === 1 && this.#startTimes !== undefined) this.#startTimes[this.#count] = 0;
  }

  #reserveSeries(count: number): void {
    const needed = this.#seriesCount + count;
    if (needed <= this.#numbers.length) return;
    const length = Math.max(needed, 2 * this.#numbers.length);
    this.#numbers = grownU32(this.#numbers, length);
    this.#labelStarts = grownU32(this.#labelStarts, length);
    this.#labelEnds = grownU32(this.#labelEnds, length);
    this.#offsets = grownU32(this.#offsets, length + 1);
  }
}

function grown(column: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  // Bytes, since a value may be the stale marker.
  new Uint8Array(larger.buffer).set(new Uint8Array(column.buffer));
  return larger;
}

function grownU32(column: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(column);
  return larger;
}
