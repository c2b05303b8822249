/** Alerts that are told of together, and when: after group_wait at first, then every group_interval. */
import type { Clock } from "@binnacle/model";
import { isResolved } from "../alert.ts";
import type { StoredAlert } from "./merge.ts";
import { compareAlerts } from "./payload.ts";
import type { Route } from "./route.ts";

export interface AlertGroupOptions {
  readonly route: Route;
  readonly clock: Clock;
  /** Tells the receiver; false where that failed, and the same is to be told again. Never rejects. */
  readonly deliver: (alerts: readonly StoredAlert[], nowMs: number) => Promise<boolean>;
  /** The group holds none of these any more. */
  readonly onGone: (alerts: readonly StoredAlert[]) => void;
  /** The group is empty: it does nothing more. */
  readonly onEmpty: () => void;
}

export class AlertGroup {
  readonly #options: AlertGroupOptions;
  readonly #alerts = new Map<string, StoredAlert>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #hasFlushed = false;
  #isStopped = false;

  constructor(options: AlertGroupOptions) {
    this.#options = options;
    this.#schedule(options.route.options.groupWaitMs);
  }

  /** Whether it still has to tell of just this news of the alert. */
  holds(alert: StoredAlert): boolean {
    return this.#alerts.get(alert.fingerprint) === alert;
  }

  insert(alert: StoredAlert): void {
    this.#alerts.set(alert.fingerprint, alert);
    const { clock, route } = this.#options;
    // Its wait is over already, as after a restart: no need to wait for the group's own.
    const isOverdue = alert.startsAtMs + route.options.groupWaitMs < clock.nowMs();
    if (!this.#hasFlushed && isOverdue) this.#schedule(0);
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#flushing = this.#flush();
    }, delayMs);
  }

  async #flush(): Promise<void> {
    const { clock, route, deliver, onGone, onEmpty } = this.#options;
    this.#hasFlushed = true;
    const startedMs = clock.monotonicMs();
    const nowMs = clock.nowMs();
    const alerts = [...this.#alerts.values()].sort(compareAlerts);
    const isDelivered = await deliver(alerts, nowMs);
    // Resolved alerts are forgotten once told of, unless there is newer news of them.
    const gone = isDelivered
      ? alerts.filter((alert) => isResolved(alert, nowMs) && this.#alerts.get(alert.fingerprint) === alert)
      : [];
    for (const { fingerprint } of gone) this.#alerts.delete(fingerprint);
    if (this.#isStopped) return;
    onGone(gone);
    if (this.#alerts.size === 0) {
      this.#isStopped = true;
      onEmpty();
      return;
    }
    const elapsedMs = clock.monotonicMs() - startedMs;
    this.#schedule(Math.max(0, route.options.groupIntervalMs - elapsedMs));
  }

  /** Resolves when no delivery is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#flushing;
  }
}
