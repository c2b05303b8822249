/** What the store tells of itself. */
import type { Counter, Gauge, Meter } from "@binnacle/model";

export interface StoreMetrics {
  readonly lines: Counter;
  readonly bytes: Counter;
  readonly rejected: Counter;
  readonly repeated: Counter;
  readonly damaged: Counter;
  readonly jobs: Counter;
  readonly jobFailures: Counter;
  readonly headBytes: Gauge;
  readonly parts: Gauge;
  readonly partBytes: Gauge;
  readonly streams: Gauge;
}

export function storeMetrics(meter: Meter): StoreMetrics {
  const counter = (name: string, help: string, labelNames: readonly string[] = []): Counter =>
    meter.counter({ name: `binnacle_logs_${name}`, help, labelNames });
  const gauge = (name: string, help: string): Gauge => meter.gauge({ name: `binnacle_logs_${name}`, help });
  return {
    lines: counter("lines_total", "Log lines taken."),
    bytes: counter("line_bytes_total", "Bytes of the log lines taken."),
    rejected: counter("rejected_lines_total", "Log lines refused, by reason.", ["reason"]),
    repeated: counter(
      "repeated_batches_total",
      "Batches not stored since they came a second time byte for byte.",
    ),
    damaged: counter(
      "damaged_files_total",
      "Files of the log store that could not be read and were put aside.",
    ),
    jobs: counter("jobs_total", "Sealing and merging jobs done.", ["kind"]),
    jobFailures: counter("job_failures_total", "Sealing and merging jobs that failed.", ["kind"]),
    headBytes: gauge("head_bytes", "Bytes of log lines that are not yet sealed."),
    parts: gauge("parts", "Sealed parts of logs."),
    partBytes: gauge("part_bytes", "Bytes of sealed parts of logs."),
    streams: gauge("streams", "Log streams that have lines."),
  };
}
