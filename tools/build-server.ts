/**
 * Bundles the server into packages/server/dist, unless a bundle of the same sources is there:
 * `node tools/build-server.ts`. How it is used, and why it is never stale: packages/server/bin/bundle.mjs.
 *
 * A build has a folder of its own, named by what it was made from, and the record that names it is replaced
 * last: a program that runs meanwhile goes on loading the chunks it began with.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
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
  const hashes = new Map<string, string>();
  const bundle = await rolldown({
    cwd: ROOT,
    input: { main: join(ROOT, ENTRY) },
    platform: "node",
    external: EXTERNAL,
    // A package's index names all it has; what of it nobody asks for is left out. Our modules do nothing
    // but define things.
    treeshake: { moduleSideEffects: [{ test: /\/packages\/[a-z0-9-]+\/src\//, sideEffects: false }] },
    plugins: [ownSources(hashes)],
  });
  const draft = join(bundleDir(ROOT), `draft.${process.pid}`);
  try {
    await bundle.write({ dir: draft, format: "esm", sourcemap: true, chunkFileNames: "[name]-[hash].js" });
    await bundle.close();
    for (const path of [...manifests(hashes), ...FURTHER_INPUTS]) {
      hashes.set(path, hashOf(readFileSync(join(ROOT, path))));
    }
    publish(draft, hashes);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return true;
}

/**
 * Reads our own sources, noting what was read, and puts right what they say of places: a chunk stands
 * elsewhere than the files it is made of.
 */
function ownSources(hashes: Map<string, string>): Plugin {
  const packages = join(ROOT, "packages/");
  return {
    name: "own-sources",
    load(id) {
      if (!id.startsWith(packages)) return undefined;
      const bytes = readFileSync(id);
      const path = relative(ROOT, id);
      hashes.set(path, hashOf(bytes));
      // From dist/<build>/ to the source.
      const back = JSON.stringify(`../../../../${path}`);
      const code = bytes
        .toString("utf8")
        .replaceAll(/new URL\("(\.\/[\w/-]*worker\.ts)", import\.meta\.url\)/g, (_call, worker: string) => {
          const reference = this.emitFile({ type: "chunk", id: join(dirname(id), worker) });
          return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
        })
        .replaceAll(
          "import.meta.dirname",
          `(import.meta.dirname + "/" + ${JSON.stringify(dirname(back.slice(1, -1)))})`,
        )
        .replaceAll(/import\.meta\.url\b/g, `new URL(${back}, import.meta.url)`);
      return { code, moduleType: id.endsWith(".ts") ? "ts" : "js" };
    },
  };
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
  if (!existsSync(folder)) renameSync(draft, folder);
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
