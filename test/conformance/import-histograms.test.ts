/** `binnacle tsdb import` of a block with native histograms that a real Prometheus wrote. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Labels, seededRandom, setStaleAt, wordsOf, type Histogram } from "@binnacle/model";
import { WriteRequestEncoder } from "@binnacle/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../support/ask.ts";
import { startBinnacle } from "../support/binnacle.ts";
import { repositoryRoot } from "../support/places.ts";
import { temporaryDir } from "../support/process.ts";
import { startPrometheus, type RunningPeer } from "../support/prometheus.ts";

const dataDir = temporaryDir();
const launcher = path.join(repositoryRoot, "node_modules/.bin/binnacle");
const STEPS = 150;
const STEP_MS = 15_000;
const startMs = Math.floor(Date.now() / 1000) * 1000 - STEPS * STEP_MS;
let prometheus: RunningPeer;

beforeAll(async () => {
  prometheus = await startPrometheus({
    flags: [
      "--enable-feature=native-histograms",
      "--web.enable-remote-write-receiver",
      "--web.enable-admin-api",
    ],
  });
});
afterAll(async () => {
  await prometheus.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

const EMPTY: Histogram = {
  schema: 3,
  isInteger: true,
  counterResetHint: "unknown",
  count: 0,
  sum: 0,
  zeroThreshold: 2 ** -128,
  zeroCount: 0,
  positiveSpans: [],
  positiveCounts: new Float64Array(0),
  negativeSpans: [],
  negativeCounts: new Float64Array(0),
  customBounds: undefined,
};

/** Buckets that grow, more of them with time, and begin anew once. */
function growing(shape: Partial<Histogram>, seed: number, isNegative = false): Histogram[] {
  const random = seededRandom(seed);
  const isInteger = shape.isInteger ?? true;
  const levels = new Float64Array(12);
  return Array.from({ length: STEPS }, (_, step) => {
    if (step === 100) levels.fill(0);
    const buckets = Math.min(3 + Math.floor(step / 20), 8);
    for (let i = 0; i < buckets; i++) levels[i]! += random.below(50) * (isInteger ? 1 : 0.37);
    const counts = levels.slice(0, buckets);
    const spans = [
      { offset: -2, length: 2 },
      { offset: 3, length: buckets - 2 },
    ];
    const bounded = [{ offset: 0, length: buckets }];
    const zeroCount = shape.customBounds === undefined ? step * (isInteger ? 1 : 0.5) : 0;
    const sides = isNegative ? 2 : 1;
    return {
      ...EMPTY,
      ...shape,
      count: sides * counts.reduce((sum, count) => sum + count, 0) + zeroCount,
      sum: step * 1.7,
      zeroCount,
      positiveSpans: shape.customBounds === undefined ? spans : bounded,
      positiveCounts: counts,
      negativeSpans: isNegative ? spans : [],
      negativeCounts: isNegative ? counts : new Float64Array(0),
    };
  });
}

const BOUNDS = Float64Array.of(0.005, 0.25, 1, 2.5, 1 / 3 + 3, 10, 12_345_678);
const SERIES: readonly (readonly [name: string, histograms: readonly Histogram[]])[] = [
  ["integers", growing({}, 1)],
  ["floats", growing({ isInteger: false, schema: -4 }, 2)],
  ["both_sides", growing({ schema: 8, zeroThreshold: 0.001 }, 3, true)],
  ["floats_on_both_sides", growing({ isInteger: false, zeroThreshold: 0 }, 4, true)],
  ["custom", growing({ schema: -53, zeroThreshold: 0, customBounds: BOUNDS }, 5)],
  ["custom_floats", growing({ schema: -53, zeroThreshold: 0, customBounds: BOUNDS, isInteger: false }, 6)],
  ["gauges", growing({ counterResetHint: "gauge" }, 7)],
];
/** A step at which all are marked stale, in the middle of chunks. */
const STALE_STEP = 120;

async function push(url: string): Promise<void> {
  const encoder = new WriteRequestEncoder();
  for (let step = 0; step < STEPS; step++) {
    const timeMs = startMs + step * STEP_MS;
    const sum = new Float64Array(1);
    setStaleAt(wordsOf(sum), 0);
    const body = encoder.encode({
      labels: SERIES.map(([name]) => Labels.fromObject({ __name__: name, job: "import" })),
      sampleOffsets: new Uint32Array(SERIES.length + 1),
      sampleTimes: new Float64Array(0),
      sampleValues: new Float64Array(0),
      sampleStartTimes: undefined,
      histograms: SERIES.map(([, histograms], series) => {
        const value = histograms[step]!;
        const isStale = step === STALE_STEP;
        return { series, timeMs, startTimeMs: 0, value: isStale ? { ...EMPTY, sum: sum[0]! } : value };
      }),
      exemplars: [],
      metadata: [],
    });
    const response = await fetch(`${url}/api/v1/write`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf", "content-encoding": "snappy" },
      body: body as Uint8Array<ArrayBuffer>,
    });
    expect(response.status, await response.text()).toBe(204);
  }
}

/**
 * Everything that is there, as the API says it; boundaries to 14 digits, since who computes them may
 * differ.
 */
async function everything(url: string, name: string): Promise<unknown> {
  const time = (startMs + STEPS * STEP_MS) / 1000;
  const query = encodeURIComponent(`${name}[2h]`);
  const { result } = await ask<{ result: { histograms?: unknown[] }[] }>(
    `${url}/api/v1/query?query=${query}&time=${time}`,
  );
  return JSON.parse(
    JSON.stringify(result[0]?.histograms, (_key, value: unknown) =>
      typeof value === "string" ? Number(value).toPrecision(14) : value,
    ),
  );
}

test("every histogram of every kind comes out as Prometheus has it", async () => {
  await push(prometheus.url);
  const answer = await fetch(`${prometheus.url}/api/v1/admin/tsdb/snapshot`, { method: "POST" });
  const { data } = (await answer.json()) as { data: { name: string } };
  const snapshot = path.join(prometheus.dir, "data/snapshots", data.name);
  const imported = spawnSync(launcher, ["tsdb", "import", snapshot, "--data", dataDir], { encoding: "utf8" });
  expect(imported).toMatchObject({ status: 0, stderr: "" });
  expect(imported.stdout).toContain(`${SERIES.length * STEPS} samples taken, 0 rejected`);
  expect(imported.stdout).not.toContain("left out");
  const dumped = spawnSync(launcher, ["tsdb", "dump", "--data", dataDir, "--match", "custom"], {
    encoding: "utf8",
  });
  expect(dumped.stderr).toBe(
    `${STEPS - 1} native histograms written as classic ones, without what only they hold\nleft out: 1 stale markers\n`,
  );
  const [time, second] = [(startMs + STEP_MS) / 1000, SERIES.find(([name]) => name === "custom")![1][1]!];
  const [a, b] = second.positiveCounts;
  for (const line of [
    `custom_bucket{job="import",le="0.005"} ${a} ${time}`,
    `custom_bucket{job="import",le="0.25"} ${a! + b!} ${time}`,
    `custom_bucket{job="import",le="+Inf"} ${second.count} ${time}`,
    `custom_count{job="import"} ${second.count} ${time}`,
    `custom_sum{job="import"} 1.7 ${time}`,
  ])
    expect(dumped.stdout.split("\n")).toContain(line);
  const binnacle = await startBinnacle({ mode: "serve", dataDir });
  try {
    for (const [name] of SERIES) {
      const expected = await everything(prometheus.url, name);
      expect(expected, name).toHaveLength(STEPS - 1);
      expect(await everything(binnacle.url, name), name).toEqual(expected);
    }
  } finally {
    await binnacle.stop();
  }
});
