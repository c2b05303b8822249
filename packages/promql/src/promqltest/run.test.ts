import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runPromqltest } from "./run.ts";

const FOLDER = fileURLToPath(new URL("../../testdata/", import.meta.url));
const SCRIPTS = readdirSync(FOLDER).filter((name) => name.endsWith(".test"));

test.each(SCRIPTS)("script %s", async (name) => {
  const { evalCount, failures } = await runPromqltest(readFileSync(FOLDER + name, "utf8"));
  expect(failures).toEqual([]);
  expect(evalCount).toBeGreaterThan(10);
});

const LOADED = `load 1m
  cups{colour="red"}  1 2 3
  cups{colour="blue"} 4 5 {{schema:0 sum:1 count:1 buckets:[1]}}
`;

/** A block that is wrong, and what the runner says of it. */
const WRONG: readonly (readonly [string, string])[] = [
  ['eval instant at 0 cups\n  cups{colour="red"} 1', "not expected"],
  ['eval instant at 0 cups{colour="red"}\n  cups{colour="red"} 1.00001', "expected 1.00001, got 1"],
  ['eval instant at 0 cups{colour="red"}\n  cups{colour="green"} 1', "which is not there"],
  [
    'eval range from 0 to 2m step 1m cups{colour="red"}\n  cups{colour="red"} 1 2',
    "more points than expected",
  ],
  [
    'eval range from 0 to 2m step 1m cups{colour="red"}\n  cups{colour="red"} 1 _ 3',
    "expected nothing, got 2",
  ],
  [
    'eval instant at 0 sort(cups)\n  expect ordered\n  cups{colour="blue"} 4\n  cups{colour="red"} 1',
    "stands at",
  ],
  ["eval instant at 0 1 + 1\n  3", "expected 3, got 2"],
  ['eval instant at 0 "x"\n  expect string "y"', "expected the string y, got x"],
  ["eval instant at 0 cups\n  expect fail", "expected it to fail"],
  ["eval instant at 0 cups +", "it failed"],
  ["eval instant at 0 cups +\n  expect fail msg: something else", "something else"],
  ["eval instant at 0 quantile(7, cups)\n  expect no_warn\n  {} Inf", "expected no warning"],
  ["eval instant at 0 quantile(1, cups)\n  expect warn\n  {} 4", "got none"],
  ["eval instant at 0 quantile(7, cups)\n  expect warn msg: other\n  {} Inf", "other"],
  [
    'eval instant at 2m cups{colour="blue"}\n  cups{colour="blue"} {{schema:0 sum:1 count:2 buckets:[2]}}',
    "count:2",
  ],
];

test.each(WRONG)("sees what is wrong with %s", async (block, message) => {
  const { failures } = await runPromqltest(`${LOADED}\n${block}\n`);
  expect(failures).toHaveLength(1);
  expect(failures[0]!.message).toContain(message);
});

test.each([
  ["nonsense", "unknown command"],
  ["load 5q\n  a 1", "not a duration"],
  ["load 1m\n  a one", "cannot read the value one"],
  ["load 1m\n  a 1+2", "cannot read the value 1+2"],
  ["load 1m\n  a {{schema:0 schema:1}}", "duplicate key"],
  ["load 1m\n  a {{sum:1", "not closed"],
  ['load 1m\n  a{b=~"c"} 1', "is no label of a series"],
  ["load 1m\n  a@st 1m\n  b 1", "do not fit"],
  ["eval instant at 0 a\n  expect what", "unknown expectation"],
  ["eval instant at 0 a\n  expect fail\n  expect fail", "fail once"],
  ["eval instant at 0 a\n  expect warn\n  expect no_warn", "both expected and not"],
  ["eval range from 2m to 1m step 1m a", "ends before it starts"],
])("refuses the script %s", async (script, message) => {
  await expect(runPromqltest(script)).rejects.toThrow(message);
});

test("a comment ends a block as an empty line does", async () => {
  const { evalCount, failures } = await runPromqltest("eval instant at 0 nothing\n# cups 1\n");
  expect([evalCount, failures.length]).toEqual([1, 0]);
});
