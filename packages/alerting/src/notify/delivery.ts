/** Tells all integrations of one receiver what they do not know yet, and notes down that they do. */
import type { Clock, Labels, Logger } from "@binnacle/model";
import { isResolved } from "../alert.ts";
import { LOG_RETENTION_MIN_MS, NOTIFY_TIMEOUT_MIN_MS } from "../limits.ts";
import { DeliveryError, type Receiver } from "../receivers/receiver.ts";
import { reasonToNotify, type LogEntry } from "./dedup.ts";
import type { StoredAlert } from "./merge.ts";
import type { NotifierMetrics } from "./notifier-metrics.ts";
import type { Notification } from "./payload.ts";
import { withRetries } from "./retry.ts";
import type { RouteOptions } from "./route.ts";

/** What was sent to whom; an entry counts once it is on disk. */
export interface NotificationLog {
  get(key: string): LogEntry | undefined;
  put(key: string, entry: LogEntry): Promise<void>;
}

export interface DeliveryContext {
  readonly log: NotificationLog;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: NotifierMetrics;
  readonly externalUrl: string;
  /** No new attempt is made. */
  readonly stop: AbortSignal;
  /** Requests under way are broken off. */
  readonly abort: AbortSignal;
}

export interface Delivery {
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly route: RouteOptions;
  readonly integrations: readonly Receiver[];
  readonly alerts: readonly StoredAlert[];
  readonly nowMs: number;
}

/**
 * Answers whether every integration knows of everything now. Never rejects: failures are logged and counted.
 */
export async function deliver(delivery: Delivery, context: DeliveryContext): Promise<boolean> {
  const done = await Promise.all(
    delivery.integrations.map((integration) => deliverTo(integration, delivery, context)),
  );
  return done.every(Boolean);
}

async function deliverTo(receiver: Receiver, delivery: Delivery, context: DeliveryContext): Promise<boolean> {
  const { nowMs, route, alerts, groupKey } = delivery;
  const { log, logger, metrics } = context;
  const key = logKey(delivery, receiver);
  const firing = alerts.filter((alert) => !isResolved(alert, nowMs));
  const resolved = alerts.filter((alert) => isResolved(alert, nowMs));
  const state = { firing: firing.map(toFingerprint), resolved: resolved.map(toFingerprint) };
  const { sendResolved } = receiver;
  const { repeatIntervalMs } = route;
  const reason = reasonToNotify(log.get(key), state, { sendResolved, repeatIntervalMs, nowMs });
  if (reason === undefined) return true;

  const labels = { receiver: route.receiver, integration: receiver.integration };
  try {
    const told = sendResolved ? alerts : firing;
    if (told.length > 0) await send(receiver, told, delivery, context);
    const keptMs = Math.max(2 * repeatIntervalMs, LOG_RETENTION_MIN_MS);
    await log.put(key, { sentAtMs: nowMs, ...state, expiresAtMs: nowMs + keptMs });
    logger.debug({ ...labels, groupKey, reason, alerts: told.length }, "notified");
    return true;
  } catch (error) {
    const failure = error instanceof DeliveryError ? error.reason : "other";
    const err = error instanceof Error ? error.message : String(error);
    metrics.failed.inc({ ...labels, reason: failure });
    logger.warn({ ...labels, groupKey, err }, "a notification was not delivered");
    return false;
  }
}

async function send(
  receiver: Receiver,
  alerts: readonly StoredAlert[],
  delivery: Delivery,
  context: DeliveryContext,
): Promise<void> {
  const { clock, metrics, logger } = context;
  const { route, groupKey, groupLabels, nowMs } = delivery;
  const labels = { receiver: route.receiver, integration: receiver.integration };
  const startedMs = clock.monotonicMs();
  const timeoutMs = Math.max(route.groupIntervalMs, NOTIFY_TIMEOUT_MIN_MS);
  const signal = AbortSignal.any([context.abort, AbortSignal.timeout(timeoutMs)]);
  const notification: Notification = {
    groupKey,
    groupLabels,
    receiver: route.receiver,
    externalUrl: context.externalUrl,
    alerts,
    nowMs,
  };
  await withRetries(() => receiver.send(notification, signal), {
    deadlineMonotonicMs: startedMs + timeoutMs,
    stop: context.stop,
    clock,
    random: context.random,
    onRetry: (error, waitMs) => {
      metrics.retries.inc({ ...labels, reason: error.reason });
      logger.debug({ ...labels, groupKey, err: error.message, waitMs }, "a notification is tried again");
    },
  });
  metrics.sent.inc(labels);
  metrics.seconds.observe((clock.monotonicMs() - startedMs) / 1000);
}

function toFingerprint(alert: StoredAlert): string {
  return alert.fingerprint;
}

/** Which group told which integration: both survive a change of the other's configuration. */
function logKey(delivery: Delivery, receiver: Receiver): string {
  return `${delivery.groupKey}\n${delivery.route.receiver}\n${receiver.integration}`;
}
