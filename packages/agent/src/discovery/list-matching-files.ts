/** Files that match a path whose last part may hold stars: `/etc/targets/*.yml`. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Paths in ascending order; none when the folder does not exist. A path without a star is answered as it stands. */
export async function listMatchingFiles(pattern: string): Promise<string[]> {
  const name = basename(pattern);
  if (!name.includes("*")) return [pattern];
  const directory = dirname(pattern);
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return [];
    throw error;
  }
  return names
    .filter((candidate) => matchesStars(candidate, name))
    .sort()
    .map((found) => join(directory, found));
}

/** Whether a name has the pattern's pieces in order, the first at its start and the last at its end. */
export function matchesStars(name: string, pattern: string): boolean {
  const pieces = pattern.split("*");
  if (pieces.length === 1) return name === pattern;
  const first = pieces[0]!;
  const last = pieces[pieces.length - 1]!;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  // A shell's star does not take a leading dot, and hidden files are rarely meant.
  if (first === "" && name.startsWith(".")) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}
