/** What forwarding tells of itself; `kind` is metrics or logs, and part of the names. */
import type { Counter, Gauge, Meter } from "@binnacle/model";

export interface ForwardMetrics {
  /** By outcome: ok, retried, refused. */
  readonly requests: Counter;
  readonly sentBytes: Counter;
  /** By reason: samples or lines that will never arrive. */
  readonly dropped: Counter;
  readonly queueBytes: Gauge;
  readonly queueEntries: Gauge;
}

export function registerForwardMetrics(meter: Meter, kind: "metrics" | "logs"): ForwardMetrics {
  const prefix = `binnacle_agent_forward_${kind}`;
  const what = kind === "metrics" ? "Samples" : "Log lines";
  return {
    requests: meter.counter({
      name: `${prefix}_requests_total`,
      help: "Requests to the server, by outcome.",
      labelNames: ["outcome"],
    }),
    sentBytes: meter.counter({
      name: `${prefix}_sent_bytes_total`,
      help: "Bytes the server took, compressed.",
    }),
    dropped: meter.counter({
      name: `${prefix}_dropped_total`,
      help: `${what} that were given up, by reason.`,
      labelNames: ["reason"],
    }),
    queueBytes: meter.gauge({ name: `${prefix}_queue_bytes`, help: "Bytes that wait on the disk." }),
    queueEntries: meter.gauge({ name: `${prefix}_queue_entries`, help: "Entries that wait on the disk." }),
  };
}
