/** What the notifier counts of itself. */
import type { Counter, Gauge, Meter, Observer } from "@binnacle/model";

export interface NotifierMetrics {
  readonly received: Counter;
  readonly dropped: Counter;
  readonly alerts: Gauge;
  readonly groups: Gauge;
  readonly sent: Counter;
  readonly failed: Counter;
  readonly retries: Counter;
  readonly seconds: Observer;
}

export function createNotifierMetrics(meter: Meter): NotifierMetrics {
  return {
    received: meter.counter({
      name: "binnacle_notifier_alerts_received_total",
      help: "Alerts the notifier was told of, by their status.",
      labelNames: ["status"],
    }),
    dropped: meter.counter({
      name: "binnacle_notifier_alerts_dropped_total",
      help: "Alerts that are not told of, by reason.",
      labelNames: ["reason"],
    }),
    alerts: meter.gauge({ name: "binnacle_notifier_alerts", help: "Alerts the notifier holds." }),
    groups: meter.gauge({ name: "binnacle_notifier_groups", help: "Groups of alerts the notifier holds." }),
    sent: meter.counter({
      name: "binnacle_notifications_total",
      help: "Notifications that were delivered.",
      labelNames: ["receiver", "integration"],
    }),
    failed: meter.counter({
      name: "binnacle_notifications_failed_total",
      help: "Notifications given up, by reason; they are tried again with the group's next interval.",
      labelNames: ["receiver", "integration", "reason"],
    }),
    retries: meter.counter({
      name: "binnacle_notification_retries_total",
      help: "Attempts to notify that failed and were made again.",
      labelNames: ["receiver", "integration", "reason"],
    }),
    seconds: meter.histogram({
      name: "binnacle_notification_duration_seconds",
      help: "How long delivering a notification took, retries included.",
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300],
    }),
  };
}
