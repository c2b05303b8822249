/** Search equals grep, block by block; grep.fuzz.ts is the long form. */
import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { TestFolder } from "../testing/fixtures.ts";
import { checkPairs, recordedLines } from "../testing/search-pairs.ts";

test("3,000 pairs of a block and a query: found is what a scan finds", () => {
  using folder = new TestFolder();
  const recorded = recordedLines();
  for (let seed = 1; seed <= 100; seed++) {
    const asked = { folder: folder.path, random: seededRandom(seed), recorded, queries: 30 };
    expect(checkPairs(asked), `seed ${seed}`).toBeUndefined();
  }
});
