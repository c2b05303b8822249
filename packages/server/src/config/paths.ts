/** Paths in a configuration file are relative to the file's folder, whatever the working directory is. */
import path from "node:path";

/**
 * A copy in which every path is absolute: the values of keys that end in `_file`, and of lists called
 * `files`. Objects of classes (labels, secrets, expressions) hold no paths and are kept.
 */
export function withAbsolutePaths<T>(value: T, folder: string): T {
  return convert(value, folder) as T;
}

function convert(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item, folder));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const entries = Object.entries(value).map(([key, item]) => {
    if (key.endsWith("_file") && typeof item === "string" && item !== "")
      return [key, path.resolve(folder, item)];
    if (key === "files" && Array.isArray(item)) {
      return [
        key,
        item.map((it) => (typeof it === "string" ? path.resolve(folder, it) : convert(it, folder))),
      ];
    }
    return [key, convert(item, folder)];
  });
  return Object.fromEntries(entries);
}
