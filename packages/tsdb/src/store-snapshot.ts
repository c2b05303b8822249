/** Copies of a store that cost nothing: its sealed files under second names, in a directory of their own. */
import { copyFileSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BlockSet } from "./block/block-set.ts";
import { linkOrCopy, syncDirectory } from "@binnacle/lmdb-file";
import { Manifest, type ManifestState } from "./block/manifest.ts";

export interface SnapshotParts {
  readonly storeDir: string;
  readonly blocks: BlockSet;
  readonly state: ManifestState;
  /**
   * Files of the store, beside blocks and manifest, that belong to it; those that are not there are left out.
   */
  readonly files: readonly string[];
}

/**
 * Makes `target` a store's directory with what the blocks hold, or leaves nothing there. Files that never
 * change are linked, or copied where that is another file system; small ones are copied. Throws what the file
 * system throws, EEXIST when there is something at `target`.
 */
export function writeSnapshot(target: string, parts: SnapshotParts): void {
  const { blocks, state } = parts;
  const making = `${target}.tmp`;
  rmSync(making, { recursive: true, force: true });
  const blocksDir = join(making, "blocks");
  mkdirSync(blocksDir, { recursive: true });
  try {
    for (const block of blocks.all) linkOrCopy(blocks.path(block), join(blocksDir, block.file));
    for (const file of parts.files) copyIfThere(join(parts.storeDir, file), join(making, file));
    Manifest.create(making, { ...state, blocks: blocks.all });
    syncDirectory(blocksDir);
    syncDirectory(making);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(making, target);
    syncDirectory(dirname(target));
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw error;
  }
}

function copyIfThere(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    copyFileSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
