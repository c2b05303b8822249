import { Labels } from "@binnacle/model";
import { expect, test } from "vitest";
import { expandLabels } from "./external-labels.ts";

test.for<[written: string, expanded: string, missing: string[]]>([
  ["plain", "plain", []],
  ["$A", "1", []],
  ["${A}", "1", []],
  ["x-$A.$A-y", "x-1.1-y", []],
  ["$$A", "$A", []],
  ["$$$A", "$1", []],
  ["$Ab", "", ["Ab"]],
  ["${A}b", "1b", []],
  ["${}", "", [""]],
  ["a$", "a$", []],
  ["$EMPTY.", ".", []],
])("%s becomes %s", ([written, expanded, missing]) => {
  const result = expandLabels(Labels.fromObject({ l: `<${written}>` }), { A: "1", EMPTY: "" });
  expect(result.labels.get("l")).toBe(`<${expanded}>`);
  expect(result.missing).toEqual(missing);
});
