/**
 * A section: lines of one stream in order of arrival, as they lie in the journal and in the head's shared
 * memory.
 *
 *     u32 lines | u32 flags | u32 text bytes | u32 metadata bytes | i64 min time | i64 max time
 *     i64 time × lines | u32 offset × (lines + 1) | text | metadata | zeros to a multiple of 8
 *
 * It begins at a multiple of 8, so that its columns can be read in place. Flag 1: some line has metadata;
 * flag 2: the times ascend. Metadata is for every line a varint count of pairs, then name and value as texts.
 */
import { PackedEntries, type LineMetadata, type LogEntries } from "@binnacle/model";
import { ByteReader, corrupt, type ByteWriter } from "../bytes.ts";
import { readMetadata, writeMetadata } from "../metadata-codec.ts";

export const SECTION_HEADER_BYTES = 32;
const HAS_METADATA = 1;
const ASCENDS = 2;

/** Columns of a section, as views of where it lies. */
export interface Section {
  readonly lines: number;
  readonly isAscending: boolean;
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly timesNs: BigInt64Array;
  readonly offsets: Uint32Array;
  readonly text: Uint8Array;
  /** Unpacks the metadata of all lines; undefined where none has any. */
  metadata(): (LineMetadata | undefined)[] | undefined;
}

/**
 * Appends a section of the lines whose indexes are given, undefined for all; the writer must stand at a
 * multiple of 8.
 */
export function writeSection(
  writer: ByteWriter,
  entries: LogEntries,
  kept: readonly number[] | undefined,
): void {
  if (kept === undefined && entries instanceof PackedEntries) writePacked(writer, entries);
  else writeLines(writer, entries, kept ?? Array.from(entries.timesNs, (_, i) => i));
}

function writePacked(writer: ByteWriter, { timesNs, offsets, bytes }: PackedEntries): void {
  let minNs = timesNs[0]!;
  let maxNs = minNs;
  let ascends = true;
  let previousNs = minNs;
  for (let i = 1; i < timesNs.length; i++) {
    const timeNs = timesNs[i]!;
    if (timeNs < previousNs) {
      ascends = false;
      if (timeNs < minNs) minNs = timeNs;
    } else if (timeNs > maxNs) maxNs = timeNs;
    previousNs = timeNs;
  }
  writer.u32(timesNs.length);
  writer.u32(ascends ? ASCENDS : 0);
  writer.u32(bytes.length);
  writer.u32(0);
  writer.i64(minNs);
  writer.i64(maxNs);
  writer.bytes(bytesOf(timesNs));
  writer.bytes(bytesOf(offsets));
  writer.bytes(bytes);
  writer.align(8);
}

function writeLines(writer: ByteWriter, entries: LogEntries, kept: readonly number[]): void {
  const start = writer.length;
  let minNs = entries.timesNs[kept[0]!]!;
  let maxNs = minNs;
  let previousNs = minNs;
  let flags = ASCENDS;
  let textBytes = 0;
  for (const i of kept) {
    const timeNs = entries.timesNs[i]!;
    if (timeNs < minNs) minNs = timeNs;
    if (timeNs > maxNs) maxNs = timeNs;
    if (timeNs < previousNs) flags &= ~ASCENDS;
    previousNs = timeNs;
    textBytes += entries.lines[i]!.length;
    if (hasMetadata(entries, i)) flags |= HAS_METADATA;
  }
  writer.u32(kept.length);
  writer.u32(flags);
  writer.u32(textBytes);
  writer.u32(0);
  writer.i64(minNs);
  writer.i64(maxNs);
  const isWhole = kept.length === entries.timesNs.length;
  if (isWhole) writer.bytes(bytesOf(entries.timesNs));
  else for (const i of kept) writer.i64(entries.timesNs[i]!);
  let offset = 0;
  writer.u32(0);
  for (const i of kept) writer.u32((offset += entries.lines[i]!.length));
  for (const i of kept) writer.bytes(entries.lines[i]!);
  if ((flags & HAS_METADATA) !== 0) {
    const before = writer.length;
    for (const i of kept) writeMetadata(writer, entries.metadata?.[i]);
    writer.setU32(start + 12, writer.length - before);
  }
  writer.align(8);
}

/** Machines that Node runs on are little-endian, as the format is. */
function bytesOf(column: BigInt64Array | Uint32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function hasMetadata(entries: LogEntries, i: number): boolean {
  const pairs = entries.metadata?.[i];
  return pairs !== undefined && pairs.length > 0;
}

/** Reads the section at `at` of a buffer in place. `what` names the bytes in CORRUPT_DATA. */
export function readSection(buffer: ArrayBufferLike, at: number, what: string): Section {
  if (at % 8 !== 0 || at + SECTION_HEADER_BYTES > buffer.byteLength) {
    throw corrupt(what, `no section can begin at byte ${at} of ${buffer.byteLength}`);
  }
  const header = new Uint32Array(buffer, at, 4);
  const [lines, flags, textBytes, metadataBytes] = header as unknown as [number, number, number, number];
  if (at + sectionBytes(lines, textBytes, metadataBytes) > buffer.byteLength) {
    throw corrupt(what, `the section at byte ${at} of ${buffer.byteLength} is longer than what is left`);
  }
  const bounds = new BigInt64Array(buffer, at + 16, 2);
  const timesAt = at + SECTION_HEADER_BYTES;
  const offsetsAt = timesAt + 8 * lines;
  const textAt = offsetsAt + 4 * (lines + 1);
  return {
    lines,
    isAscending: (flags & ASCENDS) !== 0,
    minNs: bounds[0]!,
    maxNs: bounds[1]!,
    timesNs: new BigInt64Array(buffer, timesAt, lines),
    offsets: new Uint32Array(buffer, offsetsAt, lines + 1),
    text: new Uint8Array(buffer, textAt, textBytes),
    metadata() {
      if ((flags & HAS_METADATA) === 0) return undefined;
      // A copy, since TextDecoder takes no shared memory.
      const bytes = new Uint8Array(buffer, textAt + textBytes, metadataBytes).slice();
      return readMetadata(new ByteReader(bytes, what), lines);
    },
  };
}

/** Bytes a section takes, its padding included. */
export function sectionBytes(lines: number, textBytes: number, metadataBytes: number): number {
  const bytes = SECTION_HEADER_BYTES + 8 * lines + 4 * (lines + 1) + textBytes + metadataBytes;
  return Math.ceil(bytes / 8) * 8;
}

/** Bytes of the section at `at`, without making views of it. */
export function sectionBytesAt(view: DataView, at: number): number {
  return sectionBytes(view.getUint32(at, true), view.getUint32(at + 8, true), view.getUint32(at + 12, true));
}
