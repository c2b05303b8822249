import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compilePatternFilter } from "../engine/line-pattern.ts";
import { diffPatterns, groupShapes, patternText, ShapeTable, slotValues } from "./index.ts";

function mine(lines: readonly string[]): Map<string, string[]> {
  const table = new ShapeTable();
  const shapes = lines.map((line) => table.add(line));
  const patterns = new Map<string, string[]>();
  for (const group of groupShapes(table.all)) {
    const members = lines.filter((_, i) => group.includes(shapes[i]!));
    const text = patternText(group);
    patterns.set(text, [...(patterns.get(text) ?? []), ...members]);
  }
  return patterns;
}

test.each([
  [["got 5 items from 10.0.0.1:80", "got 17 items from 10.0.0.2:443"], ["got <_> items from <_>"]],
  [["GET /a/b 200 12ms", "GET /c 404 1.5ms"], ["GET <_>"]],
  [
    ["started", "stopped"],
    ["started", "stopped"],
  ],
  [['level=info msg="done" took=3s', 'level=info msg="done" took=250ms'], ['level=info msg="done" took=<_>']],
  [["a  b 1", "a b 2"], ["a<_> <_>"]],
  [["close, 403 bytes sent", "close, 1190 bytes (1.16 KB) sent"], ["close, <_> sent"]],
  [["names an14 an15 an16", "names x1y"], ["names <_>"]],
  [["", ""], [""]],
])("%j", (lines, patterns) => {
  expect([...mine(lines).keys()].sort()).toEqual([...patterns].sort());
});

test("a pattern found is a pattern of LogQL: it matches its own lines", () => {
  const lines = samples().flatMap(({ lines }) => lines.filter((_, i) => i % 20 === 0));
  let missed = 0;
  for (const [pattern, members] of mine(lines)) {
    const matches = compilePatternFilter(pattern);
    missed += members.filter((line) => !(pattern.includes("<_>") ? matches(line) : line === pattern)).length;
  }
  expect(missed).toBe(0);
});

test("the values of a pattern's slots", () => {
  expect(slotValues("got <_> items from <_>", "got 5 items from x")).toEqual(["5", "x"]);
  expect(slotValues("got <_> items", "got 5 items more")).toBeUndefined();
  expect(slotValues("a<_>b<_>b", "a1b2b3b")).toEqual(["1", "2b3"]);
  expect(slotValues("plain", "plain")).toEqual([]);
  expect(slotValues("plain", "plain ")).toBeUndefined();
});

test("new, vanished and changed patterns, the most surprising first", () => {
  const counts = [
    { pattern: "same", before: 100, after: 205 },
    { pattern: "gone", before: 50, after: 0 },
    { pattern: "more", before: 10, after: 400 },
    { pattern: "new", before: 0, after: 3 },
  ];
  const changes = diffPatterns(counts, { before: 3600, after: 7200 });
  expect(changes.map(({ pattern, kind }) => `${kind} ${pattern}`)).toEqual([
    "changed more",
    "vanished gone",
    "new new",
  ]);
});

interface Sample {
  readonly name: string;
  readonly lines: readonly string[];
  readonly ids: readonly string[];
}

/** The labelled samples where they are; else a few of our own. */
function samples(): Sample[] {
  const dir = join(
    process.env["BINNACLE_SHARED"] ?? join(import.meta.dirname, "../../../../../shared"),
    "data/logs",
  );
  if (!existsSync(dir)) {
    const lines = Array.from({ length: 300 }, (_, i) =>
      i % 3 === 0
        ? `user u${i} logged in from 10.0.0.${i % 200}`
        : `worker ${i} took ${i * 3} ms for job-${i}`,
    );
    return [{ name: "own", lines, ids: lines.map((line) => line.split(" ")[0]!) }];
  }
  return readdirSync(dir)
    .filter((name) => name.endsWith("_structured.csv"))
    .map((name) => {
      const [head, ...rows] = readCsv(readFileSync(join(dir, name), "utf8"));
      const content = head!.indexOf("Content");
      const id = head!.indexOf("EventId");
      const full = rows.filter((row) => row.length > id);
      return { name, lines: full.map((row) => row[content]!), ids: full.map((row) => row[id]!) };
    });
}

function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
    if (end === "") break;
  }
  return rows;
}

/** The part of the lines whose group is exactly the group they are labelled with. */
function groupingAccuracy({ lines, ids }: Sample): number {
  const table = new ShapeTable();
  const shapes = lines.map((line) => table.add(line));
  const groupOf = new Map(
    groupShapes(table.all).flatMap((group, i) => group.map((shape) => [shape, i] as const)),
  );
  const groups = new Map<number, string[]>();
  shapes.forEach((shape, i) => {
    const group = groupOf.get(shape)!;
    groups.set(group, [...(groups.get(group) ?? []), ids[i]!]);
  });
  const sizes = new Map<string, number>();
  for (const id of ids) sizes.set(id, (sizes.get(id) ?? 0) + 1);
  let right = 0;
  for (const members of groups.values()) {
    const isOne = new Set(members).size === 1 && sizes.get(members[0]!) === members.length;
    if (isOne) right += members.length;
  }
  return right / lines.length;
}

test("grouping accuracy on labelled samples", () => {
  const figures = samples().map((sample) => ({ name: sample.name, accuracy: groupingAccuracy(sample) }));
  const average = figures.reduce((sum, { accuracy }) => sum + accuracy, 0) / figures.length;
  expect(average, JSON.stringify(figures)).toBeGreaterThanOrEqual(0.95);
});
