/**
 * The states of one rule's alerts.
 *
 *                    for has passed               no sample, keep_firing_for has passed
 *        pending ─────────────────────▶ firing ──────────────────────────────────────────▶ inactive
 *           │                                                                    │
 *           └── no sample: gone                      resolved for 15 minutes: gone ┘
 *
 * A sample for an inactive alert makes a new, pending one of it.
 */
import { BinnacleError, type Labels } from "@binnacle/model";
import { RESOLVED_RETENTION_MS } from "../limits.ts";

export type AlertState = "inactive" | "pending" | "firing";

/** One alert of a rule. All times are Unix ms. */
export interface RuleAlert {
  readonly labels: Labels;
  annotations: Labels;
  state: AlertState;
  value: number;
  activeAtMs: number;
  firedAtMs: number | undefined;
  resolvedAtMs: number | undefined;
  keepFiringSinceMs: number | undefined;
  /** When it was last told of to the notifier. */
  lastSentAtMs: number | undefined;
}

/** A sample of the rule's expression with its labels and annotations written out. */
export interface AlertCandidate {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly value: number;
}

export interface AlertRuleTimes {
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** Most active alerts; 0 for any number. */
  readonly limit: number;
}

/** By the key of their labels. */
export type RuleAlerts = Map<string, RuleAlert>;

/**
 * Takes the samples of an evaluation at `timeMs` into the alerts, and answers with those that are active now.
 * Throws EXECUTION_ERROR and changes nothing where two samples give the same labels; where there are more
 * active alerts than the limit all are forgotten, as in Prometheus.
 */
export function advanceAlerts(
  alerts: RuleAlerts,
  candidates: readonly AlertCandidate[],
  times: AlertRuleTimes,
  timeMs: number,
): readonly RuleAlert[] {
  const seen = byLabels(candidates);
  for (const [key, candidate] of seen) {
    const existing = alerts.get(key);
    if (existing !== undefined && existing.state !== "inactive") {
      existing.value = candidate.value;
      existing.annotations = candidate.annotations;
    } else {
      alerts.set(key, newAlert(candidate, timeMs));
    }
  }

  const active: RuleAlert[] = [];
  for (const [key, alert] of alerts) {
    if (seen.has(key)) alert.keepFiringSinceMs = undefined;
    else if (!survivesAbsence(alerts, key, alert, times, timeMs)) continue;
    if (alert.state === "pending" && timeMs - alert.activeAtMs >= times.forMs) {
      alert.state = "firing";
      alert.firedAtMs = timeMs;
    }
    active.push(alert);
  }
  if (times.limit > 0 && active.length > times.limit) {
    alerts.clear();
    throw new BinnacleError(
      "EXECUTION_ERROR",
      `exceeded limit of ${times.limit} with ${active.length} alerts`,
    );
  }
  return active;
}

function byLabels(candidates: readonly AlertCandidate[]): ReadonlyMap<string, AlertCandidate> {
  const seen = new Map<string, AlertCandidate>();
  for (const candidate of candidates) {
    const key = candidate.labels.key();
    if (seen.has(key)) {
      throw new BinnacleError(
        "EXECUTION_ERROR",
        "vector contains metrics with the same labelset after applying alert labels: " +
          candidate.labels.toString(),
      );
    }
    seen.set(key, candidate);
  }
  return seen;
}

function newAlert(candidate: AlertCandidate, timeMs: number): RuleAlert {
  return {
    ...candidate,
    state: "pending",
    activeAtMs: timeMs,
    firedAtMs: undefined,
    resolvedAtMs: undefined,
    keepFiringSinceMs: undefined,
    lastSentAtMs: undefined,
  };
}

/** What becomes of an alert without a sample: whether it is still active. */
function survivesAbsence(
  alerts: RuleAlerts,
  key: string,
  alert: RuleAlert,
  times: AlertRuleTimes,
  timeMs: number,
): boolean {
  if (alert.state === "firing" && times.keepFiringForMs > 0) {
    alert.keepFiringSinceMs ??= timeMs;
    if (timeMs - alert.keepFiringSinceMs < times.keepFiringForMs) return true;
  }
  const isForgotten = alert.resolvedAtMs !== undefined && timeMs - alert.resolvedAtMs > RESOLVED_RETENTION_MS;
  if (alert.state === "pending" || isForgotten) alerts.delete(key);
  if (alert.state !== "inactive") {
    alert.state = "inactive";
    alert.resolvedAtMs = timeMs;
  }
  return false;
}

/** Whether the notifier is to hear of the alert at `timeMs`. */
export function needsSending(alert: RuleAlert, timeMs: number, resendDelayMs: number): boolean {
  if (alert.state === "pending") return false;
  const { lastSentAtMs, resolvedAtMs } = alert;
  if (lastSentAtMs === undefined) return true;
  if (resolvedAtMs !== undefined && resolvedAtMs > lastSentAtMs) return true;
  return lastSentAtMs + resendDelayMs <= timeMs;
}
