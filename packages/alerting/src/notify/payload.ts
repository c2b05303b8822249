/** What a notification says: Alertmanager's message of version 4. */
import { compareLabels, compareText, Labels } from "@binnacle/model";
import { isResolved } from "../alert.ts";
import type { StoredAlert } from "./merge.ts";

export interface AlertPayload {
  readonly status: "firing" | "resolved";
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  /** RFC 3339. */
  readonly startsAt: string;
  /** RFC 3339; year 1 while it fires. */
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

export interface NotificationPayload {
  readonly receiver: string;
  /** firing if any alert is. */
  readonly status: "firing" | "resolved";
  readonly alerts: readonly AlertPayload[];
  readonly groupLabels: Record<string, string>;
  readonly commonLabels: Record<string, string>;
  readonly commonAnnotations: Record<string, string>;
  readonly externalURL: string;
  readonly version: "4";
  readonly groupKey: string;
  /** How many alerts were left out for `max_alerts`. */
  readonly truncatedAlerts: number;
}

/** A group's alerts at the moment of its notification. */
export interface Notification {
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly receiver: string;
  readonly externalUrl: string;
  /** In the order of `compareAlerts`. */
  readonly alerts: readonly StoredAlert[];
  /** Unix ms by which firing and resolved are told apart. */
  readonly nowMs: number;
}

const NO_TIME = "0001-01-01T00:00:00Z";

/** At most `alertsMax` alerts, 0 for all. */
export function toPayload(notification: Notification, alertsMax = 0): NotificationPayload {
  const { nowMs } = notification;
  const alerts = alertsMax > 0 ? notification.alerts.slice(0, alertsMax) : notification.alerts;
  const isFiring = alerts.some((alert) => !isResolved(alert, nowMs));
  return {
    receiver: notification.receiver,
    status: isFiring ? "firing" : "resolved",
    alerts: alerts.map((alert) => toAlertPayload(alert, nowMs)),
    groupLabels: notification.groupLabels.toObject(),
    commonLabels: common(alerts.map(({ labels }) => labels)).toObject(),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)).toObject(),
    externalURL: notification.externalUrl,
    version: "4",
    groupKey: notification.groupKey,
    truncatedAlerts: notification.alerts.length - alerts.length,
  };
}

function toAlertPayload(alert: StoredAlert, nowMs: number): AlertPayload {
  const resolved = isResolved(alert, nowMs);
  return {
    status: resolved ? "resolved" : "firing",
    labels: alert.labels.toObject(),
    annotations: alert.annotations.toObject(),
    startsAt: formatTime(alert.startsAtMs),
    endsAt: resolved ? formatTime(alert.endsAtMs) : NO_TIME,
    generatorURL: alert.generatorUrl,
    fingerprint: alert.fingerprint,
  };
}

/** RFC 3339 as Go writes it: without the fraction's trailing zeros. */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.?0*Z$/, "Z");
}

/** The pairs that all have. */
function common(sets: readonly Labels[]): Labels {
  const [first, ...rest] = sets;
  if (first === undefined) return Labels.EMPTY;
  return Labels.from(
    [...first.entries()].filter(([name, value]) => rest.every((set) => set.get(name) === value)),
  );
}

/**
 * Alertmanager's order within a notification: by job, by instance, then by all labels; with a label before
 * without.
 */
export function compareAlerts(a: { readonly labels: Labels }, b: { readonly labels: Labels }): number {
  for (const name of ["job", "instance"]) {
    const x = a.labels.get(name);
    const y = b.labels.get(name);
    if (x === y) continue;
    if (x === "" || y === "") return x === "" ? 1 : -1;
    return compareText(x, y);
  }
  return compareLabels(a.labels, b.labels);
}
