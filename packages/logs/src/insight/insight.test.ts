import { Labels } from "@binnacle/model";
import { expect, test } from "vitest";
import { detectLabels, FieldTable } from "./index.ts";

function fieldsOf(lines: readonly string[], metadata: readonly string[] = []): FieldTable {
  const entries = lines.map((line) => ({ timeNs: 0n, line: Buffer.from(line), metadata, parsed: [] }));
  return new FieldTable([{ labels: Labels.fromObject({ app: "a" }), entries }]);
}

test.each([
  [
    ['{"n":1}', '{"n":22}'],
    [{ label: "n", type: "int", cardinality: 2, parsers: ["json"], jsonPath: ["n"] }],
  ],
  [
    ['{"a":{"b c":1.5}}'],
    [{ label: "a_b_c", type: "float", cardinality: 1, parsers: ["json"], jsonPath: ["a", "b c"] }],
  ],
  [["took=3ms", "took=1.5s"], [{ label: "took", type: "duration", cardinality: 2, parsers: ["logfmt"] }]],
  [["size=3KB"], [{ label: "size", type: "bytes", cardinality: 1, parsers: ["logfmt"] }]],
  [["ok=true", "ok=maybe"], [{ label: "ok", type: "string", cardinality: 2, parsers: ["logfmt"] }]],
  [["app=other"], [{ label: "app_extracted", type: "string", cardinality: 1, parsers: ["logfmt"] }]],
  [["plain words"], []],
  [['{"broken":'], []],
])("%j", (lines, fields) => {
  expect(fieldsOf(lines).fields(100)).toEqual(fields);
});

test("structured metadata has no parser", () => {
  const table = fieldsOf(["x"], ["trace", "abc"]);
  expect(table.fields(10)).toEqual([{ label: "trace", type: "string", cardinality: 1, parsers: null }]);
  expect(table.values("trace", 10)).toEqual(["abc"]);
  expect(table.values("none", 10)).toEqual([]);
});

test("labels that are only identifiers are left out", () => {
  const streams = ["1", "2"].map((id) => Labels.fromObject({ app: "a", id, pod: id }));
  expect(detectLabels(streams)).toEqual([
    { label: "app", cardinality: 1 },
    { label: "pod", cardinality: 2 },
  ]);
});
