/**
 * PromQL's own test scripts, as Prometheus has them. They lie outside the repository: where they are missing
 * the run says so, and packages/promql/testdata covers the same ground in the project's own words.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { runPromqltest } from "@binnacle/promql";
import { expect, test } from "vitest";

const FOLDER = path.resolve(process.env["BINNACLE_SHARED"] ?? "../shared", "promqltest");

/** Scripts that do not pass, and why. */
const FAILING: Readonly<Record<string, string>> = {};

/** How many evaluations the known scripts hold: what is left out where they are missing. */
const EVAL_COUNT = 2065;

const scripts = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith(".test")) : [];

if (scripts.length === 0) {
  // They are shared data that the project does not contain; its own scripts are among the unit tests.
  test.skip(`${EVAL_COUNT} evaluations of PromQL's own scripts are left out: ${FOLDER} is missing`, () => {});
}

for (const name of scripts) {
  const reason = FAILING[name];
  test(reason === undefined ? name : `${name} fails: ${reason}`, async () => {
    const { evalCount, failures } = await runPromqltest(readFileSync(path.join(FOLDER, name), "utf8"));
    expect(evalCount).toBeGreaterThan(0);
    const described = failures.map(({ line, query, message }) => `${name}:${line}: ${query}: ${message}`);
    if (reason === undefined) expect(described).toEqual([]);
    else expect(described).not.toEqual([]);
  });
}
