/**
 * The two ends of a block's file. Each says where a copy of the index stands, so that neither a damaged end
 * nor a file cut short costs more than the pages that are gone:
 *
 *     ┌─────────────────────────┬────────────┬────────────────┬────────────┬─────────────────────────┐
 *     │ header, 24 bytes        │ index      │ pages of       │ the same   │ trailer, 28 bytes       │
 *     │ "BNCLBLK\n" │ u32 version│            │ values         │ index      │ u64 place of the index  │
 *     │ u32 index's bytes       │            │                │            │ u32 its bytes           │
 *     │ u32 footer's bytes      │            │                │            │ u32 footer's bytes      │
 *     │ u32 crc32 of the rest   │            │                │            │ u32 crc32 │ "BNCLEND2"  │
 *     └─────────────────────────┴────────────┴────────────────┴────────────┴─────────────────────────┘
 *     index: pages of times, symbols, series, labels │ footer page
 *
 * Version 1 has one index, behind the values: header `"BNCLBLK\n" │ u32 1 │ u32 0`, trailer `u64 place of the
 * footer │ u32 its bytes │ u32 crc32 │ "BNCLEND\n"`. Version 3 differs from 2 in codecs of values.
 */
import { crc32 } from "node:zlib";
import { BinnacleError } from "@binnacle/model";
import { ByteReader, ByteWriter } from "../bytes.ts";

export const BLOCK_VERSION = 3;
export const HEADER_BYTES = 24;
export const TRAILER_BYTES = 28;
const HEADER_BYTES_1 = 16;
const TRAILER_BYTES_1 = 24;
/** The least a block can be. */
export const BLOCK_BYTES_MIN: number = HEADER_BYTES_1 + TRAILER_BYTES_1;

const HEADER_MAGIC = "BNCLBLK\n";
const TRAILER_MAGIC = "BNCLEND2";
const TRAILER_MAGIC_1 = "BNCLEND\n";

/** A copy of the index as one end of the file tells of it. */
export interface IndexPlace {
  /** As the header says; a trailer says 2 of all later ones, whose ends and index are alike. */
  readonly version: number;
  /** Where the index begins. In version 1 that is the footer's place. */
  readonly offset: number;
  /** Of the index, its footer included. */
  readonly bytes: number;
  /** Of the footer's page, which ends the index. */
  readonly footerBytes: number;
}

export function encodeHeader({ bytes, footerBytes }: { bytes: number; footerBytes: number }): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES);
  writer.bytes(new TextEncoder().encode(HEADER_MAGIC));
  writer.u32(BLOCK_VERSION);
  writer.u32(bytes);
  writer.u32(footerBytes);
  writer.u32(crc32(writer.view()));
  return writer.take();
}

export function encodeTrailer({ offset, bytes, footerBytes }: Omit<IndexPlace, "version">): Uint8Array {
  const writer = new ByteWriter(TRAILER_BYTES);
  writer.u32(offset % 2 ** 32);
  writer.u32(Math.floor(offset / 2 ** 32));
  writer.u32(bytes);
  writer.u32(footerBytes);
  writer.u32(crc32(writer.view()));
  writer.bytes(new TextEncoder().encode(TRAILER_MAGIC));
  return writer.take();
}

/**
 * What the first bytes say; of version 1, where they tell of no index, nothing. Throws CORRUPT_DATA, or
 * UNAVAILABLE when a newer program wrote the file.
 */
export function decodeHeader(bytes: Uint8Array, path: string): IndexPlace | undefined {
  if (magicAt(bytes, 0) !== HEADER_MAGIC) {
    throw new BinnacleError(
      "CORRUPT_DATA",
      `${path}: not a block: its first bytes are not a block's, at byte 0`,
    );
  }
  const reader = new ByteReader(bytes.subarray(0, HEADER_BYTES), `${path}, header`, 8);
  const version = reader.u32();
  if (version === 1) return undefined;
  const indexBytes = reader.u32();
  const footerBytes = reader.u32();
  if (reader.u32() !== crc32(bytes.subarray(0, 20))) reader.fail("checksum of the header does not match");
  if (version > BLOCK_VERSION) {
    throw new BinnacleError(
      "UNAVAILABLE",
      `${path}: a block of format version ${version}; this program reads up to ${BLOCK_VERSION}: use a newer one`,
    );
  }
  return { version, offset: HEADER_BYTES, bytes: indexBytes, footerBytes };
}

/** What the last bytes of a file say, given TRAILER_BYTES of them. Throws CORRUPT_DATA. */
export function decodeTrailer(bytes: Uint8Array, path: string, fileBytes: number): IndexPlace {
  const place = `${path} at byte ${fileBytes - bytes.length} (trailer)`;
  const magic = magicAt(bytes, bytes.length - 8);
  if (magic !== TRAILER_MAGIC && magic !== TRAILER_MAGIC_1) {
    throw new BinnacleError(
      "CORRUPT_DATA",
      `${place}: the end of the block is missing (the file is cut short?)`,
    );
  }
  const version = magic === TRAILER_MAGIC ? 2 : 1;
  const start = bytes.length - (version === 2 ? TRAILER_BYTES : TRAILER_BYTES_1);
  const reader = new ByteReader(bytes, place, start);
  const offset = reader.u32() + reader.u32() * 2 ** 32;
  const indexBytes = reader.u32();
  const footerBytes = version === 2 ? reader.u32() : indexBytes;
  const checked = bytes.subarray(start, reader.at);
  if (reader.u32() !== crc32(checked)) reader.fail("checksum of the trailer does not match");
  const end = fileBytes - bytes.length + start;
  if (offset + indexBytes !== end) {
    reader.fail(`the index ends at byte ${offset + indexBytes} of a file of ${fileBytes}`);
  }
  return { version, offset, bytes: indexBytes, footerBytes };
}

function magicAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 8));
}
