/**
 * Bundles the server into packages/server/dist, unless a bundle of the same sources is there:
 * `node tools/build-server.ts`. How it is used, and why it is never stale: packages/server/bin/bundle.mjs.
 *
 * A build has a folder of its own, named by what it was made from, and the record that names it is replaced
 * last: a program that runs meanwhile goes on loading the chunks it began with.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import process from "node:process";
import { rolldown, type Plugin } from "rolldown";
import {
  bundleDir,
  bundleRecord,
  freshBundle,
  hashOf,
  stampOf,
  type BundleInput,
} from "../packages/server/bin/bundle.mjs";
import { ROOT } from "./freshness.mjs";

const ENTRY = "packages/server/src/main.ts";
/** Beside the sources: how packages are found, which libraries are installed, and this very file. */
const FURTHER_INPUTS = ["node_modules/.package-lock.json", "tools/build-server.ts"];
/** They bring machine code, which they look for beside themselves. */
const EXTERNAL = [/^node:/, "lmdb", "snappy"];
/** Builds that are kept: a program that was started from the one before the newest may still load from it. */
const BUILDS_KEPT = 2;
/** A file changed so short a time ago may change again without another time of change, ms. */
const STAMP_AGE_MS_MIN = 1000;

/** True where it built, false where the bundle was fresh. Throws where the build fails. */
export async function buildServer(): Promise<boolean> {
  if (freshBundle(ROOT) !== undefined) return false;
  const draft = join(bundleDir(ROOT), `draft.${process.pid}`);
  const read: Read = { hashes: new Map(), entries: new Map([["main", join(ROOT, ENTRY)]]) };
  try {
    // Workers are found on the way. Each has a bundle of its own: in one for all, what a worker shares with
    // the main thread may stand in a chunk with all the rest of it, and an isolate pays for what it loads.
    for (const [name, file] of read.entries) await buildEntry(draft, name, file, read);
    for (const path of [...manifests(read.hashes), ...FURTHER_INPUTS]) {
      read.hashes.set(path, hashOf(readFileSync(join(ROOT, path))));
    }
    publish(draft, read.hashes);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return true;
}

interface Read {
  /** Of what was read, by path below the root. */
  readonly hashes: Map<string, string>;
  /** Where a thread begins, by the name of its bundle's entry. */
  readonly entries: Map<string, string>;
}

async function buildEntry(dir: string, name: string, file: string, read: Read): Promise<void> {
  const bundle = await rolldown({
    cwd: ROOT,
    input: { [name]: file },
    platform: "node",
    external: EXTERNAL,
    // A package's index names all it has; what of it nobody asks for is left out. Our modules do nothing
    // but define things.
    treeshake: { moduleSideEffects: [{ test: /\/packages\/[a-z0-9-]+\/src\//, sideEffects: false }] },
    plugins: [
      ownSources(read),
      { name: "narrow", renderChunk: (code) => ({ code: inLatin1(code), map: null }) },
    ],
  });
  await bundle.write({
    dir,
    format: "esm",
    sourcemap: true,
    comments: false,
    chunkFileNames: `${name}-[name]-[hash].js`,
  });
  await bundle.close();
}

/**
 * Reads our own sources, noting what was read, and puts right what they say of places: a chunk stands
 * elsewhere than the files it is made of.
 */
function ownSources({ hashes, entries }: Read): Plugin {
  const packages = join(ROOT, "packages/");
  return {
    name: "own-sources",
    load(id) {
      if (!id.startsWith(packages)) return undefined;
      const bytes = readFileSync(id);
      const path = relative(ROOT, id);
      hashes.set(path, hashOf(bytes));
      // From dist/<build>/ to the source.
      const back = `../../../../${path}`;
      const code = bytes
        .toString("utf8")
        .replaceAll(/new URL\("\.\/worker\.ts", import\.meta\.url\)/g, () => {
          const name = `${basename(dirname(id))}-worker`;
          entries.set(name, join(dirname(id), "worker.ts"));
          return `new URL("./${name}.js", import.meta.url)`;
        })
        .replaceAll("import.meta.dirname", `(import.meta.dirname + "/${dirname(back)}")`)
        .replaceAll(/(?<!js", )import\.meta\.url\b/g, `new URL("${back}", import.meta.url)`);
      return { code, moduleType: id.endsWith(".ts") ? "ts" : "js" };
    },
  };
}

/**
 * Other characters as escapes, which strings and patterns take alike: V8 keeps a text with a single one of
 * them at two bytes a character.
 */
function inLatin1(code: string): string {
  return code.replaceAll(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The manifests of the packages whose sources were read: they say which file an import means. */
function manifests(hashes: ReadonlyMap<string, string>): string[] {
  const folders = [...hashes.keys()].map((path) => path.split("/", 2).join("/"));
  return [...new Set(folders)].map((folder) => `${folder}/package.json`);
}

function nameOf(hashes: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const entry of [...hashes].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(entry.join("\0"));
  return hash.digest("hex").slice(0, 12);
}

/** Gives the draft its name, makes it the current one, and removes builds that nobody will load from. */
function publish(draft: string, hashes: ReadonlyMap<string, string>): void {
  const dist = bundleDir(ROOT);
  const build = nameOf(hashes);
  const folder = join(dist, build);
  try {
    renameSync(draft, folder);
  } catch (cause) {
    // Somebody else made the same one, before or at the same time.
    if (!existsSync(folder)) throw cause;
  }
  const inputs: BundleInput[] = [];
  for (const [path, hash] of hashes) inputs.push([path, stampFor(join(ROOT, path), hash), hash]);
  const record = `${bundleRecord(ROOT)}.${process.pid}`;
  writeFileSync(record, JSON.stringify({ build, inputs }));
  renameSync(record, bundleRecord(ROOT));
  const builds = readdirSync(dist)
    .filter((name) => /^[0-9a-f]{12}$/.test(name) && name !== build)
    .map((name) => ({ name, madeAtMs: statSync(join(dist, name)).mtimeMs }))
    .sort((a, b) => b.madeAtMs - a.madeAtMs);
  for (const { name } of builds.slice(BUILDS_KEPT - 1)) rmSync(join(dist, name), { recursive: true });
}

/** The stamp of a file that has the content a hash stands for; one that never fits where that is in doubt. */
function stampFor(file: string, hash: string): string {
  const stamp = stampOf(file);
  const isOld = Date.now() - statSync(file).ctimeMs > STAMP_AGE_MS_MIN;
  return isOld && hashOf(readFileSync(file)) === hash ? stamp : "";
}

if (import.meta.main) {
  const startMs = performance.now();
  const isBuilt = await buildServer();
  const tookMs = Math.round(performance.now() - startMs);
  process.stdout.write(`server: ${isBuilt ? "built" : "fresh"} in ${tookMs} ms\n`);
}
