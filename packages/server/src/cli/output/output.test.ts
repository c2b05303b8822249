import { expect, test } from "vitest";
import { chart, sparkline } from "./chart.ts";
import { formatCsv, formatTable, type Rows } from "./table.ts";

const rows: Rows = {
  header: ["job", "value"],
  rows: [
    ["node", "1"],
    ["", "12.5"],
    ["é\n\u001b[1m", "3"],
  ],
  numeric: new Set([1]),
};

test("a table aligns text to the left and numbers to the right, and shows what cannot be seen", () => {
  expect(formatTable(rows, { columns: undefined })).toBe(
    ["job           value", "node              1", "-              12.5", "é\\x0a\\x1b[1m      3", ""].join(
      "\n",
    ),
  );
});

test("a table that is too wide loses from its widest columns", () => {
  const wide: Rows = { header: ["a", "b"], rows: [["x".repeat(40), "y".repeat(12)]] };
  expect(formatTable(wide, { columns: 30 })).toBe(
    `a                 b\n${"x".repeat(15)}…  ${"y".repeat(12)}\n`,
  );
  expect(formatTable(wide, { columns: undefined })).toContain("x".repeat(40));
});

test("CSV quotes what would end a cell", () => {
  expect(
    formatCsv({
      header: ["a", "b"],
      rows: [
        ["1,2", 'say "no"'],
        ["two\nlines", ""],
      ],
    }),
  ).toBe('a,b\n"1,2","say ""no"""\n"two\nlines",\n');
});

test.each<[string, (number | undefined)[], number, string]>([
  ["a rise", [0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"],
  ["nothing that changes", [5, 5, 5], 8, "▅▅▅"],
  ["a gap", [0, undefined, NaN, 7], 4, "▁  █"],
  ["more points than columns", [0, 1, 2, 3, 4, 5, 6, 7], 2, "▁█"],
  ["nothing", [], 8, ""],
])("a sparkline of %s", (_what, values, columns, line) => {
  expect(sparkline(values, columns)).toBe(line);
});

test("a chart draws the curve between its bounds, with the ends of its range below", () => {
  const drawn = chart([0, 1, 2, 3, undefined, 3, 2, 1], {
    columns: 13,
    rows: 2,
    formatValue: String,
    from: "a",
    to: "b",
  });
  expect(drawn.split("\n")).toEqual([
    expect.stringMatching(/^3 │[ \u2800-\u28ff]+$/),
    expect.stringMatching(/^0 │[ \u2800-\u28ff]+$/),
    "   a        b",
    "",
  ]);
  // The point that is missing is a gap of two dots, one character, on both lines.
  for (const line of drawn.split("\n").slice(0, 2)) expect(line.padEnd(13)[3 + 5]).toBe(" ");
});
