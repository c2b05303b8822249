/**
 * Builds what does not run as it stands, and the bundle by which the server starts sooner:
 * `node tools/build.ts [kernels] [ui] [server]`, by default all.
 */
import process from "node:process";
import { markFresh } from "./freshness.mjs";

const BUILDERS: Record<"kernels" | "ui" | "server", () => Promise<unknown>> = {
  kernels: async () => (await import("./build-kernels.ts")).buildKernels(),
  ui: async () => (await import("./build-ui.ts")).buildUi(),
  server: async () => (await import("./build-server.ts")).buildServer(),
};

const wanted = process.argv.slice(2);
for (const part of ["kernels", "ui", "server"] as const) {
  if (wanted.length > 0 && !wanted.includes(part)) continue;
  try {
    await BUILDERS[part]();
    // The bundle has a record of its own.
    if (part !== "server") markFresh(part);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
