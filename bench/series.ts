/**
 * Very many series: each gets one sample every 15 s by remote write, while queries are asked once a second.
 * After a third and two thirds of the rounds all there is is sealed and merged, while writing goes on. Prints
 * the most memory a series that there was, CPU, how long rounds took, each of them with what it fell together
 * with, and the queries' latencies.
 *
 *     node bench/series.ts [SERIES] [ROUNDS] [PACE_MS] [CONTESTANT …]   (1,000,000, 9, 15,000; Binnacle only)
 *
 * With a pace of less than 15 s, rounds follow each other sooner than their samples' times do.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Labels } from "@binnacle/model";
import { snappyCompress, WriteRequestEncoder } from "@binnacle/wire";
import { contestants, start } from "./support/contestants.ts";
import { cpuSeconds, memoryMb, round, table } from "./support/measure.ts";

const seriesCount = Number(process.argv[2] ?? 1_000_000);
const roundCount = Number(process.argv[3] ?? 9);
const paceMs = Number(process.argv[4] ?? 15_000);
const wanted = process.argv.length > 5 ? process.argv.slice(5) : ["Binnacle"];
const SERIES_PER_TARGET = 1000;
const STEP_MS = 15_000;
const CONCURRENCY = 4;
const QUERIES = [
  'sum(bench_requests_total{instance="host-7:9100"})',
  'rate(bench_requests_total{instance="host-11:9100", path="/api/3"}[5m])',
  'count(bench_requests_total{path="/api/7", code="200"})',
];

/** A target's request, encoded once: times and values are written over what stands there. */
interface Template {
  readonly message: Uint8Array;
  /** Where each series ends: the last 15 bytes are the value, a tag and the time. */
  readonly ends: readonly number[];
}

const targetCount = Math.ceil(seriesCount / SERIES_PER_TARGET);
const encoder = new WriteRequestEncoder();
const templates = Array.from({ length: targetCount }, (_, i) => template(i));
process.stdout.write(
  `${targetCount} targets of ${SERIES_PER_TARGET} series, ${roundCount} rounds of 15 s\n\n`,
);
const rows: (string | number)[][] = [
  [
    "",
    "CPU s/M",
    "memory MB",
    "bytes a series",
    "median, longest round s",
    "compactions s",
    "query ms median, worst",
  ],
];
for (const kind of contestants(wanted)) {
  const contestant = await start(kind);
  try {
    const { pid } = contestant.process;
    const cpuBefore = cpuSeconds(pid);
    const latencies: number[] = [];
    const ended = new AbortController();
    const asking = ask(contestant.url, latencies, ended.signal);
    let memory = 0;
    const measuring = setInterval(() => (memory = Math.max(memory, memoryMb(pid))), 250);
    const rounds: number[] = [];
    const compactions: Promise<number>[] = [];
    // The last sample's time is about now.
    const firstMs = Date.now() - (roundCount - 1) * (STEP_MS - Math.min(STEP_MS, paceMs));
    for (let step = 0; step < roundCount; step++) {
      const startedAt = performance.now();
      await writeRound(`${contestant.url}/api/v1/write`, step, firstMs + step * STEP_MS);
      const tookMs = performance.now() - startedAt;
      rounds.push(tookMs / 1000);
      process.stderr.write(`round ${step}: ${round(tookMs / 1000, 1)} s, ${round(memory, 0)} MB\n`);
      const third = Math.floor(roundCount / 3);
      if (kind.name === "Binnacle" && (step === third || step === 2 * third))
        compactions.push(compact(contestant.url));
      await sleep(Math.max(0, paceMs - tookMs));
    }
    const compacted = await Promise.all(compactions);
    clearInterval(measuring);
    ended.abort();
    await asking;
    const cpu = cpuSeconds(pid) - cpuBefore;
    const series = targetCount * SERIES_PER_TARGET;
    latencies.sort((a, b) => a - b);
    rounds.sort((a, b) => a - b);
    rows.push([
      kind.name,
      round(cpu / ((series * roundCount) / 1e6)),
      round(memory, 0),
      round((memory * 1024 * 1024) / series, 0),
      [rounds[rounds.length >> 1], rounds.at(-1)]
        .map((seconds) => round(seconds ?? Number.NaN, 1))
        .join(", "),
      compacted.map((seconds) => round(seconds, 1)).join(", "),
      [latencies[latencies.length >> 1], latencies.at(-1)].map((ms) => round(ms ?? Number.NaN, 0)).join(", "),
    ]);
  } finally {
    await contestant.stop();
  }
}
process.stdout.write(table(rows));

function template(target: number): Template {
  const labels = Array.from({ length: SERIES_PER_TARGET }, (_, i) =>
    Labels.fromObject({
      __name__: i % 2 === 0 ? "bench_requests_total" : "bench_seconds_total",
      job: "bench",
      instance: `host-${target}:9100`,
      namespace: `team-${target % 20}`,
      path: `/api/${i >> 3}`,
      code: ["200", "204", "404", "500"][(i >> 1) % 4]!,
    }),
  );
  const message = encoder
    .encodeMessage({
      labels,
      sampleOffsets: Uint32Array.from({ length: labels.length + 1 }, (_, i) => i),
      sampleTimes: new Float64Array(labels.length).fill(Date.now()),
      sampleValues: new Float64Array(labels.length).fill(1),
      sampleStartTimes: undefined,
      histograms: [],
      exemplars: [],
      metadata: [],
    })
    .slice();
  const ends: number[] = [];
  for (let at = 0; at < message.length;) {
    // Each field is a tag, a length of one or two bytes, and a series.
    const isLong = message[at + 1]! >= 0x80;
    const length = isLong ? (message[at + 1]! & 0x7f) | (message[at + 2]! << 7) : message[at + 1]!;
    at += (isLong ? 3 : 2) + length;
    ends.push(at);
  }
  return { message, ends };
}

/** Seals and merges all there is; resolves to the seconds that took. */
async function compact(url: string): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/v1/admin/tsdb/compact`, { method: "POST" });
  if (!response.ok) throw new Error(`compacting was answered with ${response.status}`);
  return (performance.now() - startedAt) / 1000;
}

/** One sample for every series, a request a target. */
async function writeRound(url: string, step: number, timeMs: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < templates.length) {
      const target = next++;
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/x-protobuf", "content-encoding": "snappy" },
        body: requestOf(templates[target]!, { step, timeMs, target }) as Uint8Array<ArrayBuffer>,
      });
      if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

function requestOf(
  { message, ends }: Template,
  { step, timeMs, target }: { step: number; timeMs: number; target: number },
): Uint8Array {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  for (const [i, end] of ends.entries()) {
    view.setFloat64(end - 15, step * ((i % 13) + 1) + target, true);
    let rest = timeMs;
    for (let byte = 6; byte > 0; byte--) {
      message[end - byte] = (rest % 128) | (byte > 1 ? 0x80 : 0);
      rest = Math.floor(rest / 128);
    }
  }
  return snappyCompress(message);
}

/** Asks once a second until it is told to end. */
async function ask(url: string, latencies: number[], signal: AbortSignal): Promise<void> {
  for (let i = 0; !signal.aborted; i++) {
    const startedAt = performance.now();
    const query = encodeURIComponent(QUERIES[i % QUERIES.length]!);
    const response = await fetch(`${url}/api/v1/query?query=${query}`);
    if (!response.ok) throw new Error(`a query was answered with ${response.status}`);
    await response.arrayBuffer();
    latencies.push(performance.now() - startedAt);
    await sleep(1000);
  }
}
