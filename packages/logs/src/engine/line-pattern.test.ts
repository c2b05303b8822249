import { expect, test } from "vitest";
import { compilePatternFilter, compilePatternParser } from "./line-pattern.ts";

test("a pattern filter takes literals in their order with something between", () => {
  const cases: [string, string, boolean][] = [
    ["<_> bar", "foo bar", true],
    ["<_> bar", "foo bar baz", false],
    ["<_> bar", " bar", false],
    ["foo <_>", "foo x", true],
    ["foo <_>", "foo ", false],
    // The first literal may stand anywhere.
    ["foo <_>", "a foo x", true],
    ["<_> b <_>", "a b c", true],
    ["<_> b <_>", "a b ", false],
    ["a<_>a<_>a", "abaca", true],
    ["a<_>a", "aa", false],
    ["<_>", "x", true],
    ["<_>", "", false],
    ["", "", true],
    ["", "x", false],
    ["foo", "foo", true],
    ["foo", "foobar", false],
    ["<_>=<5>", "a=<5>", true],
  ];
  for (const [pattern, line, matches] of cases) {
    expect(compilePatternFilter(pattern)(line), `${pattern} on ${line}`).toBe(matches);
  }
  expect(() => compilePatternFilter("<a> b")).toThrow("named captures are not allowed");
  expect(() => compilePatternFilter("<_><_>")).toThrow("two captures follow each other");
});

test("a pattern parser captures up to the next literal, and what it found before it failed", () => {
  const cases: [string, string, string][] = [
    ["<a> <b>", "1 2 3", "a=1 b=2 3"],
    ["<a> <_> <b>", "1 2 3", "a=1 b=3"],
    ["x<a>", "x1", "a=1"],
    ["x<a>", "y1", ""],
    ["<a>-<b>", "1", "a=1"],
    ["<a>-", "1-2", "a=1"],
    ["<a>,<b>,", ",", "a= b="],
  ];
  for (const [pattern, line, found] of cases) {
    const pairs = compilePatternParser(pattern)(line);
    expect(pairs.map(([name, value]) => `${name}=${value}`).join(" "), `${pattern} on ${line}`).toBe(found);
  }
});
