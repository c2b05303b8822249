/**
 * The long form: tens of thousands of random expressions against a live Prometheus 3.5. BINNACLE_FUZZ_SEED
 * sets the first seed, BINNACLE_FUZZ_CASES how many follow it.
 */
import { expect, test } from "vitest";
import { runDifferential, startPair } from "../support/differential.ts";

test("random expressions, instant and range", async () => {
  await using pair = await startPair();
  const firstSeed = Number(process.env.BINNACLE_FUZZ_SEED ?? Date.now() % 1_000_000_000);
  const cases = Number(process.env.BINNACLE_FUZZ_CASES ?? 40_000);
  const { differences } = await runDifferential(pair, { firstSeed, cases });
  expect(differences, `first seed ${firstSeed}`).toEqual([]);
});
