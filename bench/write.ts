/**
 * Remote write in: a fleet's scrapes, one request a target and step, four at a time, into each contestant.
 * Prints CPU seconds a million samples, memory afterwards, bytes a sample on disk after a compaction, and
 * seconds to start on it.
 *
 *     node bench/write.ts [TARGETS] [STEPS] [CONTESTANT …]     (40 and 960 by default)
 */
import { WriteRequestEncoder } from "@binnacle/wire";
import { setTimeout as sleep } from "node:timers/promises";
import { contestants, start } from "./support/contestants.ts";
import { fleet, type FleetTarget } from "./support/fleet.ts";
import { cpuSeconds, diskBytes, memoryMb, round, table } from "./support/measure.ts";

const targetCount = Number(process.argv[2] ?? 40);
const stepCount = Number(process.argv[3] ?? 960);
const wanted = process.argv.slice(4);
const STEP_MS = 15_000;
const CONCURRENCY = 4;

const targets = fleet(targetCount);
const seriesCount = targets.reduce((sum, { labels }) => sum + labels.length, 0);
process.stdout.write(`${targetCount} targets, ${seriesCount} series, ${stepCount} steps of 15 s\n\n`);
const rows: (string | number)[][] = [
  ["", "samples", "CPU s per million", "wall s", "memory MB", "disk bytes a sample", "start s"],
];
for (const kind of contestants(wanted.length > 0 ? wanted : undefined)) {
  const contestant = await start(kind);
  try {
    const { pid } = contestant.process;
    const cpuBefore = cpuSeconds(pid);
    const startedAt = performance.now();
    const samples = await replay(`${contestant.url}/api/v1/write`, targets);
    const wall = (performance.now() - startedAt) / 1000;
    // What was put off (merging, garbage) belongs to the price.
    await sleep(5000);
    const cpu = cpuSeconds(pid) - cpuBefore;
    const memory = memoryMb(pid);
    await contestant.compact();
    await sleep(2000);
    const disk = diskBytes(contestant.dataDir);
    const restart = await contestant.restart();
    const perMillion = cpu / (samples / 1e6);
    rows.push([
      kind.name,
      samples,
      round(perMillion),
      round(wall, 1),
      round(memory, 0),
      round(disk / samples, 3),
      round(restart),
    ]);
  } finally {
    await contestant.stop();
  }
}
process.stdout.write(table(rows));

/** Every target's scrapes in order; targets side by side, CONCURRENCY requests at a time. */
async function replay(url: string, all: readonly FleetTarget[]): Promise<number> {
  const startMs = Math.floor(Date.now() / STEP_MS) * STEP_MS - stepCount * STEP_MS;
  const encoders = Array.from({ length: CONCURRENCY }, () => new WriteRequestEncoder());
  let samples = 0;
  await Promise.all(
    encoders.map(async (encoder, lane) => {
      for (let step = 0; step < stepCount; step++) {
        for (let t = lane; t < all.length; t += CONCURRENCY) {
          const { body, count } = encodeScrape(encoder, all[t]!, step, startMs + step * STEP_MS);
          samples += count;
          const response = await fetch(url, {
            method: "POST",
            headers: { "content-type": "application/x-protobuf", "content-encoding": "snappy" },
            body: body as Uint8Array<ArrayBuffer>,
          });
          if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
          await response.arrayBuffer();
        }
      }
    }),
  );
  return samples;
}

function encodeScrape(
  encoder: WriteRequestEncoder,
  target: FleetTarget,
  step: number,
  timeMs: number,
): { body: Uint8Array; count: number } {
  const labels: FleetTarget["labels"][number][] = [];
  const values: number[] = [];
  for (let s = 0; s < target.labels.length; s++) {
    const value = target.value(s, step);
    if (Number.isNaN(value)) continue;
    labels.push(target.labels[s]!);
    values.push(value);
  }
  const body = encoder.encode({
    labels,
    sampleOffsets: Uint32Array.from({ length: labels.length + 1 }, (_, i) => i),
    sampleTimes: new Float64Array(labels.length).fill(timeMs),
    sampleValues: Float64Array.from(values),
    sampleStartTimes: undefined,
    histograms: [],
    exemplars: [],
    metadata: [],
  });
  return { body, count: labels.length };
}
