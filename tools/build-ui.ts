/** Builds the page into packages/ui/dist, when what it is made of has changed: `node tools/build-ui.ts`. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { isFresh, markFresh, ROOT } from "./freshness.mjs";

/** True where it built, false where the page was fresh. Throws where the build fails. */
export function buildUi(): boolean {
  if (isFresh("ui")) return false;
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  const cwd = join(ROOT, "packages/ui");
  const result = spawnSync(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd,
    stdio: "inherit",
  });
  if (result.status !== 0) {
    throw new Error(`the page's build failed (${result.error?.message ?? `exit code ${result.status}`})`);
  }
  // Last of all: a build that was broken off is done again.
  markFresh("ui");
  return true;
}

if (import.meta.main) {
  const startMs = performance.now();
  const isBuilt = buildUi();
  process.stdout.write(
    `ui: ${isBuilt ? "built" : "fresh"} in ${Math.round(performance.now() - startMs)} ms\n`,
  );
}
