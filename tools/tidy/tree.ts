/**
 * The checkout as the tidy checks see it: paths and texts, so that a test can hand them a tree of its own.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Tree {
  /** Relative to the root, with `/`, in ascending order. */
  readonly paths: readonly string[];
  has(path: string): boolean;
  read(path: string): string;
  bytes(path: string): number;
}

/** A mistake of style: `path:line: what, use instead`. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
  /** What to do about it, in words that follow "use". */
  readonly use: string;
}

export type Check = (tree: Tree) => Finding[];

export function formatFinding({ path, line, what, use }: Finding): string {
  return `${path}:${line}: ${what}, use ${use}`;
}

/** What git ignores, and git. */
const IGNORED = /^(?:node_modules|\.git|\.cache|data|agent-data|dist|build)$|\.log$/;

export function readTree(root: string): Tree {
  const paths: string[] = [];
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (IGNORED.test(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile()) paths.push(path);
    }
  }
  const known = new Set(paths);
  return {
    paths: paths.sort(),
    has: (path) => known.has(path),
    read: (path) => readFileSync(join(root, path), "utf8"),
    bytes: (path) => statSync(join(root, path)).size,
  };
}

/** A tree of texts by path. */
export function treeOf(texts: Readonly<Record<string, string>>): Tree {
  return {
    paths: Object.keys(texts).sort(),
    has: (path) => Object.hasOwn(texts, path),
    read: (path) => texts[path] ?? "",
    bytes: (path) => Buffer.byteLength(texts[path] ?? ""),
  };
}

/** Line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i !== -1 && i < offset; i = text.indexOf("\n", i + 1)) line++;
  return line;
}
