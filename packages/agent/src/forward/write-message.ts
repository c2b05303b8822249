/** Rows as remote-write messages, and messages in halves. */
import {
  REJECTIONS_REPORTED_MAX,
  wordsOf,
  copyValue,
  type AppendResult,
  type Labels,
  type MetricMetadata,
  type SampleRejection,
  type SampleRow,
  type SeriesRef,
} from "@binnacle/model";
import {
  WriteRequestDecoder,
  WriteRequestEncoder,
  type WriteExemplar,
  type WriteHistogram,
  type WriteRequest,
} from "@binnacle/wire";
import type { MessageCodec } from "./forward-sender.ts";

export interface PackedRows {
  readonly requests: readonly WriteRequest[];
  readonly result: AppendResult;
}

/**
 * Rows as requests of at most `samplesMax` samples. Samples of series that `labelsOf` does not know are
 * rejected.
 */
export function packRows(
  rows: readonly SampleRow[],
  metadata: readonly MetricMetadata[],
  options: { samplesMax: number; labelsOf(ref: SeriesRef): Labels | undefined },
): PackedRows {
  const unknown = new Set<SeriesRef>();
  const rejections: SampleRejection[] = [];
  const requests: WriteRequest[] = [];
  let appended = 0;
  let rejected = 0;
  let open = new OpenRequest(metadata);
  const labelsOf = (series: SeriesRef, timeMs: number): Labels | undefined => {
    const labels = options.labelsOf(series);
    if (labels !== undefined) {
      appended++;
      return labels;
    }
    rejected++;
    unknown.add(series);
    if (rejections.length < REJECTIONS_REPORTED_MAX) {
      rejections.push({ reason: "unknown_series", series, timeMs, message: `series ${series} is not known` });
    }
    return undefined;
  };
  for (const row of rows) {
    const words = wordsOf(row.values);
    const indexOf = new Map<SeriesRef, number>();
    for (let i = 0; i < row.series.length; i++) {
      const labels = labelsOf(row.series[i]!, row.timeMs);
      if (labels === undefined) continue;
      indexOf.set(row.series[i]!, open.addSample(labels, words, i, row.timeMs));
      if (open.size < options.samplesMax) continue;
      requests.push(open.finish());
      open = new OpenRequest([]);
      indexOf.clear();
    }
    for (const { series, value, startTimeMs } of row.histograms ?? []) {
      const labels = labelsOf(series, row.timeMs);
      if (labels === undefined) continue;
      open.histograms.push({ series: open.addSeries(labels), timeMs: row.timeMs, startTimeMs, value });
    }
    for (const { series, ...exemplar } of row.exemplars ?? []) {
      const labels = options.labelsOf(series);
      if (labels === undefined) continue;
      open.exemplars.push({ ...exemplar, series: indexOf.get(series) ?? open.addSeries(labels) });
    }
  }
  if (open.size > 0 || open.metadata.length > 0) requests.push(open.finish());
  return { requests, result: { appended, rejected, rejections, unknownSeries: [...unknown] } };
}

class OpenRequest {
  readonly metadata: readonly MetricMetadata[];
  readonly histograms: WriteHistogram[] = [];
  readonly exemplars: WriteExemplar[] = [];
  readonly #labels: Labels[] = [];
  readonly #offsets: number[] = [0];
  #times = new Float64Array(64);
  #values = new Float64Array(64);
  #count = 0;

  constructor(metadata: readonly MetricMetadata[]) {
    this.metadata = metadata;
  }

  get size(): number {
    return this.#labels.length;
  }

  addSample(labels: Labels, words: Uint32Array, index: number, timeMs: number): number {
    if (this.#count === this.#times.length) {
      this.#times = doubled(this.#times);
      this.#values = doubled(this.#values);
    }
    this.#times[this.#count] = timeMs;
    copyValue(wordsOf(this.#values), this.#count, words, index);
    this.#count++;
    return this.addSeries(labels);
  }

  /** A series that has what was added since the last one. */
  addSeries(labels: Labels): number {
    this.#offsets.push(this.#count);
    return this.#labels.push(labels) - 1;
  }

  finish(): WriteRequest {
    return {
      labels: this.#labels,
      sampleOffsets: Uint32Array.from(this.#offsets),
      sampleTimes: this.#times.subarray(0, this.#count),
      sampleValues: this.#values.subarray(0, this.#count),
      sampleStartTimes: undefined,
      histograms: this.histograms,
      exemplars: this.exemplars,
      metadata: this.metadata,
    };
  }
}

function doubled(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}

/** Samples and histograms of a request: what its queue entry counts. */
export function countOf(request: WriteRequest): number {
  return request.sampleTimes.length + request.histograms.length;
}

export function writeCodec(): MessageCodec {
  const decoder = new WriteRequestDecoder();
  const encoder = new WriteRequestEncoder();
  return {
    headers: { "content-encoding": "snappy", "x-prometheus-remote-write-version": "0.1.0" },
    split(message) {
      const request = decoder.decodeMessage(message);
      const { length } = request.labels;
      // Metadata alone, or one series with it: the metadata is the half that can be spared.
      if (length < 2) return undefined;
      const middle = length >> 1;
      const first = encoder.encodeMessage(sliceRequest(request, 0, middle)).slice();
      return [first, encoder.encodeMessage(sliceRequest(request, middle, length)).slice()];
    },
    count: (message) => countOf(decoder.decodeMessage(message)),
    describe: (message) => decoder.decodeMessage(message).labels[0]?.toString() ?? "metadata",
  };
}

function sliceRequest(request: WriteRequest, from: number, to: number): WriteRequest {
  const start = request.sampleOffsets[from]!;
  const end = request.sampleOffsets[to]!;
  const inRange = <T extends { readonly series: number }>(entries: readonly T[]): T[] => {
    const found: T[] = [];
    for (const entry of entries) {
      if (entry.series >= from && entry.series < to) found.push({ ...entry, series: entry.series - from });
    }
    return found;
  };
  return {
    labels: request.labels.slice(from, to),
    sampleOffsets: request.sampleOffsets.slice(from, to + 1).map((offset) => offset - start),
    sampleTimes: request.sampleTimes.slice(start, end),
    sampleValues: request.sampleValues.slice(start, end),
    sampleStartTimes: undefined,
    histograms: inRange(request.histograms),
    exemplars: inRange(request.exemplars),
    metadata: from === 0 ? request.metadata : [],
  };
}
