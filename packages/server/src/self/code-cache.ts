/**
 * Compiled code, kept below the data directory between starts: without it a start spends a fifth of its time
 * on compiling what it compiled before. Node keeps an entry for each file and checks it against the file's
 * content, so nothing stale is ever run.
 */
import fs from "node:fs";
import module from "node:module";
import path from "node:path";
import process from "node:process";
import { CODE_CACHE_BYTES_MAX } from "../limits.ts";

/**
 * For this thread from here on, and for threads started later. Does nothing where a cache is in use already:
 * somebody has said where (NODE_COMPILE_CACHE).
 */
export function useCodeCache(dataDir: string): void {
  if (module.getCompileCacheDir() !== undefined) return;
  const directory = path.join(dataDir, "cache", "code");
  // Entries of files that are no more, as after an upgrade, are removed by nobody else.
  if (bytesBelow(directory) > CODE_CACHE_BYTES_MAX) fs.rmSync(directory, { recursive: true, force: true });
  const { status } = module.enableCompileCache(directory);
  if (status === module.constants.compileCacheStatus.ENABLED) process.env["NODE_COMPILE_CACHE"] = directory;
}

function bytesBelow(directory: string): number {
  if (!fs.existsSync(directory)) return 0;
  const files = fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + fs.statSync(path.join(parentPath, name)).size, 0);
}
