/** What rules count, under the names of Prometheus with Binnacle's prefix; `rule_group` is `file;name`. */
import type { Counter, Gauge, Meter, Observer } from "@binnacle/model";

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60];

export interface RuleMetrics {
  readonly evaluations: Counter;
  readonly failures: Counter;
  readonly iterations: Counter;
  readonly iterationsMissed: Counter;
  readonly samplesRejected: Counter;
  readonly templateFailures: Counter;
  readonly groupSeconds: Observer;
  readonly lastEvaluation: Gauge;
  readonly lastSeconds: Gauge;
  readonly lastSamples: Gauge;
}

export function createRuleMetrics(meter: Meter): RuleMetrics {
  const labelNames = ["rule_group"];
  return {
    evaluations: meter.counter({
      name: "binnacle_rule_evaluations_total",
      help: "Evaluations of rules.",
      labelNames,
    }),
    failures: meter.counter({
      name: "binnacle_rule_evaluation_failures_total",
      help: "Evaluations of rules that failed.",
      labelNames,
    }),
    iterations: meter.counter({
      name: "binnacle_rule_group_iterations_total",
      help: "Scheduled evaluations of rule groups, whether they took place or were missed.",
      labelNames,
    }),
    iterationsMissed: meter.counter({
      name: "binnacle_rule_group_iterations_missed_total",
      help: "Evaluations of rule groups left out because the one before took too long.",
      labelNames,
    }),
    samplesRejected: meter.counter({
      name: "binnacle_rule_samples_rejected_total",
      help: "Samples of rules that the store refused, by its reason.",
      labelNames: ["reason"],
    }),
    templateFailures: meter.counter({
      name: "binnacle_rule_template_failures_total",
      help: "Templates of labels and annotations that failed; the value holds the error instead.",
    }),
    groupSeconds: meter.histogram({
      name: "binnacle_rule_group_duration_seconds",
      help: "How long evaluations of rule groups took.",
      buckets: SECONDS,
    }),
    lastEvaluation: meter.gauge({
      name: "binnacle_rule_group_last_evaluation_timestamp_seconds",
      help: "When a rule group was last evaluated.",
      labelNames,
    }),
    lastSeconds: meter.gauge({
      name: "binnacle_rule_group_last_duration_seconds",
      help: "How long the last evaluation of a rule group took.",
      labelNames,
    }),
    lastSamples: meter.gauge({
      name: "binnacle_rule_group_last_evaluation_samples",
      help: "Samples the last evaluation of a rule group gave.",
      labelNames,
    }),
  };
}
