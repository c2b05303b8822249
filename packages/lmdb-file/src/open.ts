/**
 * Opens LMDB environments. LMDB maps its file, and touching a page past the end of one that was cut short
 * is a SIGBUS, the end of the process: so the size is held against what the meta pages say before it is
 * opened.
 */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { FatalError, type Logger } from "@binnacle/model";
import { open, type RootDatabase, type RootDatabaseOptions } from "lmdb";
import { readMeta } from "./read-file.ts";

/** What is wrong with the file; undefined where it is whole, empty or not there. */
export function findDamage(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return undefined;
    const meta = readMeta(fd);
    if (meta === undefined) return "it does not begin as an LMDB file does";
    const needed = (meta.lastPage + 1) * meta.pageSize;
    return size < needed ? `it has ${size} bytes and says that it uses ${needed}` : undefined;
  } finally {
    closeSync(fd);
  }
}

/** Opens or creates the file. Throws FatalError when it is damaged or cannot be opened. */
export function openEnvironment<Value, Key extends string | number>(
  path: string,
  options: RootDatabaseOptions,
): RootDatabase<Value, Key> {
  const damage = findDamage(path);
  if (damage !== undefined) throw new FatalError(`an LMDB file is damaged: ${damage}`, { path });
  try {
    return open<Value, Key>({ path, noSubdir: true, maxReaders: 16, ...options });
  } catch (cause) {
    throw new FatalError("an LMDB file cannot be opened", { path, cause });
  }
}

export interface OpenedEnvironment<Value, Key extends string | number> {
  readonly environment: RootDatabase<Value, Key>;
  /** Where the damaged file went, if there was one. */
  readonly setAside: string | undefined;
}

/**
 * As openEnvironment, but a damaged file is renamed and a new one begun in its place, for stores without
 * which the program does better than not at all. Its folder is made when it is not there.
 */
export function openOrSetAside<Value, Key extends string | number>(
  path: string,
  options: RootDatabaseOptions,
  logger: Logger,
): OpenedEnvironment<Value, Key> {
  mkdirSync(dirname(path), { recursive: true });
  try {
    return { environment: openEnvironment(path, options), setAside: undefined };
  } catch (cause) {
    if (!existsSync(path)) throw cause;
    const setAside = `${path}.damaged-${Date.now()}`;
    renameSync(path, setAside);
    logger.error(
      { path, setAside, error: String(cause) },
      "a damaged file was set aside; a new one is begun",
    );
    return { environment: openEnvironment(path, options), setAside };
  }
}

/** Removes the file of an environment that is closed, and its lock. */
export function removeEnvironment(path: string): void {
  rmSync(path, { force: true });
  rmSync(`${path}-lock`, { force: true });
}
