/**
 * How soon the launcher answers --version and --help: medians over fresh processes, after one to warm the
 * cache.
 */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { buildServer } from "../tools/build-server.ts";

const RUNS = 21;
/** What the launcher promises, ms. */
const BOUND_MS = 200;

const launcher = path.resolve(import.meta.dirname, "../node_modules/.bin/binnacle");
// What is measured is what `npm start` runs.
await buildServer();
const rows = ["--version", "--help", "up --help"].map((args) => ({
  args,
  medianMs: medianMs(args.split(" ")),
}));
process.stdout.write("| command | median | bound |\n|---|---|---|\n");
for (const { args, medianMs } of rows) {
  process.stdout.write(`| binnacle ${args} | ${medianMs.toFixed(0)} ms | ${BOUND_MS} ms |\n`);
}
if (rows.some(({ medianMs }) => medianMs > BOUND_MS)) process.exitCode = 1;

function medianMs(args: readonly string[]): number {
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const startMs = performance.now();
    const { status } = spawnSync(launcher, args, { stdio: "ignore" });
    if (status !== 0) throw new Error(`binnacle ${args.join(" ")} ended with ${status}`);
    if (run > 0) times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b)[RUNS >> 1]!;
}
