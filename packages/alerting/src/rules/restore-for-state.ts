/**
 * How the time an alert has been active survives a restart: the series ALERTS_FOR_STATE holds, at each
 * evaluation, the Unix seconds since which the alert was active.
 */
import { METRIC_NAME } from "@binnacle/model";
import type { AlertingRuleConfig } from "../config/rule-file.ts";
import { FOR_GRACE_PERIOD_MS, FOR_OUTAGE_TOLERANCE_MS } from "../limits.ts";
import type { RuleContext } from "./rule-context.ts";

/** What was last written of an alert. */
export interface ForState {
  /** Unix ms of the last sample: when the program was last known to run. */
  readonly writtenAtMs: number;
  readonly activeAtMs: number;
}

const NAME_ONLY: ReadonlySet<string> = new Set([METRIC_NAME]);

/**
 * The states of a rule's alerts by the key of their labels; those that had ended before the outage are left
 * out. A `for` under the grace period is not restored: waiting for it anew is sooner.
 */
export async function readForState(
  config: AlertingRuleConfig,
  context: RuleContext,
  timeMs: number,
): Promise<ReadonlyMap<string, ForState>> {
  const states = new Map<string, ForState>();
  if (config.forMs < FOR_GRACE_PERIOD_MS) return states;
  const selector = `ALERTS_FOR_STATE{alertname=${JSON.stringify(config.name)}}`;
  const { value } = await context.querier.instant(`${selector}[${FOR_OUTAGE_TOLERANCE_MS}ms]`, timeMs);
  if (value.type !== "matrix") return states;
  for (const { labels, times, values } of value.series) {
    const last = times.length - 1;
    if (last < 0) continue;
    const key = labels.without(NAME_ONLY).key();
    states.set(key, { writtenAtMs: times[last]!, activeAtMs: values[last]! * 1000 });
  }
  await dropEnded(states, selector, context);
  return states;
}

/**
 * A range does not show stale markers, and a series that ended with one was no longer active. An instant
 * query just before the last sample leaves the lookback window shows it: the sample if nothing came after it,
 * else nothing.
 */
async function dropEnded(
  states: Map<string, ForState>,
  selector: string,
  context: RuleContext,
): Promise<void> {
  const writtenTimes = new Set([...states.values()].map((state) => state.writtenAtMs));
  for (const writtenAtMs of writtenTimes) {
    const { value } = await context.querier.instant(selector, writtenAtMs + context.lookbackDeltaMs - 1);
    const samples = value.type === "vector" ? value.samples : [];
    const alive = new Set(samples.map(({ labels }) => labels.without(NAME_ONLY).key()));
    for (const [key, state] of states) {
      if (state.writtenAtMs === writtenAtMs && !alive.has(key)) states.delete(key);
    }
  }
}

/** Since when an alert counts as active after an outage. */
export function restoredActiveAtMs(state: ForState, forMs: number, nowMs: number): number {
  const remainingMs = forMs - (state.writtenAtMs - state.activeAtMs);
  // It was firing: it fires again at the next evaluation that finds it.
  if (remainingMs <= 0) return state.activeAtMs;
  // It would fire soon, maybe for no other reason than the outage: it gets the grace period.
  if (remainingMs < FOR_GRACE_PERIOD_MS) return nowMs + FOR_GRACE_PERIOD_MS - forMs;
  // The time of the outage does not count.
  return state.activeAtMs + (nowMs - state.writtenAtMs);
}
