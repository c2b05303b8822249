/** What is counted of alerts sent to Alertmanagers. */
import type { Counter, Gauge, Meter, Observer } from "@binnacle/model";

export interface SenderMetrics {
  readonly sent: Counter;
  readonly dropped: Counter;
  readonly queueLength: Gauge;
  readonly seconds: Observer;
}

export function createSenderMetrics(meter: Meter): SenderMetrics {
  return {
    sent: meter.counter({
      name: "binnacle_alertmanager_alerts_sent_total",
      help: "Alerts that an Alertmanager took.",
      labelNames: ["alertmanager"],
    }),
    dropped: meter.counter({
      name: "binnacle_alertmanager_alerts_dropped_total",
      help: "Alerts that an Alertmanager was not told of, by reason.",
      labelNames: ["alertmanager", "reason"],
    }),
    queueLength: meter.gauge({
      name: "binnacle_alertmanager_queue_length",
      help: "Alerts that wait to be sent to an Alertmanager.",
      labelNames: ["alertmanager"],
    }),
    seconds: meter.histogram({
      name: "binnacle_alertmanager_request_duration_seconds",
      help: "How long requests to Alertmanagers took.",
      labelNames: ["alertmanager"],
      buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    }),
  };
}
