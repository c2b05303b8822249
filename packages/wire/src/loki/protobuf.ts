/**
 * Loki's push in protobuf, message logproto.PushRequest in a snappy block:
 * https://github.com/grafana/loki/blob/main/pkg/push/push.proto
 */
import { LogBody, type ReadEntries } from "@binnacle/kernels";
import {
  BinnacleError,
  PackedEntries,
  type Labels,
  type LineMetadata,
  type LogEntries,
} from "@binnacle/model";
import { Interner } from "../interner.ts";
import { readPair } from "../protobuf/pair.ts";
import { ProtobufReader } from "../protobuf/reader.ts";
import { ProtobufWriter } from "../protobuf/writer.ts";
import { type DecompressOptions, snappyCompress, snappyDecompress } from "../snappy.ts";
import { decodeLokiJson } from "./json.ts";
import { formatLabelSet, parseLabelSet } from "./label-set.ts";
import { PlainJsonReader } from "./plain-json.ts";
import { checkStreamCount, type LogPush, PushErrors } from "./push.ts";

const NANOSECONDS = 1_000_000_000n;
/** Seconds whose nanoseconds fit 64 bits. */
const SECONDS_MAX = 9_223_372_035;

/** Remembers label sets, so one decoder lives as long as its senders do. */
export class LokiDecoder {
  readonly #labels = new Interner<Labels>();
  readonly #json = new PlainJsonReader();

  /** Decodes Loki's push in JSON. Throws BAD_BODY as decodeLokiJson does. */
  decodeJson(body: Uint8Array): LogPush {
    return this.#json.read(body) ?? decodeLokiJson(body);
  }

  /**
   * Decodes a snappy block. Lines are views of the decompressed body or packed. A bad stream or entry is left
   * out and listed. Throws BAD_BODY with the offset where the message itself is malformed, BODY_TOO_LARGE
   * before decompressing.
   */
  decode(block: Uint8Array, options: DecompressOptions = {}): LogPush {
    return this.decodeMessage(snappyDecompress(block, options));
  }

  /** Decodes the message within. */
  decodeMessage(message: Uint8Array): LogPush {
    const reader = new ProtobufReader(message);
    const body = LogBody.load(message);
    const errors = new PushErrors();
    const streams: LogEntries[] = [];
    let entryCount = 0;
    let i = 0;
    for (let field = reader.field(); field !== 0; field = reader.field()) {
      if (field !== 1) {
        reader.skip();
        continue;
      }
      checkStreamCount(i + 1);
      const start = reader.at;
      let entries = body && this.#readPackedStream(reader, body);
      if (entries === undefined) {
        reader.at = start;
        entries = this.#readStream(reader, i, errors);
      }
      i++;
      if (entries === undefined || entries.timesNs.length === 0) continue;
      streams.push(entries);
      entryCount += entries.timesNs.length;
    }
    return { streams, entryCount, errors: errors.list, errorCount: errors.count };
  }

  /**
   * A stream as senders write it: its labels, then entries of time and line, which a kernel takes. Undefined
   * where it is not that, or has mistakes: these are told by #readStream.
   */
  #readPackedStream(reader: ProtobufReader, body: LogBody): LogEntries | undefined {
    const outerEnd = reader.enter();
    const { end } = reader;
    try {
      if (reader.field() !== 1) return undefined;
      const { length } = reader.slice();
      const labels = this.#readLabels(reader.buffer, { from: reader.at - length, to: reader.at });
      if (typeof labels === "string") return undefined;
      const entries: ReadEntries | undefined = body.readLokiEntries(reader.at, end);
      if (entries === undefined) return undefined;
      reader.at = entries.end;
      // What may follow, like a hash of the labels, is of no meaning here; entries are.
      for (let field = reader.field(); field !== 0; field = reader.field()) {
        if (field <= 2) return undefined;
        reader.skip();
      }
      return new PackedEntries(labels, entries);
    } finally {
      reader.end = end;
      reader.leave(outerEnd);
    }
  }

  #readStream(reader: ProtobufReader, i: number, errors: PushErrors): LogEntries | undefined {
    const outerEnd = reader.enter();
    const columns: EntryColumns = { times: [], lines: [], metadata: [], hasMetadata: false };
    const labelsAt = { from: reader.at, to: reader.at };
    let index = 0;
    for (let field = reader.field(); field !== 0; field = reader.field()) {
      if (field === 1) {
        const { length } = reader.slice();
        labelsAt.from = reader.at - length;
        labelsAt.to = reader.at;
      } else if (field === 2) {
        const problem = readEntry(reader, columns);
        if (problem !== undefined) errors.add(i, index, problem);
        index++;
      } else reader.skip();
    }
    reader.leave(outerEnd);

    const labels = this.#readLabels(reader.buffer, labelsAt);
    if (typeof labels === "string") {
      errors.add(i, -1, labels);
      return undefined;
    }
    const { times, lines, metadata, hasMetadata } = columns;
    return {
      labels,
      timesNs: BigInt64Array.from(times),
      lines,
      metadata: hasMetadata ? metadata : undefined,
    };
  }

  /** The labels, or what is wrong with them. */
  #readLabels(buffer: Buffer, range: { from: number; to: number }): Labels | string {
    const key = Interner.keyOf(buffer, range.from, range.to);
    const known = this.#labels.get(key);
    if (known !== undefined) return known;
    try {
      const labels = parseLabelSet(buffer.toString("utf8", range.from, range.to));
      if (labels.size === 0) return "a stream needs at least one label";
      this.#labels.set(key, labels);
      return labels;
    } catch (error) {
      if (error instanceof BinnacleError) return error.message;
      throw error;
    }
  }
}

interface EntryColumns {
  readonly times: bigint[];
  readonly lines: Uint8Array[];
  readonly metadata: (LineMetadata | undefined)[];
  hasMetadata: boolean;
}

/** Appends an entry; answers what is wrong with it where it cannot. */
function readEntry(reader: ProtobufReader, columns: EntryColumns): string | undefined {
  const outerEnd = reader.enter();
  let seconds = 0;
  let nanoseconds = 0;
  let line: Uint8Array = new Uint8Array(0);
  const pairs: string[] = [];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) {
      const entryEnd = reader.enter();
      for (let part = reader.field(); part !== 0; part = reader.field()) {
        if (part === 1) seconds = reader.int64();
        else if (part === 2) nanoseconds = reader.int64();
        else reader.skip();
      }
      reader.leave(entryEnd);
    } else if (field === 2) line = reader.slice();
    else if (field === 3) readPair(reader, pairs);
    else reader.skip();
  }
  reader.leave(outerEnd);

  if (Math.abs(seconds) > SECONDS_MAX || nanoseconds < 0 || nanoseconds > 999_999_999) {
    return `the timestamp of ${seconds} s and ${nanoseconds} ns is not a moment in 64 bits of nanoseconds`;
  }
  columns.times.push(BigInt(seconds) * NANOSECONDS + BigInt(nanoseconds));
  columns.lines.push(line);
  columns.metadata.push(pairs.length === 0 ? undefined : pairs);
  if (pairs.length > 0) columns.hasMetadata = true;
  return undefined;
}

/** A snappy block of logproto.PushRequest. */
export function encodeLokiPush(streams: readonly LogEntries[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const stream of streams) {
    writer.message(1, () => {
      writer.string(1, formatLabelSet(stream.labels));
      for (const [i, line] of stream.lines.entries()) {
        writer.message(2, () => writeEntry(writer, stream, i, line));
      }
    });
  }
  return snappyCompress(writer.written);
}

function writeEntry(writer: ProtobufWriter, stream: LogEntries, i: number, line: Uint8Array): void {
  const timeNs = stream.timesNs[i]!;
  let nanoseconds = timeNs % NANOSECONDS;
  if (nanoseconds < 0n) nanoseconds += NANOSECONDS;
  writer.message(1, () => {
    writer.int64(1, Number((timeNs - nanoseconds) / NANOSECONDS));
    if (nanoseconds !== 0n) writer.uint32(2, Number(nanoseconds));
  });
  writer.bytes(2, line);
  const pairs = stream.metadata?.[i] ?? [];
  for (let pair = 0; pair < pairs.length; pair += 2) {
    writer.message(3, () => {
      writer.string(1, pairs[pair]!);
      writer.string(2, pairs[pair + 1]!);
    });
  }
}
