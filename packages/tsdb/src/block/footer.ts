/**
 * The footer of a block: what it holds, and where each page stands. The file as a whole:
 *
 *     ┌────────────┬─────────────┬──────────────────────────┬────────┬──────────────────────────┐
 *     │ "BNCLBLK\n"│ u32 version │ pages of values, times,  │ footer │ u64 footer's offset      │
 *     │            │ u32 0       │ symbols, series, labels  │ page   │ u32 its bytes, u32 crc32 │
 *     │            │             │                          │        │ "BNCLEND\n"              │
 *     └────────────┴─────────────┴──────────────────────────┴────────┴──────────────────────────┘
 */
import { crc32 } from "node:zlib";
import { BinnacleError } from "@binnacle/model";
import { ByteReader, ByteWriter } from "../bytes.ts";

export const BLOCK_VERSION = 1;
export const HEADER_BYTES = 16;
export const TRAILER_BYTES = 24;
const HEADER_MAGIC = "BNCLBLK\n";
const TRAILER_MAGIC = "BNCLEND\n";

export const SECTIONS = ["values", "times", "symbols", "series", "labels"] as const;
export type SectionName = (typeof SECTIONS)[number];

/** Where the pages of a section stand; page i holds the items firsts[i] … firsts[i + 1] − 1. */
export interface Section {
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
  readonly firsts: readonly number[];
}

export interface BlockFacts {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly symbolCount: number;
  readonly columnCount: number;
}

export interface Footer extends BlockFacts {
  readonly sections: Readonly<Record<SectionName, Section>>;
  /** First symbol of each page of symbols. */
  readonly symbolKeys: readonly string[];
}

export function encodeHeader(): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES);
  writer.bytes(new TextEncoder().encode(HEADER_MAGIC));
  writer.u32(BLOCK_VERSION);
  writer.u32(0);
  return writer.take();
}

/** Throws CORRUPT_DATA, or UNAVAILABLE when a newer program wrote the file. */
export function checkHeader(bytes: Uint8Array, path: string): void {
  if (bytes.length < HEADER_BYTES || magicAt(bytes, 0) !== HEADER_MAGIC) {
    throw new BinnacleError(
      "CORRUPT_DATA",
      `${path}: not a block: its first bytes are not a block's, at byte 0`,
    );
  }
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  if (version > BLOCK_VERSION) {
    throw new BinnacleError(
      "UNAVAILABLE",
      `${path}: a block of format version ${version}; this program reads up to ${BLOCK_VERSION}: use a newer one`,
    );
  }
}

export function encodeTrailer(footerOffset: number, footerBytes: number): Uint8Array {
  const writer = new ByteWriter(TRAILER_BYTES);
  writer.u32(footerOffset % 2 ** 32);
  writer.u32(Math.floor(footerOffset / 2 ** 32));
  writer.u32(footerBytes);
  writer.u32(crc32(writer.view()));
  writer.bytes(new TextEncoder().encode(TRAILER_MAGIC));
  return writer.take();
}

export function decodeTrailer(
  bytes: Uint8Array,
  path: string,
  fileBytes: number,
): { offset: number; length: number } {
  const place = `${path} at byte ${fileBytes - TRAILER_BYTES}`;
  if (bytes.length < TRAILER_BYTES || magicAt(bytes, 16) !== TRAILER_MAGIC) {
    throw new BinnacleError(
      "CORRUPT_DATA",
      `${place}: the end of the block is missing (the file is cut short?)`,
    );
  }
  const reader = new ByteReader(bytes, place);
  const offset = reader.u32() + reader.u32() * 2 ** 32;
  const length = reader.u32();
  if (reader.u32() !== crc32(bytes.subarray(0, 12))) reader.fail("checksum of the trailer does not match");
  if (offset + length !== fileBytes - TRAILER_BYTES) {
    reader.fail(`the footer ends at byte ${offset + length} of a file of ${fileBytes}`);
  }
  return { offset, length };
}

export function encodeFooter(footer: Footer): Uint8Array {
  const writer = new ByteWriter(4096);
  writer.zigzag(footer.minTimeMs);
  writer.zigzag(footer.maxTimeMs);
  writer.varint(footer.seriesCount);
  writer.varint(footer.sampleCount);
  writer.varint(footer.symbolCount);
  writer.varint(footer.columnCount);
  for (const name of SECTIONS) {
    const { offsets, lengths, firsts } = footer.sections[name];
    writer.varint(offsets.length);
    let end = 0;
    for (const [i, offset] of offsets.entries()) {
      writer.varint(offset - end);
      writer.varint(lengths[i]!);
      writer.varint(firsts[i]! - (i === 0 ? 0 : firsts[i - 1]!));
      end = offset + lengths[i]!;
    }
  }
  for (const key of footer.symbolKeys) writer.text(key);
  return writer.take();
}

export function decodeFooter(bytes: Uint8Array, place: string): Footer {
  const reader = new ByteReader(bytes, place);
  const facts = {
    minTimeMs: reader.zigzag(),
    maxTimeMs: reader.zigzag(),
    seriesCount: reader.varint(),
    sampleCount: reader.varint(),
    symbolCount: reader.varint(),
    columnCount: reader.varint(),
  };
  const sections = {} as Record<SectionName, Section>;
  for (const name of SECTIONS) sections[name] = decodeSection(reader);
  const symbolKeys = sections.symbols.offsets.map(() => reader.text());
  return { ...facts, sections, symbolKeys };
}

function decodeSection(reader: ByteReader): Section {
  const count = reader.count(reader.length, "pages");
  const offsets: number[] = [];
  const lengths: number[] = [];
  const firsts: number[] = [];
  let end = 0;
  let first = 0;
  for (let i = 0; i < count; i++) {
    const offset = end + reader.varint();
    const length = reader.varint();
    first += reader.varint();
    offsets.push(offset);
    lengths.push(length);
    firsts.push(first);
    end = offset + length;
  }
  return { offsets, lengths, firsts };
}

function magicAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 8));
}
