/**
 * Opens LMDB environments; one whose file is cut short is an error and not, as LMDB has it, the end of the
 * process.
 */
import { closeSync, existsSync, fstatSync, openSync, rmSync } from "node:fs";
import { FatalError } from "@binnacle/model";
import { open, type RootDatabase, type RootDatabaseOptions } from "lmdb";
import { readMeta } from "./lmdb-file.ts";

/** Throws FatalError when the file is cut short, or is not an LMDB environment. */
export function openEnvironment<Value, Key extends string | number>(
  path: string,
  options: RootDatabaseOptions,
): RootDatabase<Value, Key> {
  checkSize(path);
  try {
    return open<Value, Key>({ path, noSubdir: true, maxReaders: 16, ...options });
  } catch (cause) {
    throw new FatalError("an LMDB file cannot be opened", { path, cause });
  }
}

export function removeEnvironment(path: string): void {
  rmSync(path, { force: true });
  rmSync(`${path}-lock`, { force: true });
}

/** LMDB maps its file, and reading a page beyond the file's end is a SIGBUS. */
function checkSize(path: string): void {
  if (!existsSync(path)) return;
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return;
    const meta = readMeta(fd);
    if (meta === undefined) throw new FatalError("an LMDB file has no valid meta page", { path, offset: 0 });
    const needed = (meta.lastPage + 1) * meta.pageSize;
    if (size < needed) {
      throw new FatalError(`an LMDB file is cut short: ${needed} bytes belong to it`, { path, offset: size });
    }
  } finally {
    closeSync(fd);
  }
}
