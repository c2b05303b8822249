/** What the manager says of its rules: all that /api/v1/rules and /api/v1/alerts show. Times are Unix ms. */
import type { Labels } from "@binnacle/model";
import type { AlertState } from "./alert-states.ts";

export type RuleHealth = "ok" | "err" | "unknown";

/** What every rule says of its last evaluation. */
export interface RuleEvaluation {
  readonly health: RuleHealth;
  readonly lastError: string | undefined;
  readonly evaluationTimeMs: number;
  /** undefined before the first. */
  readonly lastEvaluationMs: number | undefined;
}

export interface AlertStatus {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: AlertState;
  readonly activeAtMs: number;
  readonly keepFiringSinceMs: number | undefined;
  readonly value: number;
}

export interface AlertingRuleStatus extends RuleEvaluation {
  readonly type: "alerting";
  readonly name: string;
  readonly query: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** The gravest of its alerts' states. */
  readonly state: AlertState;
  /** The active ones. */
  readonly alerts: readonly AlertStatus[];
}

export interface RecordingRuleStatus extends RuleEvaluation {
  readonly type: "recording";
  readonly name: string;
  readonly query: string;
  readonly labels: Labels;
}

export type RuleStatus = AlertingRuleStatus | RecordingRuleStatus;

export interface RuleGroupStatus {
  readonly file: string;
  readonly name: string;
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly limit: number;
  readonly rules: readonly RuleStatus[];
  readonly evaluationTimeMs: number;
  /** undefined before the first. */
  readonly lastEvaluationMs: number | undefined;
}
