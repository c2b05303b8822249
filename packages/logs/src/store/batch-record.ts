/**
 * A record of the journal: one appended batch, whole. docs/format/log-journal.md draws it.
 *
 *     u32 crc32 of all that follows | u32 streams
 *     per stream: u32 bytes of labels | u32 bytes of section | labels, zeros to a multiple of 8 | section
 *
 * Labels are a varint count of pairs, then name and value as texts. A record that fails its checksum is
 * CORRUPT_DATA.
 */
import { crc32 } from "node:zlib";
import { Labels, PackedEntries, type LogEntries } from "@binnacle/model";
import { ByteReader, ByteWriter, corrupt } from "../bytes.ts";
import { sectionBytesAt, SECTION_HEADER_BYTES, writeSection } from "./section.ts";

/** What of a batch is stored: a stream's entries and the indexes of the lines that were admitted. */
export interface AdmittedEntries {
  readonly entries: LogEntries;
  /** Undefined: all of them. */
  readonly kept: readonly number[] | undefined;
}

/** One stream's part of a record; `section` is a view of the record, at a multiple of 8 within it. */
export interface RecordStream {
  readonly labels: Labels;
  readonly section: Uint8Array;
}

export function encodeBatch(batch: readonly AdmittedEntries[]): {
  record: Uint8Array<ArrayBuffer>;
  streams: RecordStream[];
} {
  const writer = new ByteWriter(bytesOf(batch));
  const places: { labels: Labels; start: number; end: number }[] = [];
  writer.u32(0);
  writer.u32(batch.length);
  for (const { entries, kept } of batch) {
    const headerAt = writer.length;
    writer.u32(0);
    writer.u32(0);
    writeLabels(writer, entries.labels);
    writer.setU32(headerAt, writer.length - headerAt - 8);
    writer.align(8);
    const start = writer.length;
    writeSection(writer, entries, kept);
    writer.setU32(headerAt + 4, writer.length - start);
    places.push({ labels: entries.labels, start, end: writer.length });
  }
  const record = writer.written();
  writer.setU32(0, crc32(record.subarray(4)));
  const streams = places.map(({ labels, start, end }) => ({ labels, section: record.subarray(start, end) }));
  return { record, streams };
}

/** Roughly what a batch takes, or somewhat more, so that the buffer need not grow. */
function bytesOf(batch: readonly AdmittedEntries[]): number {
  let bytes = 1024;
  for (const { entries } of batch) {
    bytes += 256 + 12 * entries.timesNs.length;
    if (entries instanceof PackedEntries) bytes += entries.bytes.length;
    else for (const line of entries.lines) bytes += line.length;
  }
  return bytes;
}

/** Throws CORRUPT_DATA naming `what` when the checksum or a length is wrong. */
export function decodeBatch(record: Uint8Array, what: string): RecordStream[] {
  const reader = new ByteReader(record, what);
  const expected = reader.u32();
  if (crc32(record.subarray(4)) !== expected) throw corrupt(what, "its checksum is wrong");
  const count = reader.u32();
  const streams: RecordStream[] = [];
  for (let i = 0; i < count; i++) {
    const labelBytes = reader.u32();
    const bytes = reader.u32();
    const labels = readLabels(new ByteReader(reader.bytes(labelBytes), what));
    reader.bytes((8 - (reader.at % 8)) % 8);
    const section = reader.bytes(bytes);
    const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
    if (bytes < SECTION_HEADER_BYTES || sectionBytesAt(view, 0) !== bytes) {
      throw corrupt(what, `the section of stream ${i} has not the length it says`);
    }
    streams.push({ labels, section });
  }
  return streams;
}

function writeLabels(writer: ByteWriter, labels: Labels): void {
  writer.varint(labels.size);
  for (const part of labels.pairs) writer.text(part);
}

function readLabels(reader: ByteReader): Labels {
  const parts = reader.count(2) * 2;
  const pairs: string[] = [];
  for (let i = 0; i < parts; i++) pairs.push(reader.text());
  return Labels.fromSortedPairs(pairs);
}
