/**
 * Builds packages/ui/dist with Vite, in a process of its own (Vite holds on to its workers and to much memory).
 *
 * The result appears whole: it is built beside and takes the old one's place, since a server may be reading that.
 */
import { spawnSync } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";

const PACKAGE = join(import.meta.dirname, "../packages/ui");
const DIST = join(PACKAGE, "dist");
/** Outside what counts as the page's sources, on the same file system. */
const DRAFTS = join(import.meta.dirname, "../node_modules/.cache/binnacle");

/** Throws with Vite's own words when the page does not build. */
export function buildUi(): void {
  const draft = join(DRAFTS, `ui.${process.pid}`);
  const vite = dirname(createRequire(join(PACKAGE, "package.json")).resolve("vite/package.json"));
  const args = [
    join(vite, "bin/vite.js"),
    "build",
    PACKAGE,
    "--outDir",
    draft,
    "--emptyOutDir",
    "--logLevel",
    "warn",
  ];
  const result = spawnSync(process.execPath, args, { cwd: PACKAGE, encoding: "utf8" });
  if (result.status !== 0) {
    rmSync(draft, { recursive: true, force: true });
    throw new Error(`the page does not build:\n${result.stdout}${result.stderr}`, { cause: result.error });
  }
  rmSync(DIST, { recursive: true, force: true });
  renameSync(draft, DIST);
}
