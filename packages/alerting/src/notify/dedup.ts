/** Whether a group has anything to say that its receiver does not know yet. */

/** What was last said to a receiver of a group. */
export interface LogEntry {
  /** Unix ms. */
  readonly sentAtMs: number;
  /** Fingerprints of the alerts that were firing, and of those that were resolved. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** Unix ms after which the entry may be forgotten. */
  readonly expiresAtMs: number;
}

export interface GroupState {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

/** Why a notification is sent. */
export type NotificationReason =
  | "first"
  | "new_alerts"
  | "all_resolved"
  | "some_resolved"
  | "repeat_interval";

/** The reason to notify now, or undefined where there is none. */
export function reasonToNotify(
  entry: LogEntry | undefined,
  state: GroupState,
  options: { readonly sendResolved: boolean; readonly repeatIntervalMs: number; readonly nowMs: number },
): NotificationReason | undefined {
  if (entry === undefined) return state.firing.length > 0 ? "first" : undefined;
  if (!isSubset(state.firing, entry.firing)) return "new_alerts";
  // Also for receivers that take no resolved alerts: the log must learn that nothing fires any more.
  if (state.firing.length === 0) return entry.firing.length > 0 ? "all_resolved" : undefined;
  if (options.sendResolved && !isSubset(state.resolved, entry.resolved)) return "some_resolved";
  return entry.sentAtMs < options.nowMs - options.repeatIntervalMs ? "repeat_interval" : undefined;
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const set = new Set(whole);
  return part.every((item) => set.has(item));
}
