/** An hour and a half of three instances of a demo service, scraped every 5 s. */
import { Labels, seededRandom } from "@binnacle/model";
import type { RecordedSeries, Recording } from "./recorded.ts";

const STEP_MS = 5000;
const ROWS = 1080;
const HOSTS = ["demo.promlabs.com:10000", "demo.promlabs.com:10001", "demo.promlabs.com:10002"];
const BOUNDS = ["0.0001", "0.001", "0.01", "0.1", "1", "+Inf"];

/** `startMs`: when its first row is, which some of its values tell. */
export function demoRecording(startMs: number): Recording {
  const random = seededRandom(3);
  const series: RecordedSeries[] = [];
  const add = (name: string, labels: Record<string, string>, at: (row: number) => number): void => {
    series.push({
      labels: Labels.fromObject({ __name__: name, job: "demo", ...labels }),
      values: Float64Array.from({ length: ROWS }, (_, row) => at(row)),
    });
  };
  for (const [h, instance] of HOSTS.entries()) {
    for (const [t, type] of ["used", "buffers", "cached", "free"].entries()) {
      add("demo_memory_usage_bytes", { instance, type }, (row) => {
        return Math.round(1e9 * (t + 1) + 3e8 * Math.sin(row / (40 + h)) + random.next() * 1e6);
      });
    }
    for (const [m, mode] of ["idle", "user", "system"].entries()) {
      let total = 100 * h;
      add("demo_cpu_usage_seconds_total", { instance, mode }, (row) => {
        total = row === 500 + 100 * h ? 0 : total + random.next() * (m + 1);
        return total;
      });
    }
    add("demo_num_cpus", { instance }, () => 4);
    add("demo_disk_usage_bytes", { instance }, (row) => 1e11 + row * 12_345 * (h + 1) + random.next() * 1e4);
    add("demo_disk_total_bytes", { instance }, () => 3e11);
    add("demo_batch_last_success_timestamp_seconds", { instance }, (row) => {
      return (startMs + Math.floor(row / 25) * 25 * STEP_MS) / 1000 - 5;
    });
    const counts = BOUNDS.map(() => 0);
    for (const [b, le] of BOUNDS.entries()) {
      const rate = (b + 1) * (h + 1);
      add("demo_api_request_duration_seconds_bucket", { instance, le, path: "/api/foo" }, () => {
        counts[b]! += rate;
        return counts[b]!;
      });
    }
    add("demo_api_request_duration_seconds_count", { instance, path: "/api/foo" }, (row) => 6 * row);
    add("demo_api_request_duration_seconds_sum", { instance, path: "/api/foo" }, (row) => row / 3);
    add("demo_intermittent_metric", { instance }, (row) => (row % 120 < 30 + 20 * h ? NaN : 1));
  }
  return { isReal: false, stepMs: STEP_MS, rowCount: ROWS, series };
}
