import { expect, test } from "vitest";
import { editDistance, nearestName } from "./near-miss.ts";

test.for<[string, string, number]>([
  ["", "", 0],
  ["abc", "", 3],
  ["abc", "abc", 0],
  ["abc", "acb", 1],
  ["abc", "abd", 1],
  ["abc", "xabc", 1],
  ["kitten", "sitting", 3],
])("%s and %s are %i edits apart", ([a, b, edits]) => {
  expect(editDistance(a, b)).toBe(edits);
  expect(editDistance(b, a)).toBe(edits);
});

test.for<[string, string | undefined]>([
  ["scrape_intervall", "scrape_interval"],
  ["Scrape_Interval", "scrape_interval"],
  ["scrapeinterval", "scrape_interval"],
  ["job", undefined],
  ["role", "rule"],
  ["x", undefined],
])("%s was meant as %s", ([name, meant]) => {
  expect(nearestName(name, ["scrape_interval", "scrape_timeout", "rule", "job_name"])).toBe(meant);
});
