/** Alerts on their way to one Alertmanager: a bounded queue, sent a batch at a time. */
import type { Clock, Logger } from "@binnacle/model";
import type { Alert } from "../alert.ts";
import type { AlertmanagerConfig } from "../config/alertmanagers.ts";
import { authorizationHeader } from "../config/http-auth.ts";
import { ALERTMANAGER_BATCH_MAX, ALERTMANAGER_QUEUE_MAX } from "../limits.ts";
import { formatTime } from "../notify/payload.ts";
import { postJson } from "../receivers/http-post.ts";
import type { SenderMetrics } from "./sender-metrics.ts";

export interface QueueContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SenderMetrics;
}

export class AlertmanagerQueue {
  readonly config: AlertmanagerConfig;
  readonly #context: QueueContext;
  readonly #abort = new AbortController();
  #queue: Alert[] = [];
  #sending: Promise<void> | undefined;

  constructor(config: AlertmanagerConfig, context: QueueContext) {
    this.config = config;
    this.#context = context;
  }

  push(alerts: readonly Alert[]): void {
    const { metrics } = this.#context;
    for (const alert of alerts) {
      const labels = this.config.relabel(alert.labels);
      if (labels !== undefined) this.#queue.push(labels === alert.labels ? alert : { ...alert, labels });
    }
    // The oldest go: what still fires is told of again soon.
    const excess = this.#queue.length - ALERTMANAGER_QUEUE_MAX;
    if (excess > 0) {
      this.#queue.splice(0, excess);
      metrics.dropped.inc({ alertmanager: this.config.url, reason: "queue_full" }, excess);
    }
    metrics.queueLength.set(this.#queue.length, { alertmanager: this.config.url });
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0 && !this.#abort.signal.aborted) {
      const batch = this.#queue.splice(0, ALERTMANAGER_BATCH_MAX);
      this.#context.metrics.queueLength.set(this.#queue.length, { alertmanager: this.config.url });
      await this.#send(batch);
    }
  }

  /**
   * A batch that fails is dropped: rules tell of what fires, and of what was resolved, again every minute.
   */
  async #send(batch: readonly Alert[]): Promise<void> {
    const { clock, logger, metrics } = this.#context;
    const { url, timeoutMs, auth } = this.config;
    const startedMs = clock.monotonicMs();
    try {
      await postJson({
        url,
        body: batch.map(toPostableAlert),
        headers: authorizationHeader(auth),
        timeoutMs,
        signal: this.#abort.signal,
        nowMs: clock.nowMs(),
      });
      metrics.sent.inc({ alertmanager: url }, batch.length);
    } catch (error) {
      const err = error instanceof Error ? error.message : String(error);
      metrics.dropped.inc({ alertmanager: url, reason: "send_failed" }, batch.length);
      logger.warn({ alertmanager: url, alerts: batch.length, err }, "telling an Alertmanager failed");
    }
    metrics.seconds.observe((clock.monotonicMs() - startedMs) / 1000, { alertmanager: url });
  }

  /** Waits for what is queued, at most `graceMs`; the rest is dropped. */
  async stop(graceMs: number): Promise<void> {
    const grace = setTimeout(() => this.#abort.abort(), graceMs);
    await this.#sending;
    clearTimeout(grace);
    this.#abort.abort();
    if (this.#queue.length === 0) return;
    this.#context.metrics.dropped.inc(
      { alertmanager: this.config.url, reason: "stopped" },
      this.#queue.length,
    );
    this.#queue = [];
  }
}

/** An alert as POST /api/v2/alerts takes it. */
function toPostableAlert(alert: Alert): object {
  return {
    labels: alert.labels.toObject(),
    annotations: alert.annotations.toObject(),
    startsAt: formatTime(alert.startsAtMs),
    endsAt: formatTime(alert.endsAtMs),
    generatorURL: alert.generatorUrl,
  };
}
