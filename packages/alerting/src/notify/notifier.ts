/**
 * Takes alerts, groups them by the routing tree and has the receivers told: what Alertmanager is to
 * Prometheus.
 */
import {
  NO_LOGGER,
  NO_METER,
  SYSTEM_CLOCK,
  Labels,
  type Clock,
  type Logger,
  type Meter,
} from "@binnacle/model";
import { fingerprint, isResolved, type Alert } from "../alert.ts";
import type { NotificationsConfig } from "../config/notifications.ts";
import { withExternalLabels } from "../external-labels.ts";
import {
  ALERT_GROUPS_MAX,
  ALERTS_MAX,
  MAINTENANCE_INTERVAL_MS,
  RESTART_GRACE_MS,
  STOP_GRACE_MS,
} from "../limits.ts";
import { LogReceiver } from "../receivers/log.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { WebhookReceiver } from "../receivers/webhook.ts";
import { AlertGroup } from "./alert-group.ts";
import type { LogEntry } from "./dedup.ts";
import { deliver, type DeliveryContext, type NotificationLog } from "./delivery.ts";
import { mergeAlerts, type StoredAlert } from "./merge.ts";
import { NotificationStore } from "./notification-store.ts";
import { createNotifierMetrics, type NotifierMetrics } from "./notifier-metrics.ts";
import { groupKey, Route } from "./route.ts";

export interface NotifierOptions {
  /** The folder of its data, which nobody else uses. */
  readonly dir: string;
  readonly config: NotificationsConfig;
  /** Where people reach this server, for links. */
  readonly externalUrl: string;
  /** Added to alerts that lack them. Default none. */
  readonly externalLabels?: Labels;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly meter?: Meter;
  /** 0 ≤ x < 1, to spread retries. Default Math.random. */
  readonly random?: () => number;
}

export class Notifier {
  readonly #store: NotificationStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: NotifierMetrics;
  readonly #externalLabels: Labels;
  readonly #notificationLog: NotificationLog;
  readonly #random: () => number;
  readonly #externalUrl: string;
  readonly #stop = new AbortController();
  readonly #abort = new AbortController();
  readonly #alerts = new Map<string, StoredAlert>();
  readonly #log: Map<string, LogEntry>;
  readonly #maintenance: NodeJS.Timeout;
  #route: Route;
  #receivers: ReadonlyMap<string, readonly Receiver[]>;
  /** By receiver and key: two routes may have the same matchers. */
  #groups = new Map<string, AlertGroup>();
  /** Ends the retries of groups that the next `apply` replaces. */
  #replaced = new AbortController();
  /** Deliveries of groups from before the last `apply`: new groups wait for them, lest both say the same. */
  #former: Promise<unknown> = Promise.resolve();

  private constructor(store: NotificationStore, options: NotifierOptions) {
    this.#store = store;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#logger = options.logger ?? NO_LOGGER;
    this.#metrics = createNotifierMetrics(options.meter ?? NO_METER);
    this.#externalLabels = options.externalLabels ?? Labels.EMPTY;
    this.#log = store.loadLog();
    this.#notificationLog = {
      get: (key) => this.#log.get(key),
      put: async (key, entry) => {
        await store.putLogEntry(key, entry);
        this.#log.set(key, entry);
      },
    };
    this.#random = options.random ?? Math.random;
    this.#externalUrl = options.externalUrl.replace(/\/$/, "");
    this.#route = Route.fromConfig(options.config.route);
    this.#receivers = this.#createReceivers(options.config);
    this.#loadAlerts();
    this.#maintenance = setInterval(() => this.#maintain(), MAINTENANCE_INTERVAL_MS);
    this.#maintenance.unref();
  }

  /**
   * Goes on where it stopped: with the alerts that were active, and knowing what was sent. Throws FatalError.
   */
  static async open(options: NotifierOptions): Promise<Notifier> {
    const store = NotificationStore.open(options.dir, options.logger ?? NO_LOGGER);
    return new Notifier(store, options);
  }

  /** Who would have said that an alert goes on was stopped as well: it gets time to speak. */
  #loadAlerts(): void {
    const endsAtMsMin = this.#clock.nowMs() + RESTART_GRACE_MS;
    for (const stored of this.#store.loadAlerts()) {
      const wasFiring = stored.endsAtMs > stored.updatedAtMs;
      this.#keep(wasFiring ? { ...stored, endsAtMs: Math.max(stored.endsAtMs, endsAtMsMin) } : stored);
    }
  }

  /** Takes news of alerts. What cannot be taken is dropped, counted and logged; never throws. */
  receive(alerts: readonly Alert[]): void {
    if (this.#stop.signal.aborted) return;
    const nowMs = this.#clock.nowMs();
    for (const alert of alerts) this.#receiveOne(alert, nowMs);
    this.#metrics.alerts.set(this.#alerts.size);
  }

  #receiveOne(alert: Alert, nowMs: number): void {
    const status = isResolved(alert, nowMs) ? "resolved" : "firing";
    this.#metrics.received.inc({ status });
    const labels = withExternalLabels(alert.labels, this.#externalLabels);
    const news: StoredAlert = { ...alert, labels, fingerprint: fingerprint(labels), updatedAtMs: nowMs };
    const known = this.#alerts.get(news.fingerprint);
    if (known === undefined) {
      // The end of what nobody was told of is no news.
      if (status === "resolved") return;
      if (this.#alerts.size >= ALERTS_MAX) return this.#drop("alert_limit", news);
    } else if (status === "resolved" && known.endsAtMs === news.endsAtMs) {
      return;
    }
    const merged = known === undefined ? news : mergeAlerts(known, news, nowMs);
    this.#store.putAlert(merged);
    this.#keep(merged);
  }

  #drop(reason: string, alert: StoredAlert): void {
    this.#metrics.dropped.inc({ reason });
    this.#logger.warn({ reason, labels: alert.labels }, "an alert is dropped");
  }

  #keep(alert: StoredAlert): void {
    this.#alerts.set(alert.fingerprint, alert);
    for (const route of this.#route.match(alert.labels)) {
      this.#groupOf(route, alert)?.insert(alert);
    }
    this.#metrics.groups.set(this.#groups.size);
  }

  #groupId(route: Route, alert: StoredAlert): string {
    return `${route.options.receiver}\n${groupKey(route, route.groupLabels(alert.labels))}`;
  }

  #groupOf(route: Route, alert: StoredAlert): AlertGroup | undefined {
    const labels = route.groupLabels(alert.labels);
    const key = groupKey(route, labels);
    const id = this.#groupId(route, alert);
    const existing = this.#groups.get(id);
    if (existing !== undefined) return existing;
    if (this.#groups.size >= ALERT_GROUPS_MAX) {
      this.#drop("group_limit", alert);
      return undefined;
    }
    const integrations = this.#receivers.get(route.options.receiver) ?? [];
    const former = this.#former;
    const groups = this.#groups;
    const context = this.#deliveryContext();
    const group = new AlertGroup({
      route,
      clock: this.#clock,
      deliver: async (alerts, nowMs) => {
        await former;
        const delivery = {
          groupKey: key,
          groupLabels: labels,
          route: route.options,
          integrations,
          alerts,
          nowMs,
        };
        return deliver(delivery, context);
      },
      onGone: (gone) => this.#forget(gone),
      onEmpty: () => {
        groups.delete(id);
        this.#metrics.groups.set(this.#groups.size);
      },
    });
    groups.set(id, group);
    return group;
  }

  #deliveryContext(): DeliveryContext {
    return {
      log: this.#notificationLog,
      clock: this.#clock,
      random: this.#random,
      logger: this.#logger,
      metrics: this.#metrics,
      externalUrl: this.#externalUrl,
      stop: AbortSignal.any([this.#stop.signal, this.#replaced.signal]),
      abort: this.#abort.signal,
    };
  }

  /** Resolved alerts that one group is done with are forgotten once all are. */
  #forget(gone: readonly StoredAlert[]): void {
    for (const alert of gone) {
      if (this.#alerts.get(alert.fingerprint) !== alert) continue;
      const routes = this.#route.match(alert.labels);
      if (routes.some((route) => this.#groups.get(this.#groupId(route, alert))?.holds(alert))) continue;
      this.#alerts.delete(alert.fingerprint);
      this.#store.removeAlert(alert.fingerprint);
    }
    this.#metrics.alerts.set(this.#alerts.size);
  }

  /** Makes this the configuration. Active alerts are grouped anew; who was told of what stays known. */
  apply(config: NotificationsConfig): void {
    this.#replaced.abort();
    this.#replaced = new AbortController();
    const former = [...this.#groups.values()].map((group) => group.stop());
    this.#former = Promise.allSettled([this.#former, ...former]);
    this.#groups = new Map();
    this.#route = Route.fromConfig(config.route);
    this.#receivers = this.#createReceivers(config);
    for (const alert of this.#alerts.values()) this.#keep(alert);
  }

  #createReceivers(config: NotificationsConfig): ReadonlyMap<string, readonly Receiver[]> {
    return new Map(
      config.receivers.map((receiver) => [
        receiver.name,
        [
          ...receiver.webhook_configs.map((webhook, i) => new WebhookReceiver(webhook, i, this.#clock)),
          ...receiver.log_configs.map((log, i) => new LogReceiver(log, i, this.#logger)),
        ],
      ]),
    );
  }

  /** Forgets what was sent so long ago that it would be sent again anyway. */
  #maintain(): void {
    const nowMs = this.#clock.nowMs();
    for (const [key, entry] of this.#log) {
      if (entry.expiresAtMs > nowMs) continue;
      this.#log.delete(key);
      this.#store.removeLogEntry(key);
    }
  }

  /** The alerts it holds, firing and just resolved. */
  alerts(): readonly StoredAlert[] {
    return [...this.#alerts.values()];
  }

  /**
   * Requests under way get STOP_GRACE_MS to end; whatever is not delivered then is delivered after the next
   * start.
   */
  async stop(): Promise<void> {
    clearInterval(this.#maintenance);
    this.#stop.abort();
    const grace = setTimeout(() => this.#abort.abort(), STOP_GRACE_MS);
    await Promise.all([this.#former, ...[...this.#groups.values()].map((group) => group.stop())]);
    clearTimeout(grace);
    await this.#store.close();
  }
}
