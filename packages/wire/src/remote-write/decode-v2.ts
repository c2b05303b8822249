/**
 * Remote write 2.0, message io.prometheus.write.v2.Request:
 * https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/ Texts stand once, in a table of symbols, and
 * are referred to by number.
 */
import { Labels, METRIC_NAME } from "@binnacle/model";
import { labelsFromPairs, pairsProblem } from "../label-checks.ts";
import { ProtobufReader } from "../protobuf/reader.ts";
import { type DecompressOptions, snappyDecompress } from "../snappy.ts";
import { WriteColumns } from "./columns.ts";
import { labelsOf, METRIC_TYPES, takeHistogram } from "./decode-v1.ts";
import type { DecodedWrite } from "./write-request.ts";

/** Decodes a snappy block. Errors are those of WriteRequestDecoder. */
export function decodeWriteRequestV2(block: Uint8Array, options: DecompressOptions = {}): DecodedWrite {
  return decodeWriteMessageV2(snappyDecompress(block, options));
}

/** Decodes the message within. */
export function decodeWriteMessageV2(message: Uint8Array): DecodedWrite {
  // Series may come before the symbols they refer to, so symbols are read first.
  const symbols = readSymbols(new ProtobufReader(message));
  const reader = new ProtobufReader(message);
  const columns = new WriteColumns();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 5) readSeries(reader, symbols, columns);
    else reader.skip();
  }
  // Labels are numbers of symbols here, which mean something in their request only: no series is remembered.
  return columns.finish(() => Labels.EMPTY, 0);
}

function readSymbols(reader: ProtobufReader): string[] {
  const symbols: string[] = [];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 4) symbols.push(reader.string());
    else reader.skip();
  }
  return symbols;
}

function readSeries(reader: ProtobufReader, symbols: readonly string[], columns: WriteColumns): void {
  const outerEnd = reader.enter();
  const refs: number[] = [];
  const metadata = { type: 0, help: 0, unit: 0 };
  let hasMetadata = false;
  let createdMs = 0;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) reader.repeated(refs, "uint32");
    else if (field === 2) columns.readSample(reader);
    else if (field === 3) takeHistogram(reader, columns);
    else if (field === 4) readExemplar(reader, symbols, columns);
    else if (field === 5) {
      readMetadata(reader, metadata);
      hasMetadata = true;
    } else if (field === 6) createdMs = reader.int64();
    else reader.skip();
  }
  reader.leave(outerEnd);
  if (createdMs !== 0) columns.setStartTimes(createdMs);

  const pairs = resolve(refs, symbols);
  const labels: Labels | string = typeof pairs === "string" ? pairs : labelsOf(pairs);
  if (typeof labels === "string") {
    columns.dropSeries(labels);
    return;
  }
  columns.endSeries(labels);
  const type = METRIC_TYPES[metadata.type] ?? "unknown";
  const help = symbols[metadata.help] ?? "";
  const unit = symbols[metadata.unit] ?? "";
  if (hasMetadata && (type !== "unknown" || help !== "" || unit !== "")) {
    columns.metadata.push({ metric: labels.get(METRIC_NAME), type, help, unit });
  }
}

/** The texts that references name, or what is wrong with them. */
function resolve(refs: readonly number[], symbols: readonly string[]): string[] | string {
  if (refs.length % 2 !== 0) return `${refs.length} label references: each name needs a value`;
  const texts: string[] = [];
  for (const ref of refs) {
    const text = symbols[ref];
    if (text === undefined) return `label reference ${ref} is past the ${symbols.length} symbols`;
    texts.push(text);
  }
  return texts;
}

function readExemplar(reader: ProtobufReader, symbols: readonly string[], columns: WriteColumns): void {
  const outerEnd = reader.enter();
  const refs: number[] = [];
  let value = 0;
  let timeMs = 0;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) reader.repeated(refs, "uint32");
    else if (field === 2) value = reader.double();
    else if (field === 3) timeMs = reader.int64();
    else reader.skip();
  }
  reader.leave(outerEnd);
  const pairs = resolve(refs, symbols);
  const problem = typeof pairs === "string" ? pairs : pairsProblem(pairs);
  if (typeof pairs === "string" || problem !== undefined) {
    columns.noteError(`an exemplar is left out: ${problem}`);
    return;
  }
  columns.exemplars.push({ series: columns.series, labels: labelsFromPairs(pairs), value, timeMs });
}

function readMetadata(reader: ProtobufReader, into: { type: number; help: number; unit: number }): void {
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) into.type = reader.uint32();
    else if (field === 3) into.help = reader.uint32();
    else if (field === 4) into.unit = reader.uint32();
    else reader.skip();
  }
  reader.leave(outerEnd);
}
