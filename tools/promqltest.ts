/**
 * Runs PromQL test scripts: `node tools/promqltest.ts FILE…`. Prints every difference with file and line;
 * exits with 1 where there is one, with 2 where a script cannot be read.
 */
import { readFileSync } from "node:fs";
import { runPromqltest, ScriptError } from "@binnacle/promql";

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write("usage: node tools/promqltest.ts FILE…\n");
  process.exit(2);
}

let failed = 0;
for (const file of files) {
  try {
    const { evalCount, failures } = await runPromqltest(readFileSync(file, "utf8"));
    for (const { line, query, message } of failures) {
      process.stdout.write(`${file}:${line}: ${query}\n    ${message}\n`);
    }
    process.stdout.write(`${file}: ${evalCount - failures.length} of ${evalCount} pass\n`);
    failed += failures.length;
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    process.stderr.write(`${file}: ${error.message}\n`);
    process.exit(2);
  }
}
process.exit(failed === 0 ? 0 : 1);
