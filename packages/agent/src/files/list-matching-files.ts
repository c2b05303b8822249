/** Files that match a path whose parts may hold stars, as a shell would find them. */
import { join } from "node:path";
import { listDirectory } from "./list-directory.ts";

/**
 * Paths in ascending order; none below folders that are not there. A path without a star is answered as it
 * stands. A star stands for any characters of one name, but for the dot that hides a file.
 */
export async function listMatchingFiles(pattern: string): Promise<string[]> {
  const parts = pattern.split("/");
  let paths = [parts[0] === "" ? "/" : parts[0]!];
  if (paths[0]!.includes("*")) paths = await expand(".", paths[0]!);
  for (const part of parts.slice(1)) {
    if (part === "") continue;
    if (!part.includes("*")) paths = paths.map((path) => join(path, part));
    else paths = (await Promise.all(paths.map((path) => expand(path, part)))).flat();
  }
  return paths;
}

async function expand(directory: string, pattern: string): Promise<string[]> {
  const names = await listDirectory(directory);
  return names.filter((name) => matchesStars(name, pattern)).map((name) => join(directory, name));
}

/** Whether a name has the pattern's pieces in order, the first at its start and the last at its end. */
export function matchesStars(name: string, pattern: string): boolean {
  const pieces = pattern.split("*");
  if (pieces.length === 1) return name === pattern;
  const first = pieces[0]!;
  const last = pieces[pieces.length - 1]!;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  if (first === "" && name.startsWith(".")) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}
