/**
 * `npm run bench` runs every bench; `npm run bench -- NAME …` runs the named ones. Each bench is a script of
 * its own in this folder that prints a table; bench/README.md says what each figure means.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const NOT_BENCHES = new Set(["run"]);
const benches = fs
  .readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3))
  .filter((name) => !NOT_BENCHES.has(name))
  .sort();

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !benches.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no bench called ${unknown.join(", ")}: there are ${benches.join(", ")}\n`);
  process.exit(2);
}
let failures = 0;
for (const name of wanted.length > 0 ? wanted : benches) {
  process.stdout.write(`\n## ${name}\n\n`);
  const file = path.join(import.meta.dirname, `${name}.ts`);
  const { status } = spawnSync(process.execPath, [file], { stdio: "inherit" });
  if (status !== 0) failures++;
}
process.exitCode = failures > 0 ? 1 : 0;
