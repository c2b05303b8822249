/** What tailing tells of itself. */
import type { Counter, Gauge, Meter } from "@binnacle/model";

export interface TailMetrics {
  readonly linesRead: Counter;
  readonly bytesRead: Counter;
  /** By reason: what was read and not stored. */
  readonly linesDropped: Counter;
  /** Lines over LOG_LINE_BYTES_MAX, stored without their end. */
  readonly linesCut: Counter;
  /** Lines that are not what their file's format says, stored as they stand. */
  readonly linesMalformed: Counter;
  readonly truncations: Counter;
  /** By reason: files found and not opened. */
  readonly filesRefused: Counter;
  /** Rotated files that were gone before they were read to their end. */
  readonly filesMissed: Counter;
  readonly sendRetries: Counter;
  readonly filesOpen: Gauge;
  readonly lagBytes: Gauge;
}

export function registerTailMetrics(meter: Meter): TailMetrics {
  const counter = (name: string, help: string, ...labelNames: string[]): Counter =>
    meter.counter({ name: `binnacle_agent_log_${name}`, help, labelNames });
  return {
    linesRead: counter("lines_read_total", "Lines read from log files."),
    bytesRead: counter("bytes_read_total", "Bytes of lines read from log files."),
    linesDropped: counter("lines_dropped_total", "Lines read and not stored, by reason.", "reason"),
    linesCut: counter("lines_cut_total", "Lines over the limit, stored without their end."),
    linesMalformed: counter(
      "lines_malformed_total",
      "Lines not of their file's format, stored as they stand.",
      "format",
    ),
    truncations: counter("truncations_total", "Log files that were truncated while they were followed."),
    filesRefused: counter("files_refused_total", "Log files found and not opened, by reason.", "reason"),
    filesMissed: counter(
      "files_missed_total",
      "Rotated files that were gone before they were read to their end.",
    ),
    sendRetries: counter("send_retries_total", "Batches of lines that were sent again, by reason.", "reason"),
    filesOpen: meter.gauge({ name: "binnacle_agent_log_files_open", help: "Log files held open." }),
    lagBytes: meter.gauge({
      name: "binnacle_agent_log_lag_bytes",
      help: "Bytes of open log files not read yet.",
    }),
  };
}
