/** Finds files that import each other in a circle: neither can be read, or loaded, without the other. */
import { buildModuleGraph } from "./module-graph.ts";
import type { Finding, Tree } from "./tree.ts";

export function checkCycles(tree: Tree): Finding[] {
  const graph = buildModuleGraph(tree);
  const findings: Finding[] = [];
  const done = new Set<string>();
  /** The way from where the walk began to where it is, and how many imports of each file were followed. */
  const way: { path: string; next: number }[] = [];
  for (const start of graph.imports.keys()) {
    if (!done.has(start)) way.push({ path: start, next: 0 });
    for (let here = way.at(-1); here !== undefined; here = way.at(-1)) {
      const found = graph.imports.get(here.path)?.[here.next++];
      if (found === undefined) {
        done.add(here.path);
        way.pop();
      } else if (!found.isLocation && found.target !== undefined && !done.has(found.target)) {
        const at = way.findIndex(({ path }) => path === found.target);
        if (at === -1) {
          way.push({ path: found.target, next: 0 });
        } else {
          const circle = [...way.slice(at).map(({ path }) => path), found.target].join(" → ");
          findings.push({
            path: here.path,
            line: found.line,
            what: `an import cycle: ${circle}`,
            use: "a third file that both import",
          });
        }
      }
    }
  }
  return findings;
}
