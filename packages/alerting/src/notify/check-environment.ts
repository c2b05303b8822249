/**
 * Looks at an LMDB file before it is opened: LMDB maps it, and touching a page past the end of a file that
 * was cut short kills the process. Both meta pages tell, after a page header of 24 bytes (little-endian):
 *
 *     24 u32 magic 0xbeefc0de   48 u32 page size   144 u64 last page in use   152 u64 transaction
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

const MAGIC = 0xbeefc0de;
const META_BYTES = 160;
const PAGE_BYTES_MIN = 256;
const PAGE_BYTES_MAX = 65_536;

/** What is wrong with the file; undefined where it is whole, empty or not there. */
export function checkEnvironment(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const fd = openSync(file, "r");
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return undefined;
    const first = readMeta(fd, 0);
    const second = first === undefined ? undefined : readMeta(fd, first.pageBytes);
    if (first === undefined || second === undefined) return "it does not begin as an LMDB file does";
    const newest = second.transaction > first.transaction ? second : first;
    const needed = (newest.lastPage + 1n) * BigInt(newest.pageBytes);
    return BigInt(size) < needed ? `it has ${size} bytes and says that it uses ${needed}` : undefined;
  } finally {
    closeSync(fd);
  }
}

interface Meta {
  readonly pageBytes: number;
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

function readMeta(fd: number, at: number): Meta | undefined {
  const page = Buffer.alloc(META_BYTES);
  if (readSync(fd, page, 0, META_BYTES, at) < META_BYTES) return undefined;
  const pageBytes = page.readUInt32LE(48);
  const isPageSize = pageBytes >= PAGE_BYTES_MIN && pageBytes <= PAGE_BYTES_MAX;
  if (page.readUInt32LE(24) !== MAGIC || !isPageSize) return undefined;
  return { pageBytes, lastPage: page.readBigUInt64LE(144), transaction: page.readBigUInt64LE(152) };
}
