/**
 * Opens an LMDB environment of the agent's: a checkpoint store or a queue. A damaged one is set aside, not
 * fatal: an agent that does not start loses more than what the file held.
 *
 * LMDB maps its file, and reading beyond the end of a truncated one is a SIGBUS: so the size is held against
 * what the meta pages say before it is opened. A meta page (little-endian, offsets from the page's start):
 *
 *     24 u32 magic 0xbeefc0de   48 u32 page size   144 u64 last page used   152 u64 transaction
 */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { FatalError, type Logger } from "@binnacle/model";
import { open, type RootDatabase, type RootDatabaseOptions } from "lmdb";

const MAGIC = 0xbeefc0de;
const META_BYTES = 160;
const PAGE_BYTES_MAX = 65_536;

export interface OpenedEnvironment<Value, Key extends string | number> {
  readonly environment: RootDatabase<Value, Key>;
  /** Where the damaged file went, if there was one. */
  readonly setAside: string | undefined;
}

/**
 * Opens or creates the file at `path`. Throws FatalError when neither it nor a new one in its place can be
 * opened.
 */
export function openEnvironment<Value, Key extends string | number>(
  path: string,
  options: RootDatabaseOptions,
  logger: Logger,
): OpenedEnvironment<Value, Key> {
  mkdirSync(dirname(path), { recursive: true });
  let damage = findDamage(path);
  let setAside: string | undefined;
  for (let tries = 0; ; tries++) {
    try {
      if (damage !== undefined) throw new Error(damage);
      return { environment: open<Value, Key>({ path, noSubdir: true, ...options }), setAside };
    } catch (cause) {
      if (tries > 0 || !existsSync(path))
        throw new FatalError("an LMDB file cannot be opened", { path, cause });
      setAside = `${path}.damaged-${Date.now()}`;
      renameSync(path, setAside);
      damage = undefined;
      logger.error(
        { path, setAside, error: String(cause) },
        "a damaged file was set aside; a new one is begun",
      );
    }
  }
}

/** What is wrong with the file, or undefined when it is whole or not there. */
function findDamage(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    if (size === 0) return undefined;
    const first = readMeta(file, 0);
    const second = first === undefined ? undefined : readMeta(file, first.pageBytes);
    if (first === undefined || second === undefined) return "it does not begin as an LMDB file does";
    const newest = second.transaction > first.transaction ? second : first;
    const needed = (newest.lastPage + 1) * newest.pageBytes;
    return size < needed ? `it has ${size} bytes and says that it uses ${needed}` : undefined;
  } finally {
    closeSync(file);
  }
}

interface Meta {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: bigint;
}

function readMeta(file: number, at: number): Meta | undefined {
  const page = Buffer.alloc(META_BYTES);
  if (readSync(file, page, 0, META_BYTES, at) < META_BYTES || page.readUInt32LE(24) !== MAGIC)
    return undefined;
  const pageBytes = page.readUInt32LE(48);
  if (pageBytes < 512 || pageBytes > PAGE_BYTES_MAX) return undefined;
  return {
    pageBytes,
    lastPage: Number(page.readBigUInt64LE(144)),
    transaction: page.readBigUInt64LE(152),
  };
}
