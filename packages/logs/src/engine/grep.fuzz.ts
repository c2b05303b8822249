/**
 * The long form of search-pairs.test.ts: for a million pairs of a block and a query (literals, words,
 * patterns, negations, cut from its lines and changed) the lines found are those that a plain scan finds. A
 * seed is printed on failure; FUZZ_SEED and FUZZ_PAIRS override the first and how many.
 */
import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { TestFolder } from "../testing/fixtures.ts";
import { checkPairs, recordedLines } from "../testing/search-pairs.ts";

const FIRST_SEED = Number(process.env["FUZZ_SEED"] ?? 1);
const PAIRS = Number(process.env["FUZZ_PAIRS"] ?? 1_000_000);
const QUERIES_PER_BLOCK = 500;

test(`${PAIRS} pairs of a block and a query: found is what a scan finds`, { timeout: 3_600_000 }, () => {
  using folder = new TestFolder();
  const recorded = recordedLines();
  for (let seed = FIRST_SEED, pairs = 0; pairs < PAIRS; seed++, pairs += QUERIES_PER_BLOCK) {
    const random = seededRandom(seed);
    const asked = { folder: folder.path, random, recorded, queries: QUERIES_PER_BLOCK };
    expect(checkPairs(asked), `FUZZ_SEED=${seed}`).toBeUndefined();
  }
});
