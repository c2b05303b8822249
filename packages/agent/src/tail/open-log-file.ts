/** Opens log files with care: the folders they lie in are often writable for others. */
import { constants } from "node:fs";
import { open, realpath, type FileHandle } from "node:fs/promises";
import { sep } from "node:path";
import type { FileId } from "./checkpoint-store.ts";
import { unpackGzip } from "./unpack-gzip.ts";

export interface OpenedLogFile {
  readonly handle: FileHandle;
  readonly id: FileId;
}

/** Why a path is not opened: also the `reason` label of a counter. */
export type RefusalReason = "not_a_regular_file" | "outside_of_roots" | "permission" | "damaged_gzip";

export class RefusedFile extends Error {
  override readonly name = "RefusedFile";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Errors that mean the file went away between being seen and being opened. */
const GONE = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/**
 * Opens a regular file; a symlink is followed only where it leads below one of the roots. undefined when
 * there is none. Neither a FIFO nor a device can make this wait. Of a `.gz` it is what
 * was packed. Throws RefusedFile.
 */
export async function openLogFile(
  path: string,
  roots: readonly string[],
): Promise<OpenedLogFile | undefined> {
  try {
    const real = await realpath(path);
    if (real !== path && !(await isBelow(real, roots))) {
      throw new RefusedFile(
        "outside_of_roots",
        `${path} leads to ${real}, which is below none of the log folders`,
      );
    }
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(real, flags);
    const stat = await handle.stat({ bigint: true });
    if (!stat.isFile()) {
      await handle.close();
      throw new RefusedFile("not_a_regular_file", `${path} is not a regular file`);
    }
    const id = `${stat.dev}:${stat.ino}`;
    return { handle: isGzip(path) ? await unpackGzip(handle) : handle, id };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (GONE.has(code)) return undefined;
    if (code.startsWith("Z_") || code === "ERR_BUFFER_TOO_LARGE") {
      throw new RefusedFile("damaged_gzip", `${path} cannot be unpacked: ${(error as Error).message}`);
    }
    if (code === "ENXIO") throw new RefusedFile("not_a_regular_file", `${path} is a socket or a pipe`);
    if (code === "EACCES" || code === "EPERM") {
      throw new RefusedFile("permission", `${path} may not be read by this user`);
    }
    throw error;
  }
}

export function isGzip(path: string): boolean {
  return path.endsWith(".gz");
}

async function isBelow(path: string, roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    const real = await realpath(root).catch(() => root);
    if (path.startsWith(real.endsWith(sep) ? real : real + sep)) return true;
  }
  return false;
}
