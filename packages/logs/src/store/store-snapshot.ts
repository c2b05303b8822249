/** Copies of a store that cost nothing: its sealed parts under second names, in a directory of their own. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { linkOrCopy, syncDirectory } from "@binnacle/lmdb-file";
import { BinnacleError } from "@binnacle/model";
import { dayDirectory, DELETIONS_FILE, PARTS_DIR, VERSION_FILE } from "./layout.ts";
import type { LivePart } from "./part-set.ts";

/**
 * Makes `target` a store's directory with what the parts hold, or leaves nothing there. Parts never change:
 * they are linked, or copied where that is another file system. Throws what the file system throws, EEXIST
 * when there is something at `target`.
 */
export function writeSnapshot(
  target: string,
  { storeDir, parts }: { readonly storeDir: string; readonly parts: readonly LivePart[] },
): void {
  if (existsSync(target)) throw new BinnacleError("BAD_PARAMETER", `there is something at ${target}`);
  const making = `${target}.tmp`;
  rmSync(making, { recursive: true, force: true });
  const partsDir = join(making, PARTS_DIR);
  mkdirSync(partsDir, { recursive: true });
  try {
    const days = new Set<string>();
    for (const part of parts) {
      const day = join(partsDir, dayDirectory(part.day));
      if (!days.has(day)) mkdirSync(day);
      days.add(day);
      linkOrCopy(part.path, join(day, basename(part.path)));
    }
    for (const file of [VERSION_FILE, DELETIONS_FILE]) {
      const from = join(storeDir, file);
      if (existsSync(from)) copyFileSync(from, join(making, file));
    }
    for (const directory of [...days, partsDir, making]) syncDirectory(directory);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(making, target);
    syncDirectory(dirname(target));
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw error;
  }
}
