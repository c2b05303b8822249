/** Holds every manifest and every import against the import table. */
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { IMPORT_TABLE, NODE_FREE } from "./import-table.ts";
import {
  buildModuleGraph,
  packageOf,
  reachedFrom,
  SCOPE,
  type Import,
  type ModuleGraph,
} from "./module-graph.ts";
import { lineAt, type Finding, type Tree } from "./tree.ts";

const BUILT_INS: ReadonlySet<string> = new Set(builtinModules);
const isTest = (path: string): boolean => /\.(?:test|fuzz|bench)\.tsx?$/.test(path);

export function checkManifests(tree: Tree): Finding[] {
  const findings: Finding[] = [];
  for (const [name, manifest] of buildModuleGraph(tree).manifests) {
    const path = `packages/${name}/package.json`;
    const allowed = IMPORT_TABLE[name];
    if (allowed === undefined) {
      findings.push({
        path,
        line: 1,
        what: `the package ${name} is not in the import table`,
        use: "tools/tidy/import-table.ts to say whom it may import",
      });
      continue;
    }
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      if (!dependency.startsWith(SCOPE)) continue;
      const own = dependency.slice(SCOPE.length);
      if (allowed.some((it) => it === own || it.startsWith(`${own}/`))) continue;
      const line = lineAt(tree.read(path), tree.read(path).indexOf(`"${dependency}"`));
      findings.push({ path, line, what: `${name} may not depend on ${own}`, use: oneOf(name) });
    }
  }
  return findings;
}

export function checkImports(tree: Tree): Finding[] {
  const graph = buildModuleGraph(tree);
  const findings: Finding[] = [];
  for (const [path, imports] of graph.imports) {
    const own = /^packages\/([^/]+)\/src\//.exec(path)?.[1];
    if (own === undefined) continue;
    for (const it of imports) {
      const broken = brokenRule(path, own, it, graph);
      if (broken !== undefined) findings.push({ path, line: it.line, ...broken });
    }
  }
  return findings;
}

function brokenRule(
  path: string,
  own: string,
  { specifier }: Import,
  graph: ModuleGraph,
): { what: string; use: string } | undefined {
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(path), specifier);
    if (target.startsWith(`packages/${own}/`)) return undefined;
    // Tests may look at the repository's own folders (test data, tools), the product may not.
    if (isTest(path) && !target.startsWith("packages/")) return undefined;
    return { what: `a relative import leaves the package: ${specifier}`, use: `${SCOPE}NAME` };
  }
  const imported = packageOf(specifier);
  if (imported !== undefined) {
    const entry = imported.entry === "." ? imported.name : `${imported.name}${imported.entry.slice(1)}`;
    const allowed = IMPORT_TABLE[own] ?? [];
    if (!allowed.includes(imported.name) && !allowed.includes(entry)) {
      return { what: `${own} may not import ${entry}`, use: oneOf(own) };
    }
    if (graph.manifests.get(imported.name)?.exports?.[imported.entry] === undefined) {
      return {
        what: `${imported.name} has no entry ${imported.entry}`,
        use: "what its package.json exports",
      };
    }
  }
  if (specifier.startsWith("node:") || isTest(path)) return undefined;
  if (BUILT_INS.has(specifier))
    return { what: `a built-in without its prefix: ${specifier}`, use: `node:${specifier}` };
  const dependency = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const manifest = graph.manifests.get(own);
  if (manifest?.dependencies?.[dependency] !== undefined) return undefined;
  if (own === "ui" && manifest?.devDependencies?.[dependency] !== undefined) return undefined;
  return {
    what: `${dependency} is not a dependency of ${own}`,
    use: `packages/${own}/package.json to name it`,
  };
}

function oneOf(name: string): string {
  const allowed = IMPORT_TABLE[name] ?? [];
  return allowed.length === 0 ? "nothing: it imports no package" : allowed.join(", ");
}

/** What a browser loads must not reach a built-in of Node, by whatever way. */
export function checkNodeFree(tree: Tree): Finding[] {
  const graph = buildModuleGraph(tree);
  const files = new Set<string>();
  for (const name of NODE_FREE) {
    const [own = "", entry] = name.split("/");
    const prefix = `packages/${own}/src/`;
    const exported = graph.manifests.get(own)?.exports?.[entry === undefined ? "." : `./${entry}`];
    if (entry === undefined) {
      for (const path of graph.imports.keys()) if (path.startsWith(prefix) && !isTest(path)) files.add(path);
    } else if (exported !== undefined) {
      for (const path of reachedFrom(graph, [posix.join("packages", own, exported)])) files.add(path);
    }
  }
  // A helper of tests only is no part of what a browser loads.
  const product = reachedFrom(graph, entriesOf(graph));
  const findings: Finding[] = [];
  for (const path of files) {
    if (!product.has(path)) continue;
    for (const { specifier, line } of graph.imports.get(path) ?? []) {
      if (!specifier.startsWith("node:")) continue;
      findings.push({
        path,
        line,
        what: `${specifier} where a browser runs too`,
        use: "an argument that brings it in",
      });
    }
  }
  return findings;
}

function entriesOf(graph: ModuleGraph): string[] {
  return [...graph.manifests].flatMap(([name, { exports = {} }]) =>
    Object.values(exports).map((entry) => posix.join("packages", name, entry)),
  );
}
