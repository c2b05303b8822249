/** What rules are evaluated with: handed from the manager to its groups and their rules. */
import type { Clock, InstantQuerier, Labels, Logger, MetricSink } from "@binnacle/model";
import type { Alert } from "../alert.ts";
import type { RuleMetrics } from "./rule-metrics.ts";

export interface RuleContext {
  readonly querier: InstantQuerier;
  readonly sink: MetricSink;
  readonly notify: (alerts: readonly Alert[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RuleMetrics;
  readonly externalLabels: Labels;
  /** Without a slash at its end. */
  readonly externalUrl: string;
  readonly resendDelayMs: number;
  /** How far back an instant selector looks, as the engine has it. */
  readonly lookbackDeltaMs: number;
}

/**
 * The moment a group is evaluated for. Queries, and the samples that come of them, stand at `queryTimeMs`.
 */
export interface EvaluationTimes {
  readonly timeMs: number;
  readonly queryTimeMs: number;
  readonly intervalMs: number;
}
