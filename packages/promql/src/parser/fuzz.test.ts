import { expect, test } from "vitest";
import { fuzzParser } from "./fuzz-rounds.ts";

test("any text is a tree or an error with a place, and what is printed reads the same", () => {
  const seed = Number(process.env["SEED"] ?? 1);
  const { wrong, parsedCount } = fuzzParser(seed, 1000);
  expect(wrong).toBeUndefined();
  expect(parsedCount).toBeGreaterThan(1000);
});
