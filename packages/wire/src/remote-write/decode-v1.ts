/**
 * Remote write 1.0, message prometheus.WriteRequest: https://prometheus.io/docs/specs/prw/remote_write_spec/
 * A decoder remembers the label sets it has seen, so one lives as long as its sender does.
 */
import type { Labels, MetricType } from "@binnacle/model";
import { Interner } from "../interner.ts";
import { labelsFromPairs, pairsProblem, seriesProblem } from "../label-checks.ts";
import { readPair } from "../protobuf/pair.ts";
import { ProtobufReader } from "../protobuf/reader.ts";
import { type DecompressOptions, snappyDecompress } from "../snappy.ts";
import { WriteColumns } from "./columns.ts";
import { readHistogram } from "./histogram.ts";
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
  readonly #labels = new Interner<Labels | string>();

  /**
   * Decodes a snappy block. A series whose labels are bad is left out and listed. Throws BAD_BODY with the
   * offset where the message itself is malformed, BODY_TOO_LARGE before it is decompressed.
   */
  decode(block: Uint8Array, options: DecompressOptions = {}): DecodedWrite {
    return this.decodeMessage(snappyDecompress(block, options));
  }

  /** Decodes the message within. */
  decodeMessage(message: Uint8Array): DecodedWrite {
    const reader = new ProtobufReader(message);
    const columns = new WriteColumns();
    for (let field = reader.field(); field !== 0; field = reader.field()) {
      if (field === 1) this.#readSeries(reader, columns);
      else if (field === 3) readMetadata(reader, columns);
      else reader.skip();
    }
    return columns.finish();
  }

  #readSeries(reader: ProtobufReader, columns: WriteColumns): void {
    const outerEnd = reader.enter();
    // Labels stand first and together, as every sender writes them; labels further behind are read one by
    // one.
    const labelsFrom = reader.at;
    let labelsTo = reader.at;
    const late: string[] = [];
    let isBehindLabels = false;
    for (let field = reader.field(); field !== 0; field = reader.field()) {
      if (field === 1 && !isBehindLabels) {
        reader.skip();
        labelsTo = reader.at;
        continue;
      }
      isBehindLabels = true;
      if (field === 1) readPair(reader, late);
      else if (field === 2) columns.readSample(reader);
      else if (field === 3) readExemplar(reader, columns);
      else if (field === 4) takeHistogram(reader, columns);
      else reader.skip();
    }
    reader.leave(outerEnd);

    const labels = this.#labelsAt(reader, labelsFrom, labelsTo, late);
    if (typeof labels === "string") columns.dropSeries(labels);
    else columns.endSeries(labels);
  }

  /** The labels of the fields in bytes[from, to) and of late pairs, or what is wrong with them. */
  #labelsAt(reader: ProtobufReader, from: number, to: number, late: readonly string[]): Labels | string {
    if (late.length > 0) return labelsOf([...readPairs(reader.bytes.subarray(from, to)), ...late]);
    const key = Interner.keyOf(reader.buffer, from, to);
    const known = this.#labels.get(key);
    if (known !== undefined) return known;
    const labels = labelsOf(readPairs(reader.bytes.subarray(from, to)));
    this.#labels.set(key, labels);
    return labels;
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
