/**
 * The server as a bundle: some thirty files instead of twelve hundred, since most of a start is finding and
 * reading modules. It is only ever used for the very sources it was made from; whoever edits one runs the
 * sources themselves until the next build.
 *
 *     packages/server/dist/current.json      which build, and what it was made from
 *     packages/server/dist/<build>/main.js   the program's entry, its chunks and workers beside it
 *
 * Plain JavaScript without dependencies: it runs before anything else of the program, and in the set-up.
 */
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * A file that went into the build: its path below the root, a stamp that stands for its content while it is
 * the same, and the hash of that content.
 * @typedef {readonly [path: string, stamp: string, hash: string]} BundleInput
 * @typedef {{ readonly build: string; readonly inputs: readonly BundleInput[] }} BundleRecord
 */

const DIST = "packages/server/dist";

/** Where builds are kept. @param {string} root */
export function bundleDir(root) {
  return join(root, DIST);
}

/** What the newest build says of itself. @param {string} root */
export function bundleRecord(root) {
  return join(root, DIST, "current.json");
}

/**
 * The entry of the bundle, or undefined where there is none that was made from the sources as they are now.
 * @param {string} root
 */
export function freshBundle(root) {
  try {
    /** @type {BundleRecord} */
    const { build, inputs } = JSON.parse(readFileSync(bundleRecord(root), "utf8"));
    for (const [path, stamp, hash] of inputs) {
      const file = `${root}/${path}`;
      if (stampOf(file) !== stamp && hashOf(readFileSync(file)) !== hash) return undefined;
    }
    const entry = join(root, DIST, build, "main.js");
    return statSync(entry).isFile() ? entry : undefined;
  } catch {
    // No build, half a build, or a source that is gone: the sources are run.
    return undefined;
  }
}

/**
 * Changes whenever a file is written, renamed or replaced, whatever its time of modification is set to:
 * nobody but the kernel sets the time of a change. Throws where there is no file. @param {string} file
 */
export function stampOf(file) {
  const { ctimeMs, ino, size } = statSync(file);
  return `${ctimeMs}-${ino}-${size}`;
}

/** @param {Uint8Array} bytes @returns {string} */
export function hashOf(bytes) {
  // Loaded when it is needed, which it seldom is: that takes as long as looking at all the files.
  const { createHash } = createRequire(import.meta.url)("node:crypto");
  return createHash("sha256").update(bytes).digest("base64url");
}
