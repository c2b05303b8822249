import { expect, test } from "vitest";
import { errorSpan } from "./error-mark.ts";
import { placeIn, type LogqlPlace } from "./logql-completion.ts";

test.each<[string, LogqlPlace]>([
  ["", { kind: "start", typed: "" }],
  ["su", { kind: "start", typed: "su" }],
  ["{", { kind: "label", typed: "" }],
  ["{jo", { kind: "label", typed: "jo" }],
  ['{job="a", na', { kind: "label", typed: "na" }],
  ['{job="', { kind: "value", label: "job", typed: "", selector: undefined }],
  ['{job=~"ap', { kind: "value", label: "job", typed: "ap", selector: undefined }],
  ['{ns="x", job="a', { kind: "value", label: "job", typed: "a", selector: '{ns="x"}' }],
  ['{job="a,b{', { kind: "value", label: "job", typed: "a,b{", selector: undefined }],
  ["{job ", { kind: "matcher" }],
  ['{job="a"} ', { kind: "pipeline", typed: "" }],
  ['{job="a"} |= "x" ', { kind: "pipeline", typed: "" }],
  ['{job="a"} | js', { kind: "stage", typed: "js" }],
  ['{job="a"} |= "err', { kind: "nothing" }],
  ['sum(rate({job="a"}[5m', { kind: "nothing" }],
  ['{job="a\\"', { kind: "value", label: "job", typed: 'a\\"', selector: undefined }],
])("after %s", (before, place) => {
  expect(placeIn(before)).toEqual(place);
});

test("a mistake is marked to the end of its word, and at a text's end on its last character", () => {
  expect(errorSpan("sum(foo bar)", { line: 1, column: 9 })).toEqual({ from: 8, to: 11 });
  expect(errorSpan("sum(", { line: 1, column: 5 })).toEqual({ from: 3, to: 4 });
  expect(errorSpan("a\n  )", { line: 2, column: 3 })).toEqual({ from: 4, to: 5 });
});
