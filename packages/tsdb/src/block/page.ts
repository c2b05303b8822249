/**
 * Pages: what a block file is made of, and the least that damage to it can cost.
 *
 *     ┌────────────┬──────────┬──────────────────────────────────────┬─────────────────────────┐
 *     │ u32 stored │ u32 raw  │ u32 crc32 of the 8 bytes before this │ `stored` bytes: zstd,   │
 *     │ bytes      │ bytes    │ and the payload                      │ or raw when they equal  │
 *     └────────────┴──────────┴──────────────────────────────────────┴─────────────────────────┘
 */
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { BinnacleError } from "@binnacle/model";
import { PAGE_BYTES_MAX } from "../limits.ts";

export const PAGE_HEADER_BYTES = 12;

export function encodePage(raw: Uint8Array, zstdLevel: number): Uint8Array {
  const packed = zstdCompressSync(raw, { params: { [constants.ZSTD_c_compressionLevel]: zstdLevel } });
  const payload = packed.length < raw.length ? packed : raw;
  const page = new Uint8Array(PAGE_HEADER_BYTES + payload.length);
  const view = new DataView(page.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, raw.length, true);
  view.setUint32(8, crc32(payload, crc32(page.subarray(0, 8))), true);
  page.set(payload, PAGE_HEADER_BYTES);
  return page;
}

/** The raw bytes of a page that `page` holds exactly. Throws CORRUPT_DATA that begins with `place`. */
export function decodePage(page: Uint8Array, place: string): Uint8Array {
  const fail = (what: string): never => {
    throw new BinnacleError("CORRUPT_DATA", `${place}: ${what}`);
  };
  if (page.length < PAGE_HEADER_BYTES) fail(`a page of ${page.length} bytes`);
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const stored = view.getUint32(0, true);
  const raw = view.getUint32(4, true);
  if (stored !== page.length - PAGE_HEADER_BYTES) {
    fail(`a page says it has ${stored} bytes, its place in the index has ${page.length - PAGE_HEADER_BYTES}`);
  }
  const payload = page.subarray(PAGE_HEADER_BYTES);
  if (crc32(payload, crc32(page.subarray(0, 8))) !== view.getUint32(8, true)) fail("checksum does not match");
  if (stored === raw) return payload;
  if (raw > PAGE_BYTES_MAX) fail(`a page of ${raw} bytes, at most ${PAGE_BYTES_MAX} are possible`);
  let unpacked: Buffer;
  try {
    unpacked = zstdDecompressSync(payload, { maxOutputLength: raw });
  } catch (cause) {
    throw new BinnacleError("CORRUPT_DATA", `${place}: zstd cannot unpack a page`, { cause });
  }
  if (unpacked.length !== raw) fail(`a page unpacks to ${unpacked.length} bytes instead of ${raw}`);
  return unpacked;
}
