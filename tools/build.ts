/** Builds what does not run as it stands: `node tools/build.ts [kernels] [ui]`, by default both. */
import process from "node:process";
import { markFresh } from "./freshness.mjs";

const BUILDERS: Record<"kernels" | "ui", () => Promise<unknown>> = {
  kernels: async () => (await import("./build-kernels.ts")).buildKernels(),
  ui: async () => (await import("./build-ui.ts")).buildUi(),
};

const wanted = process.argv.slice(2);
for (const part of ["kernels", "ui"] as const) {
  if (wanted.length > 0 && !wanted.includes(part)) continue;
  try {
    await BUILDERS[part]();
    markFresh(part);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
