/** What listeners for syslog tell of themselves, all together. */
import type { Counter, Gauge, Meter } from "@binnacle/model";

export type SyslogDropReason = "message_too_long" | "queue_full" | "too_many_connections" | "not_stored";

export interface SyslogMetrics {
  readonly messages: Counter;
  readonly dropped: Counter;
  readonly connections: Gauge;
}

export function syslogMetrics(meter: Meter): SyslogMetrics {
  return {
    messages: meter.counter({
      name: "binnacle_syslog_messages_total",
      help: "Messages of syslog taken.",
      labelNames: ["protocol"],
    }),
    dropped: meter.counter({
      name: "binnacle_syslog_dropped_total",
      help: "Messages of syslog, and connections, that were dropped, by reason.",
      labelNames: ["reason"],
    }),
    connections: meter.gauge({
      name: "binnacle_syslog_connections",
      help: "Connections of syslog that are open.",
      labelNames: ["listen"],
    }),
  };
}
