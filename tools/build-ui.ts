/**
 * Builds the page into packages/ui/dist, when what it is made of has changed. A file beside the result keeps
 * the hash of its sources, so a start with nothing stale costs a few milliseconds of reading.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const ui = join(root, "packages/ui");
const dist = join(ui, "dist");
const hashFile = join(dist, ".sources-hash");

/**
 * All that the bundle can take in: the page, the contract, the parsers, and the versions of the libraries.
 */
const SOURCES = [
  "packages/ui/src",
  "packages/ui/index.html",
  "packages/ui/package.json",
  "packages/ui/vite.config.ts",
  "packages/api/src",
  "packages/promql/src/parser",
  "packages/logs/src/parser",
  "package-lock.json",
];

/** True where it built, false where the page was fresh. Throws where the build fails. */
export function buildUi(): boolean {
  const hash = hashSources();
  if (
    existsSync(join(dist, "index.html")) &&
    existsSync(hashFile) &&
    readFileSync(hashFile, "utf8") === hash
  ) {
    return false;
  }
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const result = spawnSync(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd: ui,
    stdio: "inherit",
  });
  if (result.status !== 0) {
    throw new Error(`the page's build failed (${result.error?.message ?? `exit code ${result.status}`})`);
  }
  // Last of all: a build that was broken off leaves no hash, and is done again.
  writeFileSync(hashFile, hash);
  return true;
}

function hashSources(): string {
  const hash = createHash("sha256");
  for (const path of SOURCES.flatMap((source) => filesBelow(join(root, source)))) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update("\0");
  }
  return hash.digest("hex");
}

/** Sorted, without tests: they change nothing of the page. */
function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)))
    .filter((file) => !/\.(?:test|fuzz|bench)\.tsx?$/.test(file));
}

if (import.meta.main) {
  const startMs = performance.now();
  const isBuilt = buildUi();
  process.stdout.write(
    `ui: ${isBuilt ? "built" : "fresh"} in ${Math.round(performance.now() - startMs)} ms\n`,
  );
}
