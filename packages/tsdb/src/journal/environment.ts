/**
 * Opens LMDB environments so that a damaged one is an error and not a dead process.
 *
 * LMDB maps its file: reading a page beyond the file's end is a SIGBUS. So before opening, the file's size is held
 * against what its meta pages say. The meta page, as LMDB lays it out (little-endian, after a page header of 24 bytes):
 *
 *     24 u32 magic 0xbeefc0de   28 u32 version   48 u32 page size   144 u64 last page   152 u64 transaction
 */
import { closeSync, existsSync, ftruncateSync, openSync, readSync, fstatSync, rmSync } from "node:fs";
import { FatalError } from "@binnacle/model";
import { open, type RootDatabase, type RootDatabaseOptions } from "lmdb";

const MAGIC = 0xbeefc0de;
const META_BYTES = 160;
const PAGE_SIZES = new Set([4096, 8192, 16_384, 32_768, 65_536]);

/**
 * Checks the file and opens it. One that lacks bytes at its end is refused, or filled up with zeros, so that reading it
 * cannot kill the process: what stood there then reads as damaged, which LMDB or the checksums in the values say.
 * Throws FatalError; also when the file is not an LMDB environment at all.
 */
export function openEnvironment<Value, Key extends string | number>(
  path: string,
  options: RootDatabaseOptions,
  whenCutShort: "fill" | "refuse",
): { environment: RootDatabase<Value, Key>; missingBytes: number } {
  const missingBytes = inspectEnvironment(path, whenCutShort);
  try {
    const environment = open<Value, Key>({ path, noSubdir: true, maxReaders: 16, ...options });
    return { environment, missingBytes };
  } catch (cause) {
    throw new FatalError("an LMDB file cannot be opened", { path, cause });
  }
}

export function removeEnvironment(path: string): void {
  rmSync(path, { force: true });
  rmSync(`${path}-lock`, { force: true });
}

/** Bytes the file lacked of what its meta page promises; 0 when it is whole. */
function inspectEnvironment(path: string, whenCutShort: "fill" | "refuse"): number {
  if (!existsSync(path)) return 0;
  const fd = openSync(path, "r+");
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return 0;
    const first = readMeta(fd, 0);
    if (first === undefined) throw new FatalError("an LMDB file has no valid meta page", { path, offset: 0 });
    const second = readMeta(fd, first.pageSize);
    const newest = second !== undefined && second.transaction > first.transaction ? second : first;
    const needed = (newest.lastPage + 1) * newest.pageSize;
    if (size >= needed) return 0;
    if (whenCutShort === "refuse") {
      throw new FatalError(`an LMDB file is cut short: ${needed} bytes belong to it`, { path, offset: size });
    }
    ftruncateSync(fd, needed);
    return needed - size;
  } finally {
    closeSync(fd);
  }
}

function readMeta(
  fd: number,
  at: number,
): { pageSize: number; lastPage: number; transaction: bigint } | undefined {
  const bytes = new DataView(new ArrayBuffer(META_BYTES));
  if (readSync(fd, bytes, 0, META_BYTES, at) < META_BYTES) return undefined;
  const pageSize = bytes.getUint32(48, true);
  if (bytes.getUint32(24, true) !== MAGIC || !PAGE_SIZES.has(pageSize)) return undefined;
  return {
    pageSize,
    lastPage: Number(bytes.getBigUint64(144, true)),
    transaction: bytes.getBigUint64(152, true),
  };
}
