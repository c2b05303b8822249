/** Many seeded random queries to Binnacle and to a live Prometheus that hold the same samples. */
import { seededRandom } from "@binnacle/model";
import { startBinnacle } from "./binnacle.ts";
import { differentialData, pushDifferentialData, type DifferentialData } from "./differential-data.ts";
import { startPrometheus } from "./prometheus.ts";
import { compareAnswers, type Question } from "./query-difference.ts";
import { RandomPromql } from "./random-promql.ts";

const FEATURES = "--enable-feature=promql-experimental-functions";
const CONCURRENCY = 8;

export interface Pair extends AsyncDisposable {
  readonly binnacleUrl: string;
  readonly prometheusUrl: string;
}

/** Both servers, with the experimental functions that Prometheus has. */
export async function startPair(): Promise<Pair> {
  const prometheus = await startPrometheus({
    flags: ["--web.enable-remote-write-receiver", `${FEATURES},native-histograms,promql-per-step-stats`],
  });
  const binnacle = await startBinnacle({ mode: "serve", flags: [FEATURES] }).catch(async (error: unknown) => {
    await prometheus.stop();
    throw error;
  });
  return {
    binnacleUrl: binnacle.url,
    prometheusUrl: prometheus.url,
    async [Symbol.asyncDispose]() {
      await Promise.all([binnacle.stop(), prometheus.stop()]);
    },
  };
}

export interface DifferentialReport {
  readonly cases: number;
  readonly errors: number;
  readonly empty: number;
  /** Seed, question and difference of each that differs. */
  readonly differences: readonly string[];
}

/** The same samples to both. */
export async function pushToBoth(pair: Pair): Promise<DifferentialData> {
  const data = differentialData(Math.floor((Date.now() - 60_000) / 15_000) * 15_000);
  await Promise.all([pair.binnacleUrl, pair.prometheusUrl].map((url) => pushDifferentialData(url, data)));
  return data;
}

/** Case i is made of seed `firstSeed + i` alone: that seed replays it. */
export async function runDifferential(
  pair: Pair,
  options: { readonly firstSeed: number; readonly cases: number },
): Promise<DifferentialReport> {
  const data = await pushToBoth(pair);
  const differences: string[] = [];
  let errors = 0;
  let empty = 0;
  let next = options.firstSeed;
  const end = options.firstSeed + options.cases;
  const lane = async (): Promise<void> => {
    for (let seed = next++; seed < end; seed = next++) {
      const query = new RandomPromql(data.metrics, seed).query();
      const question = questionOf(query, seed, data.endMs / 1000);
      const { difference, isError, isEmpty } = await compareAnswers(
        question,
        pair.binnacleUrl,
        pair.prometheusUrl,
      );
      if (isError) errors++;
      if (isEmpty) empty++;
      if (difference !== undefined) {
        differences.push(`seed ${seed}: ${JSON.stringify(question)}\n    ${difference.slice(0, 600)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  return { cases: options.cases, errors, empty, differences };
}

function questionOf(query: string, seed: number, endSeconds: number): Question {
  const random = seededRandom(seed ^ 0x5bd1e995);
  const end = endSeconds - Math.floor(random.next() * 1200);
  if (random.next() < 0.4) return { query, time: end };
  const steps = 1 + Math.floor(random.next() * 40);
  const step = [1, 15, 37, 60, 61.5][Math.floor(random.next() * 5)]!;
  return { query, range: { start: end - steps * step, end, step } };
}
