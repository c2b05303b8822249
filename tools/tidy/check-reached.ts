/** Finds sources that nothing leads to: dead code, or an entry that package.json does not name. */
import { posix } from "node:path";
import { buildModuleGraph, reachedFrom } from "./module-graph.ts";
import type { Finding, Tree } from "./tree.ts";

const ENTRY =
  /^(?:tools|bench|test)\/|^packages\/server\/src\/main\.ts$|\.(?:test|fuzz|bench)\.tsx?$|\.d\.ts$/;

export function checkReached(tree: Tree): Finding[] {
  const graph = buildModuleGraph(tree);
  const entries = [...graph.imports.keys()].filter((path) => ENTRY.test(path));
  for (const [name, { exports = {} }] of graph.manifests) {
    for (const entry of Object.values(exports)) entries.push(posix.join("packages", name, entry));
    entries.push(...pageScripts(tree, name));
  }
  const reached = reachedFrom(graph, entries);
  return [...graph.imports.keys()]
    .filter((path) => /^packages\/[^/]+\/src\//.test(path) && !reached.has(path))
    .map((path) => ({
      path,
      line: 1,
      what: "nothing imports this file",
      use: "it, name it in package.json's exports, or remove it",
    }));
}

/** Scripts that a package's index.html loads. */
function pageScripts(tree: Tree, name: string): string[] {
  const page = `packages/${name}/index.html`;
  if (!tree.has(page)) return [];
  const scripts = tree.read(page).matchAll(/<script[^>]*\ssrc="\/([^"]+)"/g);
  return [...scripts].map((match) => `packages/${name}/${match[1]!}`);
}
