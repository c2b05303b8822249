/** What the store tells of itself. */
import type { Counter, Gauge, Meter } from "@binnacle/model";

export interface StoreMetrics {
  readonly lines: Counter;
  readonly bytes: Counter;
  readonly rejected: Counter;
  readonly repeated: Counter;
  readonly damaged: Counter;
  readonly lostLines: Counter;
  readonly partsExpired: Counter;
  readonly jobs: Counter;
  readonly jobFailures: Counter;
  readonly headBytes: Gauge;
  readonly parts: Gauge;
  readonly partBytes: Gauge;
  readonly streams: Gauge;
  readonly deletions: Gauge;
  readonly readOnly: Gauge;
}

export function storeMetrics(meter: Meter): StoreMetrics {
  return {
    lines: meter.counter({ name: "binnacle_logs_lines_total", help: "Log lines taken." }),
    bytes: meter.counter({ name: "binnacle_logs_line_bytes_total", help: "Bytes of the log lines taken." }),
    rejected: meter.counter({
      name: "binnacle_logs_rejected_lines_total",
      help: "Log lines refused, by reason.",
      labelNames: ["reason"],
    }),
    repeated: meter.counter({
      name: "binnacle_logs_repeated_batches_total",
      help: "Batches not stored since they came a second time byte for byte.",
    }),
    damaged: meter.counter({
      name: "binnacle_logs_damaged_files_total",
      help: "Files of the log store that could not be read and were put aside.",
    }),
    lostLines: meter.counter({
      name: "binnacle_logs_lost_lines_total",
      help: "Log lines that were stored in what is damaged now and could not be saved.",
    }),
    partsExpired: meter.counter({
      name: "binnacle_logs_parts_expired_total",
      help: "Sealed parts of logs removed by the retention, by whether it is that of time or of size.",
      labelNames: ["reason"],
    }),
    jobs: meter.counter({
      name: "binnacle_logs_jobs_total",
      help: "Sealing and merging jobs done.",
      labelNames: ["kind"],
    }),
    jobFailures: meter.counter({
      name: "binnacle_logs_job_failures_total",
      help: "Sealing and merging jobs that failed.",
      labelNames: ["kind"],
    }),
    headBytes: meter.gauge({
      name: "binnacle_logs_head_bytes",
      help: "Bytes of log lines that are not yet sealed.",
    }),
    parts: meter.gauge({ name: "binnacle_logs_parts", help: "Sealed parts of logs." }),
    partBytes: meter.gauge({ name: "binnacle_logs_part_bytes", help: "Bytes of sealed parts of logs." }),
    streams: meter.gauge({ name: "binnacle_logs_streams", help: "Log streams that have lines." }),
    deletions: meter.gauge({
      name: "binnacle_logs_deletions",
      help: "Deletions whose log lines are hidden and still on disk.",
    }),
    readOnly: meter.gauge({
      name: "binnacle_logs_read_only",
      help: "1 while the disk is too full to take log lines.",
    }),
  };
}
