/**
 * Remote write 1.0, message prometheus.WriteRequest: https://prometheus.io/docs/specs/prw/remote_write_spec/
 * A decoder remembers the series it has seen by the bytes of their labels, so one lives as long as its
 * senders do.
 */
import { HASH_WORDS, SeriesScan, type ScannedSeries } from "@binnacle/kernels";
import type { Labels, MetricType } from "@binnacle/model";
import { labelsFromPairs, pairsProblem, seriesProblem } from "../label-checks.ts";
import { readPair } from "../protobuf/pair.ts";
import { ProtobufReader } from "../protobuf/reader.ts";
import { type DecompressOptions, snappyDecompressInto } from "../snappy.ts";
import { WriteColumns } from "./columns.ts";
import { readHistogram } from "./histogram.ts";
import { SeriesNumbers } from "./series-numbers.ts";
import type { DecodedWrite } from "./write-request.ts";

/** By the message's enum; version 2 has the same numbers. */
export const METRIC_TYPES: readonly MetricType[] = [
  "unknown",
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
];

export class WriteRequestDecoder {
  readonly #numbers = new SeriesNumbers();
  readonly #key = crypto.getRandomValues(new Uint32Array(HASH_WORDS));
  #scratch = new Uint32Array(1024);

  /**
   * Decodes a snappy block. A series whose labels are bad is left out and listed. Throws BAD_BODY with the
   * offset where the message itself is malformed, BODY_TOO_LARGE before it is decompressed.
   *
   * With `columns` what is returned stands in their memory, until they are used for another request.
   */
  decode(block: Uint8Array, options: DecompressOptions & { columns?: WriteColumns } = {}): DecodedWrite {
    const { columns = new WriteColumns() } = options;
    return this.decodeMessage(
      snappyDecompressInto(block, (bytes) => columns.messageRoom(bytes), options),
      columns,
    );
  }

  /** Decodes the message within, which must stay as it is while what is returned is in use. */
  decodeMessage(message: Uint8Array, columns: WriteColumns = new WriteColumns()): DecodedWrite {
    const reader = new ProtobufReader(message);
    columns.reset();
    const scan = new SeriesScan(message, this.#key);
    // Here only, so that the numbers of one request are of one epoch.
    this.#numbers.forgetWhenFull();
    while (scan.at < message.length) {
      const scanned = scan.step();
      this.#takeScanned(scanned, message, columns);
      const { stopped } = scanned;
      if (stopped === undefined && scanned.seriesCount > 0) continue;
      reader.at = scan.at;
      const field = reader.field();
      if (field === 1) this.#readSeries(reader, columns, stopped);
      else if (field === 3) readMetadata(reader, columns);
      else reader.skip();
      scan.at = reader.at;
    }
    const labelsAt = (start: number, end: number): Labels =>
      labelsFromPairs(readPairs(message.subarray(start, end)));
    return columns.finish(labelsAt, this.#numbers.epoch);
  }

  /** Takes what the kernel found; labels are read of series that are new. */
  #takeScanned(scanned: ScannedSeries, message: Uint8Array, columns: WriteColumns): void {
    const { seriesCount, hashes, labelStarts, labelEnds } = scanned;
    if (this.#scratch.length < seriesCount) this.#scratch = new Uint32Array(2 * seriesCount);
    const numbers = this.#scratch;
    let from = 0;
    let guess = 0;
    for (let i = 0; i < seriesCount; i++) {
      let number = this.#numbers.find(hashes, i, guess);
      if (number < 0) {
        const labels = labelsOf(readPairs(message.subarray(labelStarts[i], labelEnds[i])));
        if (typeof labels === "string") {
          columns.addScanned(scanned, numbers, from, i);
          columns.dropSeries(labels);
          from = i + 1;
          continue;
        }
        number = this.#numbers.add(hashes, i);
        // Whoever takes the request will want them.
        columns.keepLabels(i - from, labels);
      }
      numbers[i] = number;
      guess = number + 1;
    }
    columns.addScanned(scanned, numbers, from, seriesCount);
  }

  /** `stopped` knows the labels that stand first. */
  #readSeries(reader: ProtobufReader, columns: WriteColumns, stopped: ScannedSeries["stopped"]): void {
    const outerEnd = reader.enter();
    const start = reader.at;
    const pairs: string[] = [];
    const number = stopped === undefined ? -1 : this.#numbers.find(stopped.hash, 0, 0);
    if (number >= 0) reader.at = stopped!.labelsEnd;
    const end = stopped?.labelsEnd ?? start;
    let hasLateLabels = false;
    for (let field = reader.field(); field !== 0; field = reader.field()) {
      if (field === 1) {
        hasLateLabels ||= reader.at > end;
        readPair(reader, pairs);
      } else if (field === 2) columns.readSample(reader);
      else if (field === 3) readExemplar(reader, columns);
      else if (field === 4) takeHistogram(reader, columns);
      else reader.skip();
    }
    reader.leave(outerEnd);

    if (number >= 0 && !hasLateLabels) {
      columns.endKnown(number, start, end);
      return;
    }
    // Labels behind the first ones belong to the series as well, so it is not the one that they name.
    if (number >= 0) pairs.unshift(...readPairs(reader.bytes.subarray(start, end)));
    const labels = labelsOf(pairs);
    if (typeof labels === "string") columns.dropSeries(labels);
    else if (stopped === undefined || hasLateLabels) columns.endSeries(labels);
    else columns.endSeries(labels, { number: this.#numbers.add(stopped.hash, 0), start, end });
  }
}

/** The labels of pairs, or what is wrong with them. */
export function labelsOf(pairs: readonly string[]): Labels | string {
  const problem = pairsProblem(pairs);
  if (problem !== undefined) return problem;
  const labels = labelsFromPairs(pairs);
  return seriesProblem(labels) ?? labels;
}

/** Label fields (number 1) one behind the other. */
function readPairs(fields: Uint8Array): string[] {
  const reader = new ProtobufReader(fields);
  const pairs: string[] = [];
  for (let field = reader.field(); field !== 0; field = reader.field()) readPair(reader, pairs);
  return pairs;
}

function readExemplar(reader: ProtobufReader, columns: WriteColumns): void {
  const outerEnd = reader.enter();
  const pairs: string[] = [];
  let value = 0;
  let timeMs = 0;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) readPair(reader, pairs);
    else if (field === 2) value = reader.double();
    else if (field === 3) timeMs = reader.int64();
    else reader.skip();
  }
  reader.leave(outerEnd);
  const problem = pairsProblem(pairs);
  if (problem !== undefined) columns.noteError(`an exemplar is left out: ${problem}`);
  else columns.exemplars.push({ series: columns.series, labels: labelsFromPairs(pairs), value, timeMs });
}

/** Reads a histogram message of the series that is being read; a bad one is left out and noted. */
export function takeHistogram(reader: ProtobufReader, columns: WriteColumns): void {
  const outerEnd = reader.enter();
  const { timeMs, startTimeMs, value, problem } = readHistogram(reader);
  reader.leave(outerEnd);
  if (problem !== undefined) columns.noteError(problem);
  else if (value === undefined) columns.addStale(timeMs);
  else columns.histograms.push({ series: columns.series, timeMs, startTimeMs, value });
}

function readMetadata(reader: ProtobufReader, columns: WriteColumns): void {
  const outerEnd = reader.enter();
  let type: MetricType = "unknown";
  let metric = "";
  let help = "";
  let unit = "";
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) type = METRIC_TYPES[reader.uint32()] ?? "unknown";
    else if (field === 2) metric = reader.string();
    else if (field === 4) help = reader.string();
    else if (field === 5) unit = reader.string();
    else reader.skip();
  }
  reader.leave(outerEnd);
  if (metric !== "") columns.metadata.push({ metric, type, help, unit });
}
