/** Reads the host's proc and sys: from `/`, or from where a container has them mounted. */
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { PROC_FILE_BYTES_MAX } from "../limits.ts";

/** Errors that mean "this machine has no such thing": a kernel without PSI, an interface without a speed. */
const ABSENT = new Set([
  "ENOENT",
  "ENOTDIR",
  "EACCES",
  "EPERM",
  "EINVAL",
  "EOPNOTSUPP",
  "ENOTSUP",
  "EIO",
  "ENODEV",
]);

export class HostFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Where a path of the host is found: `/var` → `<root>/var`. */
  path(hostPath: string): string {
    return join(this.#root, hostPath);
  }

  /**
   * The text of a file, or undefined where there is none. Files of proc say their size is 0, so it is read to
   * its end.
   */
  async read(hostPath: string): Promise<string | undefined> {
    try {
      const file = await open(this.path(hostPath), "r");
      try {
        return await readToEnd(file);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** The trimmed text of a file of one line. */
  async readLine(hostPath: string): Promise<string | undefined> {
    return (await this.read(hostPath))?.trim();
  }

  /** The number a file of one line holds, or undefined where there is none. */
  async readNumber(hostPath: string): Promise<number | undefined> {
    const text = await this.readLine(hostPath);
    return text === undefined || text === "" ? undefined : toNumber(text);
  }

  /** Names in a folder, ascending; none where there is no such folder. */
  async list(hostPath: string): Promise<string[]> {
    try {
      return (await readdir(this.path(hostPath))).sort();
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }
}

interface Readable {
  read(buffer: Buffer, offset: number, length: number, position: null): Promise<{ bytesRead: number }>;
}

async function readToEnd(file: Readable): Promise<string> {
  let buffer = Buffer.allocUnsafe(16 * 1024);
  let length = 0;
  while (length < PROC_FILE_BYTES_MAX) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
    if (length === buffer.length) {
      const larger = Buffer.allocUnsafe(buffer.length * 2);
      buffer.copy(larger);
      buffer = larger;
    }
  }
  return buffer.toString("utf8", 0, length);
}

function isAbsent(error: unknown): boolean {
  return ABSENT.has((error as NodeJS.ErrnoException).code ?? "");
}

/** A number as the kernel prints it, or undefined. */
export function toNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

/** Lines without their ends; a last empty one is left out. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The words of a line that any white space separates. */
export function wordsIn(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === "" ? [] : trimmed.split(/\s+/);
}
