/** Runs test scripts of LogQL: `npm run logqltest -- FILE…`. Ends with 1 when one fails. */
import { readFileSync } from "node:fs";
import { runScript } from "@binnacle/logs/logqltest";

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write("usage: npm run logqltest -- FILE…\n");
  process.exit(2);
}
let passed = 0;
let failed = 0;
for (const file of files) {
  try {
    const result = await runScript(readFileSync(file, "utf8"));
    passed += result.passed;
    failed += result.failures.length;
    for (const failure of result.failures) process.stdout.write(`${file}: ${failure}\n\n`);
  } catch (error) {
    failed++;
    process.stdout.write(`${file}: ${error instanceof Error ? error.message : String(error)}\n\n`);
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
