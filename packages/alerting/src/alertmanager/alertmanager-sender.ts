/** Tells Alertmanagers elsewhere of alerts, all of them of everything, as Prometheus does. */
import {
  NO_LOGGER,
  NO_METER,
  SYSTEM_CLOCK,
  Labels,
  type Clock,
  type Logger,
  type Meter,
} from "@binnacle/model";
import type { Alert } from "../alert.ts";
import type { AlertmanagerConfig } from "../config/alertmanagers.ts";
import { withExternalLabels } from "../external-labels.ts";
import { STOP_GRACE_MS } from "../limits.ts";
import { AlertmanagerQueue, type QueueContext } from "./alertmanager-queue.ts";
import { createSenderMetrics } from "./sender-metrics.ts";

export interface AlertmanagerSenderOptions {
  readonly alertmanagers: readonly AlertmanagerConfig[];
  /** Added to alerts that lack them. Default none. */
  readonly externalLabels?: Labels;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly meter?: Meter;
}

export class AlertmanagerSender {
  readonly #externalLabels: Labels;
  readonly #context: QueueContext;
  #queues: readonly AlertmanagerQueue[] = [];

  constructor(options: AlertmanagerSenderOptions) {
    this.#externalLabels = options.externalLabels ?? Labels.EMPTY;
    this.#context = {
      clock: options.clock ?? SYSTEM_CLOCK,
      logger: options.logger ?? NO_LOGGER,
      metrics: createSenderMetrics(options.meter ?? NO_METER),
    };
    this.apply(options.alertmanagers);
  }

  /** Queues alerts for every Alertmanager; never throws and never waits. */
  send(alerts: readonly Alert[]): void {
    const external = this.#externalLabels;
    const labelled = alerts.map((alert) => withLabels(alert, withExternalLabels(alert.labels, external)));
    for (const queue of this.#queues) queue.push(labelled);
  }

  /** Makes these the Alertmanagers. What waits for the ones before is still sent, within STOP_GRACE_MS. */
  apply(alertmanagers: readonly AlertmanagerConfig[]): void {
    for (const queue of this.#queues) void queue.stop(STOP_GRACE_MS);
    this.#queues = alertmanagers.map((config) => new AlertmanagerQueue(config, this.#context));
  }

  /** Where alerts go. */
  urls(): readonly string[] {
    return this.#queues.map((queue) => queue.config.url);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.stop(STOP_GRACE_MS)));
  }
}

function withLabels(alert: Alert, labels: Labels): Alert {
  return labels === alert.labels ? alert : { ...alert, labels };
}
