/**
 * What of a checkout is stale: the installed packages, the kernels, the page. Each part has a hash over the
 * content of all it is made from, kept under node_modules/.cache once it was made. (Times of files would be
 * cheaper, but a checkout changes them all; hashing everything takes some 20 ms.)
 *
 * Plain JavaScript without dependencies: it runs on the machine's own Node before anything is installed.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @typedef {"packages" | "kernels" | "ui"} Part
 * @type {Readonly<Record<Part, { inputs: readonly string[]; outputs: readonly string[] }>>}
 */
const PARTS = {
  packages: {
    inputs: ["package-lock.json", "package.json", "packages/*/package.json"],
    outputs: ["node_modules/.package-lock.json"],
  },
  kernels: {
    inputs: ["packages/kernels/assembly", "tools/build-kernels.ts"],
    outputs: ["packages/kernels/build/kernels.wasm"],
  },
  ui: {
    inputs: [
      "packages/ui",
      "packages/api/src",
      "packages/model/src",
      "packages/re2/src",
      "packages/promql/src/parser",
      "packages/logs/src/parser",
      "package-lock.json",
      "tools/build-ui.ts",
    ],
    outputs: ["packages/ui/dist/index.html"],
  },
};

/** Folders and files that are no part of what is built. */
const IGNORED = /^(?:node_modules|dist|build|\..*)$|\.test\.tsx?$/;

/** @param {Part} part @param {string} [root] */
export function isFresh(part, root = ROOT) {
  const { outputs } = PARTS[part];
  if (!outputs.every((path) => existsSync(join(root, path)))) return false;
  const stamp = stampPath(part, root);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hashOf(part, root);
}

/**
 * Remembers that a part was made from its inputs as they are now. @param {Part} part @param {string} [root]
 */
export function markFresh(part, root = ROOT) {
  const stamp = stampPath(part, root);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hashOf(part, root));
}

/** @param {Part} part @param {string} root */
function stampPath(part, root) {
  return join(root, "node_modules/.cache/binnacle", `${part}.hash`);
}

/** @param {Part} part @param {string} root */
function hashOf(part, root) {
  const hash = createHash("sha256");
  for (const path of PARTS[part].inputs.flatMap((input) => filesOf(root, input))) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

/** The files a path stands for, in a fixed order: itself, all below a folder, or one `*` for any folder. */
function filesOf(/** @type {string} */ root, /** @type {string} */ path) {
  const star = path.indexOf("/*/");
  if (star !== -1) {
    const parent = path.slice(0, star);
    const paths = namesIn(join(root, parent)).map((name) => `${parent}/${name}${path.slice(star + 2)}`);
    return paths.filter((candidate) => existsSync(join(root, candidate)));
  }
  /** @type {string[]} */
  const files = [];
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const stat = statSync(join(root, next), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (stat.isDirectory()) waiting.push(...namesIn(join(root, next)).map((name) => `${next}/${name}`));
    else files.push(next);
  }
  return files.sort();
}

/** @param {string} folder */
function namesIn(folder) {
  return readdirSync(folder).filter((name) => !IGNORED.test(name));
}
