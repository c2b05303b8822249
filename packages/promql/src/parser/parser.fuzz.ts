/** The long form: a million texts. Seeds are printed with what they find and can be put into `SEED`. */
import { expect, test } from "vitest";
import { fuzzParser } from "./fuzz-rounds.ts";

const ROUNDS = 3334;
const BATCHES = 100;

test("any text is a tree or an error with a place, and what is printed reads the same", () => {
  const first = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  for (let batch = 0; batch < BATCHES; batch++) {
    expect(fuzzParser(first + batch, ROUNDS).wrong).toBeUndefined();
  }
});
