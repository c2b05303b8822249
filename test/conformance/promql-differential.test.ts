/** Random PromQL gets the answers that a live Prometheus 3.5 gives. `npm run test:fuzz` runs many more. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { runDifferential, startPair, type Pair } from "../support/differential.ts";

const CASES = 1500;

let pair: Pair;

beforeAll(async () => {
  pair = await startPair();
});

afterAll(async () => {
  await pair?.[Symbol.asyncDispose]();
});

test("random expressions, instant and range", async () => {
  const { differences, errors, empty } = await runDifferential(pair, { firstSeed: 1, cases: CASES });
  expect(differences).toEqual([]);
  // The comparison is not of errors with errors, nor of nothing with nothing.
  expect(errors).toBeLessThan(CASES * 0.3);
  expect(empty).toBeLessThan(CASES * 0.4);
});
