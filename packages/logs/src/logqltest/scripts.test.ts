/** The project's own scripts: every stage, function and aggregation of LogQL. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runScript } from "./run.ts";
import { parseScript, ScriptError } from "./script.ts";

const folder = join(import.meta.dirname, "../../testdata");
const files = readdirSync(folder).filter((name) => name.endsWith(".test"));

test("there are scripts", () => expect(files.length).toBeGreaterThan(5));

for (const file of files) {
  test(file, async () => {
    const { passed, failures } = await runScript(readFileSync(join(folder, file), "utf8"));
    expect(failures.join("\n\n")).toBe("");
    expect(passed).toBeGreaterThan(0);
  });
}

test("a script can fail", async () => {
  const load = 'load\n  {a="b"} "x" @ 1m\n\n';
  const cases: [string, RegExp | undefined][] = [
    ['eval instant at 2m count_over_time({a="b"}[5m])\n  {a="b"} 1', undefined],
    ['eval instant at 2m count_over_time({a="b"}[5m])\n  {a="b"} 2', /1 at step 0, expected 2/],
    ['eval instant at 2m count_over_time({a="b"}[5m])\n  {a="c"} 1', /no series \{a="c"\}/],
    ['eval instant at 2m count_over_time({a="b"}[5m])\n  expect empty', /expected nothing/],
    ['eval instant at 2m count_over_time({a="b"}[5m])\n  expect fail', /expected a failure/],
    ["eval instant at 2m sum(\n  expect fail msg: something else", /failed with: parse error/],
    ['eval lines from 0s to 2m {a="b"}\n  {a="b"} "y" @ 1m', /expected:\n {4}\{a="b"\} `y`/],
  ];
  for (const [text, failure] of cases) {
    const { failures } = await runScript(load + text);
    if (failure === undefined) expect(failures).toEqual([]);
    else expect(failures.join(), text).toMatch(failure);
  }
});

test("what is no script is told with its line", () => {
  const cases: [string, string][] = [
    ["lode", "line 1: neither clear, load, skip nor eval: lode"],
    ["load\n  {a=b} x", "line 2: no entry to load"],
    ["eval instant at 1q x\n  {} 1", 'line 1: "1q" is no duration'],
    ["eval instant at 1m vector(1)", "line 1: nothing is expected"],
    ["eval instant at 1m vector(1)\n  {} x", "line 2: x is no value"],
    [
      "eval instant at 1m vector(1)\n  expect empty\n  {} 1",
      "line 1: an expectation of nothing or of a failure",
    ],
  ];
  for (const [text, message] of cases) {
    expect(() => parseScript(text), text).toThrow(ScriptError);
    expect(() => parseScript(text), text).toThrow(message);
  }
});
