import { expect, test } from "vitest";
import { jaroWinkler, scorerOf, subsequenceScore, type FuzzyOptions } from "./fuzzy.ts";

test.each([
  ["abc", "abc", 1],
  ["htreq", "http_requests", (4 + 9 - 3 / 13 - 5 / 26) / 25],
  ["mem", "node_memory", (9 - 5 / 11 - 3 / 22) / 9],
  ["xyz", "http_requests", 0],
  ["stseuqer", "http_requests", 0],
  ["longer than the text", "text", 0],
  ["é", "café", (1 - 3 / 4) / 1],
])("subsequence %s in %s", (term, text, score) => {
  expect(subsequenceScore(term, text)).toBeCloseTo(score, 12);
});

// The pairs of Winkler's own table.
test.each([
  ["martha", "marhta", 0.961],
  ["dwayne", "duane", 0.84],
  ["dixon", "dicksonx", 0.813],
  ["abc", "xyz", 0],
  ["", "", 1],
  ["a", "", 0],
])("Jaro and Winkler of %s and %s", (a, b, likeness) => {
  expect(jaroWinkler(a, b)).toBeCloseTo(likeness, 3);
  expect(jaroWinkler(b, a)).toBeCloseTo(likeness, 3);
});

const plain: FuzzyOptions = { algorithm: "subsequence", threshold: 0, isCaseSensitive: true };
test.each([
  ["no terms", [], plain, "up", 1],
  ["a prefix", ["node"], plain, "node_load1", 1],
  ["the best of several", ["zzz", "node"], plain, "node_load1", 1],
  ["another case", ["NODE"], plain, "node_load1", undefined],
  ["any case", ["NODE"], { ...plain, isCaseSensitive: false }, "node_load1", 1],
  ["below the threshold", ["nl"], { ...plain, threshold: 0.9 }, "node_load1", undefined],
  ["inside the text", ["load"], { ...plain, algorithm: "jarowinkler" }, "node_load1", 0.9],
  ["alike, not asked for", ["nide"], { ...plain, algorithm: "jarowinkler" }, "node", undefined],
  ["alike", ["nide"], { ...plain, algorithm: "jarowinkler", threshold: 0.8 }, "node", 0.85],
] as const)("scores %s", (_what, terms, options, name, score) => {
  const found = scorerOf(terms, options)(name);
  if (score === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(score, 3);
});
