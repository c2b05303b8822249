/**
 * The compliance suite's questions, as range queries of ten minutes at 10 s steps, to Binnacle and to a live
 * Prometheus. The suite allows 1e-5; here it is 1e-9.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPair, type Pair } from "../support/differential.ts";
import { demoRecording } from "../support/demo-data.ts";
import { compareAnswers } from "../support/query-difference.ts";
import { pushRecording } from "../support/remote-write.ts";
import { COMPLIANCE_QUERIES } from "./compliance-queries.ts";

const END_MS = Math.floor((Date.now() - 60_000) / 5000) * 5000;
const END_SECONDS = END_MS / 1000 - 720;
const RANGE = { start: END_SECONDS - 600, end: END_SECONDS, step: 10 };

let pair: Pair;

beforeAll(async () => {
  pair = await startPair();
  const startMs = END_MS - 1079 * 5000;
  const recording = demoRecording(startMs);
  for (const url of [pair.binnacleUrl, pair.prometheusUrl]) {
    await pushRecording(`${url}/api/v1/write`, recording, { startMs });
  }
});

afterAll(async () => {
  await pair?.[Symbol.asyncDispose]();
});

test(`all ${COMPLIANCE_QUERIES.length} get Prometheus's answers`, async () => {
  const differences: string[] = [];
  let errors = 0;
  let empty = 0;
  for (const query of COMPLIANCE_QUERIES) {
    const question = { query, range: RANGE };
    const { difference, isError, isEmpty } = await compareAnswers(
      question,
      pair.binnacleUrl,
      pair.prometheusUrl,
    );
    if (isError) errors++;
    if (isEmpty) empty++;
    if (difference !== undefined) differences.push(`${query}\n    ${difference.slice(0, 400)}`);
  }
  expect(differences).toEqual([]);
  expect(errors).toBeLessThan(20);
  expect(empty).toBeLessThan(COMPLIANCE_QUERIES.length * 0.15);
});
