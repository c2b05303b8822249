/**
 * An hour and a quarter of samples in which much happens: counters that reset, series that come, go and are
 * marked stale, NaN and infinities, ties, classic and native histograms, mixes of floats and histograms; and
 * some recorded ones.
 */
import { compareLabels, Labels, seededRandom, type Histogram } from "@binnacle/model";
import { WriteRequestEncoder } from "@binnacle/wire";
import type { Metrics } from "./random-promql.ts";
import { loadRecording } from "./recorded.ts";

const STEP_MS = 15_000;
const ROWS = 300;
const ROWS_PER_REQUEST = 20;
const RECORDED =
  /^(?:node_cpu_seconds_total|node_load1|node_filesystem_avail_bytes|node_procs_running|node_network_receive_bytes_total)$/;

/** A value, a histogram, "stale", or nothing at a row. */
type Sample = number | Histogram | "stale" | undefined;

interface DataSeries {
  readonly labels: Labels;
  readonly at: (row: number) => Sample;
}

export interface DifferentialData {
  readonly endMs: number;
  readonly metrics: Metrics;
  readonly series: readonly DataSeries[];
}

export function differentialData(endMs: number): DifferentialData {
  const random = seededRandom(11);
  const series: DataSeries[] = [];
  const add = (name: string, labels: Record<string, string>, at: (row: number) => Sample): void => {
    series.push({ labels: Labels.fromObject({ __name__: name, ...labels }), at });
  };
  for (const [i, a] of ["x", "y", "z"].entries()) {
    for (const [k, b] of ["1", "22"].entries()) {
      const labels = { a, b, instance: `host-${i}` };
      const slope = 1 + 3 * i + k / 10;
      const restart = 90 + 50 * i + 20 * k;
      add("c_total", labels, (row) => (row % restart) * slope + (row % 7 === 3 ? 0.25 : 0));
      const noise = Array.from({ length: ROWS }, () => Math.round((random.next() - 0.5) * 1000) / 10);
      add("g", labels, (row) => noise[row]);
      const gap = 60 + 40 * i;
      add("gone", labels, (row) => {
        if (row === gap) return "stale";
        return row > gap && row < gap + 50 ? undefined : i + k;
      });
      const odd = [0, -0, NaN, Infinity, -Infinity, 1, -1, 1e300, 2.5];
      add("odd", labels, (row) => (row % 11 < 9 ? odd[(row * (i + 2) + k) % odd.length] : i));
      for (const [l, le] of ["0.1", "0.5", "1", "+Inf"].entries()) {
        add("h_bucket", { ...labels, le }, (row) => (row % restart) * (l + 1 + i));
      }
      add("nh", labels, (row) => counterHistogram(row % restart, i + k, row % restart === 0));
      add("mix", labels, (row) => (row % 80 < 40 ? row * slope : counterHistogram(row, i, false)));
      add("gh", labels, (row) => gaugeHistogram(noise[row - (row % 3)]! + 5 * (row % 3)));
    }
  }
  addDescribed(add);
  const recording = loadRecording(["node"], ROWS);
  for (const { labels, values } of recording.series) {
    if (!RECORDED.test(labels.get("__name__"))) continue;
    add(labels.get("__name__"), { ...labels.without(new Set(["__name__"])).toObject() }, (row) => {
      const value = values[row];
      return value === undefined || Number.isNaN(value) ? undefined : value;
    });
  }
  // Where PromQL leaves an order open (ties, limitk) Prometheus goes by the order in which series came.
  series.sort((a, b) => compareLabels(a.labels, b.labels));
  return { endMs, series, metrics: metricsOf(endMs) };
}

/** Two jobs' series, and what is said of them: a version that changes, and a second series that says more. */
function addDescribed(
  add: (name: string, labels: Record<string, string>, at: (row: number) => Sample) => void,
): void {
  for (const [i, job] of ["web", "db"].entries()) {
    const identity = { instance: `host-${i}`, job };
    for (const a of ["x", "y"]) {
      add("described_total", { ...identity, a }, (row) => row * (i + 1));
      add("described", { ...identity, a }, (row) => (row % 50 < 45 ? row % (7 + i) : undefined));
    }
    add("target_info", { ...identity, version: "1", region: "north" }, (row) => {
      // At one row for both: 3.5 takes one job's info series for the other's where they change apart.
      if (row === 120) return "stale";
      return row < 120 ? 1 : undefined;
    });
    add("target_info", { ...identity, version: "2", region: "south" }, (row) => {
      return row > 120 ? 1 : undefined;
    });
  }
  add("build_info", { instance: "host-0", job: "web", version: "9", a: "z" }, () => 1);
}

function metricsOf(endMs: number): Metrics {
  return {
    counters: ["c_total", "node_cpu_seconds_total", "node_network_receive_bytes_total", "none_total"],
    gauges: ["g", "gone", "odd", "node_load1", "node_filesystem_avail_bytes", "node_procs_running"],
    buckets: ["h_bucket"],
    histograms: ["nh", "mix", "gh"],
    described: ["described_total", "described"],
    labels: ["a", "b", "instance", "mode", "cpu"],
    matchers: ["", "", "", '{a="x"}', '{a=~"x|y"}', '{b!="1"}', '{instance!~"host-[12]"}', '{a=""}'],
    timeSeconds: endMs / 1000,
  };
}

/**
 * All counts are far from zero: 3.5 still extrapolates the rate of a histogram beyond the time at which it
 * was empty.
 */
const COUNT_BASE = 1_000_000;

function counterHistogram(age: number, kind: number, isReset: boolean): Histogram {
  const n = COUNT_BASE + age;
  const counts = Float64Array.of(2 * n, n * (1 + kind), Math.floor(n / 2));
  const negative = Float64Array.of(Math.floor(n / 3));
  const zeroCount = Math.floor(n / 4);
  return {
    schema: kind % 2,
    isInteger: true,
    counterResetHint: isReset ? "reset" : "unknown",
    count: counts.reduce((a, b) => a + b, 0) + negative[0]! + zeroCount,
    sum: n * 1.5,
    zeroThreshold: 0.001,
    zeroCount,
    positiveSpans: [
      { offset: 0, length: 2 },
      { offset: 1, length: 1 },
    ],
    positiveCounts: counts,
    negativeSpans: [{ offset: 1, length: 1 }],
    negativeCounts: negative,
    customBounds: undefined,
  };
}

function gaugeHistogram(value: number): Histogram {
  const size = COUNT_BASE + Math.abs(value);
  return {
    schema: 2,
    isInteger: false,
    counterResetHint: "gauge",
    count: size + 3,
    sum: value,
    zeroThreshold: 0.01,
    zeroCount: 1,
    positiveSpans: [{ offset: -1, length: 2 }],
    positiveCounts: Float64Array.of(size, 2),
    negativeSpans: [],
    negativeCounts: new Float64Array(0),
    customBounds: undefined,
  };
}

/** The stale marker's bits, which no number passes through unharmed. */
const STALE_WORDS = [2, 0x7ff00000] as const;

export async function pushDifferentialData(url: string, { series, endMs }: DifferentialData): Promise<void> {
  const startMs = endMs - (ROWS - 1) * STEP_MS;
  for (let from = 0; from < ROWS; from += ROWS_PER_REQUEST) {
    const body = encodeRows(series, { from, until: from + ROWS_PER_REQUEST, startMs });
    const response = await fetch(`${url}/api/v1/write`, {
      method: "POST",
      headers: {
        "content-type": "application/x-protobuf",
        "content-encoding": "snappy",
        "x-prometheus-remote-write-version": "0.1.0",
      },
      body: body as Uint8Array<ArrayBuffer>,
    });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
}

function encodeRows(
  series: readonly DataSeries[],
  rows: { readonly from: number; readonly until: number; readonly startMs: number },
): Uint8Array {
  const offsets = [0];
  const times: number[] = [];
  const values: number[] = [];
  const stale: number[] = [];
  const histograms: { series: number; timeMs: number; startTimeMs: number; value: Histogram }[] = [];
  for (const [i, { at }] of series.entries()) {
    for (let row = rows.from; row < rows.until; row++) {
      const sample = at(row);
      const timeMs = rows.startMs + row * STEP_MS;
      if (sample === undefined) continue;
      if (typeof sample === "object") {
        histograms.push({ series: i, timeMs, startTimeMs: 0, value: sample });
        continue;
      }
      if (sample === "stale") stale.push(values.length);
      times.push(timeMs);
      values.push(sample === "stale" ? 0 : sample);
    }
    offsets.push(values.length);
  }
  const sampleValues = Float64Array.from(values);
  const words = new Uint32Array(sampleValues.buffer);
  for (const index of stale) words.set(STALE_WORDS, 2 * index);
  return new WriteRequestEncoder().encode({
    labels: series.map(({ labels }) => labels),
    sampleOffsets: Uint32Array.from(offsets),
    sampleTimes: Float64Array.from(times),
    sampleValues,
    sampleStartTimes: undefined,
    histograms,
    exemplars: [],
    metadata: [],
  });
}
