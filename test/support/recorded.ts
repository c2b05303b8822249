/**
 * An hour of metrics to compare on: real recordings where BINNACLE_SHARED has them, otherwise made ones of
 * the same kinds (counters that reset, gauges, histograms, a series that comes and goes).
 */
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { Labels, METRIC_NAME } from "@binnacle/model";
import { repositoryRoot, sharedDir } from "./places.ts";

export interface RecordedSeries {
  readonly labels: Labels;
  /** One value a row; NaN where the exporter did not give the series. */
  readonly values: Float64Array;
}

export interface Recording {
  readonly isReal: boolean;
  readonly stepMs: number;
  readonly rowCount: number;
  readonly series: readonly RecordedSeries[];
}

/** Rows of an hour at one scrape each 15 s. */
export const HOUR_ROWS = 241;

/** The recordings of these exporters, or made data under the same metric names. */
export function loadRecording(jobs: readonly string[], rowCount: number): Recording {
  const dir = path.join(sharedDir(), "metrics");
  const files = jobs.map((job) => path.join(dir, `${job}.columns.zst`));
  if (!files.every((file) => fs.existsSync(file))) {
    return { isReal: false, stepMs: 15_000, rowCount, series: madeSeries(rowCount) };
  }
  const series = files.flatMap((file) => readColumns(file, rowCount));
  return { isReal: true, stepMs: 15_000, rowCount, series };
}

interface ColumnsHeader {
  readonly job: string;
  readonly rows: number;
  readonly stepMs: number;
  readonly series: readonly string[];
}

/** A file's columns: one line of JSON, then a float64 matrix, series after series. */
function readColumns(file: string, rowCount: number): RecordedSeries[] {
  const bytes = zlib.zstdDecompressSync(fs.readFileSync(file));
  const lineEnd = bytes.indexOf(0x0a);
  const header = JSON.parse(bytes.subarray(0, lineEnd).toString()) as ColumnsHeader;
  const matrix = new Float64Array(new Uint8Array(bytes.subarray(lineEnd + 1)).buffer);
  return header.series.map((identity, i) => ({
    labels: readIdentity(identity).with({ job: header.job, instance: `${header.job}:9100` }),
    values: matrix.slice(i * header.rows, i * header.rows + rowCount),
  }));
}

/** `name{a="b",…}` as an exposition writes it. */
function readIdentity(identity: string): Labels {
  const brace = identity.indexOf("{");
  const name = brace < 0 ? identity : identity.slice(0, brace);
  const pairs: [string, string][] = [[METRIC_NAME, name]];
  for (const match of identity.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    pairs.push([match[1]!, match[2]!.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c))]);
  }
  return Labels.from(pairs);
}

function madeSeries(rowCount: number): RecordedSeries[] {
  const made: RecordedSeries[] = [];
  const add = (name: string, labels: Record<string, string>, value: (row: number) => number): void => {
    const all = { [METRIC_NAME]: name, job: "node", instance: "node:9100", ...labels };
    made.push({
      labels: Labels.fromObject(all),
      values: Float64Array.from({ length: rowCount }, (_, i) => value(i)),
    });
  };
  for (let cpu = 0; cpu < 2; cpu++) {
    for (const [m, mode] of ["idle", "user", "system", "iowait"].entries()) {
      add(
        "node_cpu_seconds_total",
        { cpu: String(cpu), mode },
        (i) => i * (12 - 3 * m) + Math.sin(i + cpu) + 5,
      );
    }
  }
  for (const device of ["eth0", "lo"]) {
    add("node_network_receive_bytes_total", { device }, (i) => (i % 100) * 1500 + device.length);
    add("node_network_transmit_bytes_total", { device }, (i) => i * i + device.length);
  }
  for (const [f, mountpoint] of ["/", "/boot", "/data"].entries()) {
    add("node_filesystem_size_bytes", { mountpoint, fstype: "ext4" }, () => 1e11 * (f + 1));
    add(
      "node_filesystem_avail_bytes",
      { mountpoint, fstype: "ext4" },
      (i) => 1e11 * (f + 1) - i * 4096 * (f + 1),
    );
  }
  add("node_memory_MemAvailable_bytes", {}, (i) => 8e9 + 1e6 * Math.cos(i / 7));
  add("node_memory_MemTotal_bytes", {}, () => 1.6e10);
  add("node_load1", {}, (i) => (i % 40 === 0 ? NaN : 0.5 + Math.sin(i / 5) / 2));
  add("node_procs_running", {}, (i) => (i > 100 && i < 140 ? NaN : i % 3));
  add("process_start_time_seconds", {}, (i) => (i < 120 ? 1.7e9 : 1.7e9 + 500));
  for (const handler of ["/metrics", "/query"]) {
    for (const [b, le] of ["0.1", "0.5", "1", "+Inf"].entries()) {
      add("prometheus_http_request_duration_seconds_bucket", { handler, le }, (i) => i * (b + 1));
    }
    add("prometheus_http_request_duration_seconds_count", { handler }, (i) => i * 4);
    add("prometheus_http_request_duration_seconds_sum", { handler }, (i) => i * 1.3);
  }
  return made;
}

/** Says once, where everyone sees it, what was left out for want of the shared data. */
export function tellMissingData(what: string): void {
  process.stderr.write(`note: no shared data at BINNACLE_SHARED (or beside ${repositoryRoot}): ${what}\n`);
}
