/** Files that are there whole or not at all, whatever happens while they are written. */
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Puts `bytes` in the place of what stands at `path`. Durable on return. Throws what the file system throws.
 */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const making = `${path}.tmp`;
  try {
    const fd = openSync(making, "w");
    try {
      writeAll(fd, bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(making, path);
  } catch (error) {
    // On a full disk, half a file is room that is missing elsewhere.
    rmSync(making, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** Makes names durable: those of files made, renamed or removed in a folder. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Gives a file that never changes a second name, or makes a copy where that is another file system. */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EXDEV" && code !== "EPERM" && code !== "EMLINK") throw error;
    copyFileSync(from, to);
  }
}
