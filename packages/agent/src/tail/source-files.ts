/** Finds plain log files by paths with stars. */
import { dirname } from "node:path";
import { Labels } from "@binnacle/model";
import { listMatchingFiles } from "../files/list-matching-files.ts";
import type { FoundLog, TailSource } from "./tail-source.ts";

type FilesSource = Extract<TailSource, { kind: "files" }>;

export async function findPlainFiles(source: FilesSource): Promise<FoundLog[]> {
  const found: FoundLog[] = [];
  const excluded = new Set<string>();
  for (const pattern of source.exclude ?? []) {
    for (const path of await listMatchingFiles(pattern)) excluded.add(path);
  }
  for (const pattern of source.paths) {
    const root = rootOf(pattern);
    for (const path of await listMatchingFiles(pattern)) {
      if (excluded.has(path) || isCompressed(path)) continue;
      const labels = Labels.fromObject({ job: source.job, ...source.labels, filename: path });
      const { syslogDates = "local" } = source;
      found.push({ path, format: "plain", labels, metadata: undefined, syslogDates, roots: [root] });
    }
  }
  return found;
}

/**
 * The folder before the first star: what the person who wrote the path named, and no symlink leads out of it.
 */
function rootOf(pattern: string): string {
  const star = pattern.indexOf("*");
  return star < 0 ? dirname(pattern) : dirname(`${pattern.slice(0, star)}x`);
}

export function isCompressed(path: string): boolean {
  return /\.(?:gz|tmp|bz2|xz|zst|lz4|zip)$/.test(path);
}
