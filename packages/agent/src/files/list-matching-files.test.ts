import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { listMatchingFiles, matchesStars } from "./list-matching-files.ts";

const root = await mkdtemp(join(tmpdir(), "files-"));
afterAll(() => rm(root, { recursive: true }));
for (const path of ["a/x.log", "a/y.log", "a/.z.log", "b/x.log", "b/x.txt"]) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), "");
}

test.each([
  ["a/*.log", ["a/x.log", "a/y.log"]],
  ["*/x.*", ["a/x.log", "b/x.log", "b/x.txt"]],
  ["*/*.log", ["a/x.log", "a/y.log", "b/x.log"]],
  ["a/x.log", ["a/x.log"]],
  // Whether a path without a star is there, its reader finds out.
  ["none/x.log", ["none/x.log"]],
  ["none/*.log", []],
  ["a/x.log/*", []],
])("%s finds %j", async (pattern, expected) => {
  const found = await listMatchingFiles(join(root, pattern));
  expect(found).toEqual(expected.map((path) => join(root, path)));
});

test.each([
  ["abc", "a*c", true],
  ["ac", "a*c", true],
  ["abcd", "a*c", false],
  ["aba", "ab*ba", false],
  ["a-b-c", "*-*-*", true],
  ["a-b", "*-*-*", false],
  [".hidden", "*", false],
  [".hidden", ".*", true],
  ["aXbXb", "a*b*b", true],
])("%s against %s is %s", (name, pattern, expected) => {
  expect(matchesStars(name, pattern)).toBe(expected);
});
