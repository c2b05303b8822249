/**
 * Range queries of two hours at 15 s steps over a fleet of recorded targets, put in turn to each contestant:
 * median milliseconds, and Binnacle's share of the faster peer's. Nothing is cached: ends are shifted from
 * one run to the next, and caches that can be told to stand aside are.
 *
 *     node bench/query.ts [TARGETS] [STEPS] [RUNS] [CONTESTANT …]     (40, 960 and 15 by default)
 *
 * 40 targets have 25,890 series; 200 have 129,450.
 */
import http from "node:http";
import { WriteRequestEncoder } from "@binnacle/wire";
import type { Labels } from "@binnacle/model";
import { contestants, start, type Contestant } from "./support/contestants.ts";
import { fleet, type FleetTarget } from "./support/fleet.ts";
import { round, table } from "./support/measure.ts";

const targetCount = Number(process.argv[2] ?? 40);
const stepCount = Number(process.argv[3] ?? 960);
const runCount = Number(process.argv[4] ?? 15);
const wanted = process.argv.slice(5);

const STEP_MS = 15_000;
const RANGE_MS = 2 * 3600 * 1000;
const WARM_UPS = 3;
const ROWS_PER_REQUEST = 8;
/** The client's own floor: what is below it counts as good enough. */
const FLOOR_MS = 2;

/** Ten node exporters are among the forty targets; "wide" queries take more series from a larger fleet. */
const QUERIES: readonly (readonly [title: string, query: string])[] = [
  ["rate of one counter", 'rate(node_network_receive_bytes_total{instance="host-0:9100",device="eth0"}[5m])'],
  ["sum by (mode) (rate)", "sum by (mode) (rate(node_cpu_seconds_total[5m]))"],
  ["sum by (instance) gauge", "sum by (instance) (node_scrape_collector_duration_seconds)"],
  [
    "histogram_quantile of sum of rates",
    "histogram_quantile(0.9, sum by (le) (rate(prometheus_http_request_duration_seconds_bucket[5m])))",
  ],
  ["count by (instance) of a regex over names", 'count by (instance) ({__name__=~"node_.*"})'],
  ["topk(5, max_over_time[10m])", "topk(5, max_over_time(vm_cache_size_bytes[10m]))"],
  ["wide rates", 'rate(node_cpu_seconds_total{mode!~"steal|irq|nice"}[5m])'],
  [
    "rate / on (instance) group_left gauge",
    "rate(node_cpu_seconds_total[5m]) / on (instance) group_left () node_load1",
  ],
  ["avg_over_time[2h]", "avg_over_time(go_goroutines[2h])"],
  ["quantile_over_time(0.9, [30m])", "quantile_over_time(0.9, go_goroutines[30m])"],
];

const targets = fleet(targetCount);
const seriesCount = targets.reduce((sum, { labels }) => sum + labels.length, 0);
process.stdout.write(`${targetCount} targets, ${seriesCount} series, ${stepCount} steps of 15 s\n\n`);

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const endMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
const running: Contestant[] = [];
try {
  for (const kind of contestants(wanted.length > 0 ? wanted : undefined)) running.push(await start(kind));
  await push(running, targets);
  const rows: (string | number)[][] = [
    ["query", ...running.map(({ name }) => `${name} ms`), "ratio", "series", "KB"],
  ];
  for (const [title, query] of QUERIES) {
    const row = await measure(query);
    const medians = row.map(({ medianMs }) => medianMs);
    const peers = medians.filter((_, i) => running[i]!.name !== "Binnacle");
    const own = medians.find((_, i) => running[i]!.name === "Binnacle");
    const ratio = own === undefined || peers.length === 0 ? "" : ratioText(own, Math.min(...peers));
    const { seriesCount: answered, bytes } = row[0]!;
    rows.push([title, ...medians.map((ms) => round(ms, 1)), ratio, answered, round(bytes / 1024, 0)]);
  }
  process.stdout.write(table(rows));
} finally {
  agent.destroy();
  for (const contestant of running) await contestant.stop();
}

function ratioText(own: number, peer: number): string {
  return own <= FLOOR_MS ? `${round(own / peer)} (at the floor)` : round(own / peer);
}

interface Measured {
  readonly medianMs: number;
  readonly seriesCount: number;
  readonly bytes: number;
}

/** All contestants by turns, so that a noisy moment strikes them alike. */
async function measure(query: string): Promise<Measured[]> {
  const times: number[][] = running.map(() => []);
  const last: Buffer[] = [];
  for (let run = -WARM_UPS; run < runCount; run++) {
    for (const [i, { url }] of running.entries()) {
      const shiftedEnd = (endMs - (run + WARM_UPS + 1) * 7_000) / 1000;
      const params = new URLSearchParams({
        query,
        start: String(shiftedEnd - RANGE_MS / 1000),
        end: String(shiftedEnd),
        step: "15",
        nocache: "1",
      });
      const startedAt = performance.now();
      last[i] = await get(`${url}/api/v1/query_range?${params.toString()}`);
      if (run >= 0) times[i]!.push(performance.now() - startedAt);
    }
  }
  return times.map((each, i) => ({
    medianMs: each.sort((a, b) => a - b)[each.length >> 1]!,
    seriesCount: countSeries(last[i]!),
    bytes: last[i]!.length,
  }));
}

function countSeries(body: Buffer): number {
  const { data } = JSON.parse(body.toString()) as { data: { result: unknown[] } };
  return data.result.length;
}

function get(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const body = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url}: ${response.statusCode} ${body.toString()}`));
      });
    });
    request.on("error", reject);
  });
}

/** The same bytes to everybody: a target's next rows a request. */
async function push(to: readonly Contestant[], fleetTargets: readonly FleetTarget[]): Promise<void> {
  const startMs = endMs - (stepCount - 1) * STEP_MS;
  const encoder = new WriteRequestEncoder();
  for (let from = 0; from < stepCount; from += ROWS_PER_REQUEST) {
    const until = Math.min(stepCount, from + ROWS_PER_REQUEST);
    for (const target of fleetTargets) {
      const body = encode(encoder, target, { from, until, startMs });
      await Promise.all(to.map(({ url }) => post(`${url}/api/v1/write`, body)));
    }
  }
}

function encode(
  encoder: WriteRequestEncoder,
  target: FleetTarget,
  rows: { from: number; until: number; startMs: number },
): Uint8Array {
  const labels: Labels[] = [];
  const offsets = [0];
  const times: number[] = [];
  const values: number[] = [];
  for (let s = 0; s < target.labels.length; s++) {
    const before = values.length;
    for (let step = rows.from; step < rows.until; step++) {
      const value = target.value(s, step);
      if (Number.isNaN(value)) continue;
      times.push(rows.startMs + step * STEP_MS);
      values.push(value);
    }
    if (values.length === before) continue;
    labels.push(target.labels[s]!);
    offsets.push(values.length);
  }
  return encoder
    .encode({
      labels,
      sampleOffsets: Uint32Array.from(offsets),
      sampleTimes: Float64Array.from(times),
      sampleValues: Float64Array.from(values),
      sampleStartTimes: undefined,
      histograms: [],
      exemplars: [],
      metadata: [],
    })
    .slice();
}

async function post(url: string, body: Uint8Array): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf", "content-encoding": "snappy" },
    body: body as Uint8Array<ArrayBuffer>,
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
