/**
 * Bytes of a native histogram on disk: 20 series of latencies in 40 buckets, 480 scrapes of 15 s, in Binnacle
 * after a compaction and in a snapshot of Prometheus.
 *
 *     node bench/histograms.ts
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  Labels,
  NO_LOGGER,
  NO_METER,
  seededRandom,
  SYSTEM_CLOCK,
  type Histogram,
  type Random,
} from "@binnacle/model";
import { MetricStore } from "@binnacle/tsdb";
import { WriteRequestEncoder } from "@binnacle/wire";
import { startPrometheus } from "../test/support/prometheus.ts";
import { diskBytes, round, table } from "./support/measure.ts";

const SERIES = 20;
const STEPS = 480;
const STEP_MS = 15_000;
const BUCKETS = 40;
const startMs = Date.now() - STEPS * STEP_MS;
const labels = Array.from({ length: SERIES }, (_, i) =>
  Labels.fromObject({ __name__: "latency", i: String(i) }),
);
const all = labels.map((_, i) => latencies(seededRandom(i + 1)));

/** About normal in the logarithm, 50 to 1,550 requests a scrape. */
function latencies(random: Random): Histogram[] {
  const counts = new Float64Array(BUCKETS);
  const rate = 50 + random.below(1500);
  let sum = 0;
  return Array.from({ length: STEPS }, () => {
    const requests = Math.floor(rate * (0.8 + 0.4 * random.next()));
    for (let i = 0; i < requests; i++) {
      let place = 0;
      for (let draw = 0; draw < 6; draw++) place += random.next() / 6;
      const bucket = Math.floor(place * BUCKETS);
      counts[bucket]!++;
      sum += 2 ** (bucket / 4 - 10) * (1 + random.next() * 0.19);
    }
    return {
      schema: 2,
      isInteger: true,
      counterResetHint: "unknown",
      count: counts.reduce((total, count) => total + count, 0),
      sum,
      zeroThreshold: 2 ** -128,
      zeroCount: 0,
      positiveSpans: [{ offset: -BUCKETS, length: BUCKETS }],
      positiveCounts: counts.slice(),
      negativeSpans: [],
      negativeCounts: new Float64Array(0),
      customBounds: undefined,
    };
  });
}

async function binnacleBytes(): Promise<number> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "binnacle-bench-"));
  try {
    await using store = await MetricStore.open({
      dir,
      clock: SYSTEM_CLOCK,
      logger: NO_LOGGER,
      meter: NO_METER,
      retentionMs: 365 * 86_400_000,
      outOfOrderWindowMs: 0,
      limits: { maintenanceIntervalMs: 0, sealIntervalMs: 0 },
    });
    const refs = labels.map((each) => store.series(each));
    for (let step = 0; step < STEPS; step++) {
      const timeMs = startMs + step * STEP_MS;
      const histograms = refs.map((series, i) => ({ series, value: all[i]![step]!, startTimeMs: 0 }));
      const floats = { series: new Uint32Array(0), values: new Float64Array(0) };
      await store.append([{ group: "bench", timeMs, ...floats, histograms }]);
    }
    await store.compact();
    return store.stats().blockBytes;
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function prometheusBytes(): Promise<number> {
  const flags = [
    "--enable-feature=native-histograms",
    "--web.enable-remote-write-receiver",
    "--web.enable-admin-api",
  ];
  const prometheus = await startPrometheus({ flags });
  try {
    const encoder = new WriteRequestEncoder();
    for (let step = 0; step < STEPS; step++) {
      const timeMs = startMs + step * STEP_MS;
      const body = encoder.encode({
        labels,
        sampleOffsets: new Uint32Array(SERIES + 1),
        sampleTimes: new Float64Array(0),
        sampleValues: new Float64Array(0),
        sampleStartTimes: undefined,
        histograms: all.map((histograms, series) => ({
          series,
          timeMs,
          startTimeMs: 0,
          value: histograms[step]!,
        })),
        exemplars: [],
        metadata: [],
      });
      const response = await fetch(`${prometheus.url}/api/v1/write`, {
        method: "POST",
        headers: { "content-type": "application/x-protobuf", "content-encoding": "snappy" },
        body: body as Uint8Array<ArrayBuffer>,
      });
      if (!response.ok) throw new Error(await response.text());
    }
    const answer = await fetch(`${prometheus.url}/api/v1/admin/tsdb/snapshot`, { method: "POST" });
    const { data } = (await answer.json()) as { data: { name: string } };
    return diskBytes(path.join(prometheus.dir, "data/snapshots", data.name));
  } finally {
    await prometheus.stop();
  }
}

const own = (await binnacleBytes()) / (SERIES * STEPS);
const theirs = (await prometheusBytes()) / (SERIES * STEPS);
process.stdout.write(
  table([
    ["", "bytes a histogram", "ratio"],
    ["Binnacle", round(own, 1), round(own / theirs)],
    ["Prometheus", round(theirs, 1), "1"],
  ]),
);
