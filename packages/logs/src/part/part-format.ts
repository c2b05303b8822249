/**
 * The frame of a part file: docs/format/log-part.md draws it.
 *
 *     header | page | page | … | templates page, twice | index page, twice | trailer, twice
 *
 * A page is `u32 payload bytes | u32 crc32 of the payload | payload`, so that each is checked by itself
 * and a damaged one costs its own block. The trailer says where the index page lies; everything else is
 * said by the index. What all blocks need stands there twice, the copy right behind, so that damage to it
 * costs nothing. Version 2 had it once.
 */
import { crc32 } from "node:zlib";
import { corrupt } from "../bytes.ts";

export const PART_MAGIC = 0x474c4e42; // "BNLG"
export const PART_VERSION = 3;
/** The oldest version that is still read: everything in it stands once. */
const PART_VERSION_ONCE = 2;
export const HEADER_BYTES = 8;
export const PAGE_HEADER_BYTES = 8;
export const TRAILER_BYTES = 24;

/** Where a page lies in its file, its 8 bytes of header included. */
export interface PagePlace {
  readonly offset: number;
  readonly bytes: number;
}

export function encodeHeader(): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, PART_MAGIC, true);
  view.setUint16(4, PART_VERSION, true);
  return header;
}

/** The version. Throws CORRUPT_DATA for what is no part file or is of one that this program does not know. */
export function checkHeader(header: Uint8Array, path: string): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < HEADER_BYTES || view.getUint32(0, true) !== PART_MAGIC) {
    throw corrupt(path, "it does not begin as a log part");
  }
  const version = view.getUint16(4, true);
  checkVersion(version, path);
  return version;
}

function checkVersion(version: number, path: string): void {
  if (version !== PART_VERSION && version !== PART_VERSION_ONCE) {
    const known = `${PART_VERSION_ONCE} and ${PART_VERSION}`;
    throw corrupt(path, `its format version is ${version}, this program reads ${known}`);
  }
}

export function encodePage(payload: Uint8Array): Uint8Array {
  const page = new Uint8Array(PAGE_HEADER_BYTES + payload.length);
  const view = new DataView(page.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, crc32(payload), true);
  page.set(payload, PAGE_HEADER_BYTES);
  return page;
}

/** The payload of a page as it was read, checked. Throws CORRUPT_DATA with the file and the place. */
export function checkPage(page: Uint8Array, place: PagePlace, path: string): Uint8Array {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  if (page.length !== place.bytes || page.length < PAGE_HEADER_BYTES) {
    throw corrupt(path, `its page at byte ${place.offset} ends after ${page.length} of ${place.bytes} bytes`);
  }
  const payload = page.subarray(PAGE_HEADER_BYTES);
  if (view.getUint32(0, true) !== payload.length) {
    throw corrupt(path, `its page at byte ${place.offset} has not the length its index says`);
  }
  if (view.getUint32(4, true) !== crc32(payload)) {
    throw corrupt(path, `the checksum of its page at byte ${place.offset} is wrong`);
  }
  return payload;
}

export function encodeTrailer(index: PagePlace): Uint8Array {
  const trailer = new Uint8Array(TRAILER_BYTES);
  const view = new DataView(trailer.buffer);
  view.setBigUint64(0, BigInt(index.offset), true);
  view.setUint32(8, index.bytes, true);
  view.setUint32(12, PART_VERSION, true);
  view.setUint32(16, crc32(trailer.subarray(0, 16)), true);
  view.setUint32(20, PART_MAGIC, true);
  return trailer;
}

/** What a trailer says. */
export interface IndexPlace extends PagePlace {
  readonly version: number;
  /** Whether index, templates and trailer stand twice. */
  readonly isTwice: boolean;
}

/** The second one of two pages that follow each other. */
export function copyOf({ offset, bytes }: PagePlace): PagePlace {
  return { offset: offset + bytes, bytes };
}

/**
 * Where the index lies, in a file of `fileBytes` of which this trailer ends at `end`. Throws CORRUPT_DATA.
 */
export function decodeTrailer(
  trailer: Uint8Array,
  end: number,
  { fileBytes, path }: { readonly fileBytes: number; readonly path: string },
): IndexPlace {
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.byteLength);
  if (trailer.length !== TRAILER_BYTES || view.getUint32(20, true) !== PART_MAGIC) {
    throw corrupt(path, `it has no trailer before byte ${end}: it was cut off or overwritten`);
  }
  if (view.getUint32(16, true) !== crc32(trailer.subarray(0, 16))) {
    throw corrupt(path, `the checksum of its trailer at byte ${end - TRAILER_BYTES} is wrong`);
  }
  const version = view.getUint32(12, true);
  checkVersion(version, path);
  const isTwice = version !== PART_VERSION_ONCE;
  const times = isTwice ? 2 : 1;
  const place = {
    version,
    isTwice,
    offset: Number(view.getBigUint64(0, true)),
    bytes: view.getUint32(8, true),
  };
  if (place.offset + times * (place.bytes + TRAILER_BYTES) !== fileBytes) {
    throw corrupt(path, `its trailer says the index is at byte ${place.offset}, which cannot be`);
  }
  return place;
}
