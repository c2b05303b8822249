/** Names in a folder that may not be there: files come and go while they are looked for. */
import { opendir } from "node:fs/promises";
import { TAIL_DIRECTORY_ENTRIES_MAX } from "../limits.ts";

const ABSENT = new Set(["ENOENT", "ENOTDIR", "EACCES", "EPERM"]);

/** At most TAIL_DIRECTORY_ENTRIES_MAX names, ascending; none when it is no folder or cannot be read. */
export async function listDirectory(path: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(path)) {
      names.push(entry.name);
      if (names.length >= TAIL_DIRECTORY_ENTRIES_MAX) break;
    }
  } catch (error) {
    if (!ABSENT.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
  return names.sort();
}
