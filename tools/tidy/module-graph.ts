/** The imports of every source file, and the files they lead to. */
import { posix } from "node:path";
import { lineAt, type Tree } from "./tree.ts";

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** No import but the place of one, as a worker is started by: `new URL("./worker.ts", import.meta.url)`. */
  readonly isLocation: boolean;
  /** The file it leads to, if that is one of the tree. */
  readonly target: string | undefined;
}

export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
}

export interface ModuleGraph {
  readonly imports: ReadonlyMap<string, readonly Import[]>;
  /** By the name of the package's folder. */
  readonly manifests: ReadonlyMap<string, Manifest>;
}

export const SCOPE = "@binnacle/";
const SOURCE = /\.(?:ts|tsx|mts|mjs)$/;

/**
 * Every form in which a module names another. oxfmt has laid the sources out, so patterns find what a parser
 * would: a statement begins a line, a call has its literal right behind the parenthesis.
 */
const IMPORTS: readonly RegExp[] = [
  /^(?:import|export)\s[^"'`;]*?\sfrom\s+"([^"]+)"/gm,
  /^import\s+"([^"]+)"/gm,
  /\bimport\(\s*"([^"]+)"/g,
];
const LOCATIONS: readonly RegExp[] = [
  /\bnew URL\(\s*"([^":]+)",\s*import\.meta\.url/g,
  /\bimport\.meta\.resolve\(\s*"([^"]+)"/g,
  /\bimport\.meta\.dirname,\s*"([^"]+\.ts)"/g,
];

export function buildModuleGraph(tree: Tree): ModuleGraph {
  const manifests = new Map<string, Manifest>();
  for (const path of tree.paths) {
    const match = /^packages\/([^/]+)\/package\.json$/.exec(path);
    if (match !== null) manifests.set(match[1]!, JSON.parse(tree.read(path)) as Manifest);
  }
  const imports = new Map<string, readonly Import[]>();
  for (const path of tree.paths) {
    if (SOURCE.test(path)) imports.set(path, importsOf(tree, path, manifests));
  }
  return { imports, manifests };
}

function importsOf(tree: Tree, path: string, manifests: ModuleGraph["manifests"]): Import[] {
  const text = withoutComments(tree.read(path));
  const found: Import[] = [];
  for (const form of [...IMPORTS, ...LOCATIONS]) {
    for (const match of text.matchAll(form)) {
      const isLocation = LOCATIONS.includes(form);
      const isBare = isLocation && !/^(?:\.|@|node:)/.test(match[1]!);
      // A name alone is relative there.
      const specifier = isBare ? `./${match[1]!}` : match[1]!;
      const target = resolveSpecifier(tree, path, specifier, manifests);
      const line = lineAt(text, match.index + match[0].length);
      found.push({ specifier, line, isLocation, target });
    }
  }
  return found;
}

function resolveSpecifier(
  tree: Tree,
  from: string,
  specifier: string,
  manifests: ModuleGraph["manifests"],
): string | undefined {
  if (specifier.startsWith(".")) {
    const path = posix.join(posix.dirname(from), specifier.replace(/\?.*$/, ""));
    // The page's bundler takes specifiers without an ending too.
    return ["", ".ts", ".tsx", "/index.ts"].map((end) => `${path}${end}`).find((it) => tree.has(it));
  }
  const own = packageOf(specifier);
  const entry = own === undefined ? undefined : manifests.get(own.name)?.exports?.[own.entry];
  return own === undefined || entry === undefined ? undefined : posix.join("packages", own.name, entry);
}

/** `@binnacle/promql/parser` → promql, ./parser. */
export function packageOf(specifier: string): { name: string; entry: string } | undefined {
  if (!specifier.startsWith(SCOPE)) return undefined;
  const [name = "", ...rest] = specifier.slice(SCOPE.length).split("/");
  return { name, entry: rest.length === 0 ? "." : `./${rest.join("/")}` };
}

/**
 * Comments become spaces, so that offsets and lines stay. Strings are kept whole, with what looks like a
 * comment.
 */
export function withoutComments(text: string): string {
  return text.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\*[^]*?\*\/|(?<![:\\])\/\/[^\n]*/g,
    (comment, literal) => literal ?? comment.replace(/[^\n]/g, " "),
  );
}

/** Everything that is reached from some files, themselves included. */
export function reachedFrom(graph: ModuleGraph, entries: Iterable<string>): Set<string> {
  const reached = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const { target } of graph.imports.get(path) ?? []) if (target !== undefined) waiting.push(target);
  }
  return reached;
}
