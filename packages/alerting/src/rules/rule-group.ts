/** A group of rules: evaluates them in order, at one moment, and keeps what series they gave. */
import { BinnacleError, unreachable, type Labels } from "@binnacle/model";
import type { RuleConfig, RuleGroupConfig } from "../config/rule-file.ts";
import { AlertingRule } from "./alerting-rule.ts";
import { appendSamples } from "./append-samples.ts";
import { evaluateRecordingRule } from "./recording-rule.ts";
import type { EvaluationTimes, RuleContext } from "./rule-context.ts";
import type { RuleSample } from "./rule-result.ts";
import type { RuleEvaluation, RuleGroupStatus, RuleStatus } from "./rule-status.ts";

const NOT_EVALUATED: RuleEvaluation = {
  health: "unknown",
  lastError: undefined,
  evaluationTimeMs: 0,
  lastEvaluationMs: undefined,
};

interface RuleEntry {
  readonly config: RuleConfig;
  /** For alerting rules. */
  readonly alerting: AlertingRule | undefined;
  /** By key, the series of the evaluation before: those that are gone get stale markers. */
  series: ReadonlyMap<string, Labels>;
  evaluation: RuleEvaluation;
}

export interface RuleGroupOptions {
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  /** False where `for` states are still to be restored. */
  readonly isRestored: boolean;
}

export class RuleGroup {
  readonly config: RuleGroupConfig;
  readonly options: RuleGroupOptions;
  /** `file;name`. */
  readonly key: string;
  readonly #context: RuleContext;
  readonly #rules: readonly RuleEntry[];
  /** Series of rules that are no longer there, to be ended at the next evaluation. */
  #ended: Labels[] = [];
  #evaluationTimeMs = 0;
  #lastEvaluationMs: number | undefined;

  constructor(config: RuleGroupConfig, context: RuleContext, options: RuleGroupOptions) {
    this.config = config;
    this.options = options;
    this.key = groupKey(config);
    this.#context = context;
    const { isRestored } = options;
    this.#rules = config.rules.map((rule) => ({
      config: rule,
      alerting:
        rule.type === "alerting"
          ? new AlertingRule(rule, context, { limit: config.limit, isRestored })
          : undefined,
      series: new Map(),
      evaluation: NOT_EVALUATED,
    }));
  }

  /**
   * Takes over what the group that this one replaces knows of the rules that both have, by name and labels.
   */
  adopt(before: RuleGroup): void {
    this.#evaluationTimeMs = before.#evaluationTimeMs;
    this.#lastEvaluationMs = before.#lastEvaluationMs;
    const waiting = [...before.#rules];
    for (const rule of this.#rules) {
      const index = waiting.findIndex((candidate) => isSameRule(candidate.config, rule.config));
      if (index < 0) continue;
      const [old] = waiting.splice(index, 1);
      rule.series = old!.series;
      if (old!.alerting !== undefined) rule.alerting?.adopt(old!.alerting);
    }
    this.#ended = [...before.#ended];
    for (const rule of waiting) this.#ended.push(...rule.series.values());
  }

  /**
   * Evaluates all rules for the slot `timeMs`, each seeing what those before it wrote. Never throws for bad
   * rules.
   */
  async evaluate(timeMs: number, signal?: AbortSignal): Promise<void> {
    const { clock, metrics } = this.#context;
    const labels = { rule_group: this.key };
    const startMs = clock.monotonicMs();
    this.#lastEvaluationMs = clock.nowMs();
    const times = this.#times(timeMs);
    let samples = 0;
    for (const rule of this.#rules) {
      if (signal?.aborted === true) return;
      samples += await this.#evaluateRule(rule, times);
    }
    await this.#endSeries(times.queryTimeMs);
    this.#evaluationTimeMs = clock.monotonicMs() - startMs;
    metrics.groupSeconds.observe(this.#evaluationTimeMs / 1000);
    metrics.lastSeconds.set(this.#evaluationTimeMs / 1000, labels);
    metrics.lastEvaluation.set(this.#lastEvaluationMs / 1000, labels);
    metrics.lastSamples.set(samples, labels);
  }

  #times(timeMs: number): EvaluationTimes {
    const { intervalMs, queryOffsetMs } = this.options;
    return { timeMs, queryTimeMs: timeMs - queryOffsetMs, intervalMs };
  }

  /** Answers how many samples the rule gave. */
  async #evaluateRule(rule: RuleEntry, times: EvaluationTimes): Promise<number> {
    const { clock, metrics, logger } = this.#context;
    const labels = { rule_group: this.key };
    const startMs = clock.monotonicMs();
    const lastEvaluationMs = clock.nowMs();
    let lastError: string | undefined;
    let count = 0;
    metrics.evaluations.inc(labels);
    try {
      const samples = await this.#samples(rule, times);
      count = samples.length;
      rule.alerting?.sendAlerts(times);
      lastError = await this.#append(rule, samples, times.queryTimeMs);
    } catch (error) {
      if (!(error instanceof BinnacleError)) throw error;
      lastError = error.message;
    }
    if (lastError !== undefined) {
      metrics.failures.inc(labels);
      logger.warn(
        { ruleGroup: this.key, rule: rule.config.name, err: lastError },
        "evaluating a rule failed",
      );
    }
    const evaluationTimeMs = clock.monotonicMs() - startMs;
    const health = lastError === undefined ? "ok" : "err";
    rule.evaluation = { health, lastError, evaluationTimeMs, lastEvaluationMs };
    return count;
  }

  #samples(rule: RuleEntry, times: EvaluationTimes): Promise<readonly RuleSample[]> {
    const { config } = rule;
    if (config.type === "alerting") return rule.alerting!.evaluate(times);
    return evaluateRecordingRule(config, this.config.limit, this.#context, times);
  }

  /** Answers what the store refused, as the rule's error. */
  async #append(
    rule: RuleEntry,
    samples: readonly RuleSample[],
    timeMs: number,
  ): Promise<string | undefined> {
    const given = new Map(samples.map(({ labels }) => [labels.key(), labels]));
    const ended = [...rule.series].flatMap(([key, labels]) => (given.has(key) ? [] : [labels]));
    if (samples.length === 0 && ended.length === 0) return undefined;
    const row = { groupKey: this.key, timeMs, samples, ended };
    const { rejected, rejections } = await appendSamples(this.#context.sink, row);
    rule.series = given;
    if (rejected === 0) return undefined;
    for (const { reason } of rejections) this.#context.metrics.samplesRejected.inc({ reason });
    return `the store refused ${rejected} samples, the first: ${rejections[0]?.message ?? "no reason given"}`;
  }

  /** Ends the series of rules that are gone. */
  async #endSeries(timeMs: number): Promise<void> {
    if (this.#ended.length === 0) return;
    const ended = this.#ended;
    this.#ended = [];
    try {
      await appendSamples(this.#context.sink, { groupKey: this.key, timeMs, samples: [], ended });
    } catch (error) {
      if (!(error instanceof BinnacleError)) throw error;
      this.#ended = ended;
      this.#context.logger.warn(
        { ruleGroup: this.key, err: error.message },
        "ending series of old rules failed",
      );
    }
  }

  /** Ends all series, when the group itself is gone. */
  async end(timeMs: number): Promise<void> {
    for (const rule of this.#rules) {
      this.#ended.push(...rule.series.values());
      rule.series = new Map();
    }
    await this.#endSeries(timeMs - this.options.queryOffsetMs);
  }

  /**
   * Restores `for` states after a restart: after the second evaluation, when what rules build on is there
   * again.
   */
  async restore(timeMs: number): Promise<void> {
    for (const rule of this.#rules) await rule.alerting?.restore(this.#times(timeMs));
  }

  status(): RuleGroupStatus {
    const { file, name, limit } = this.config;
    return {
      file,
      name,
      limit,
      intervalMs: this.options.intervalMs,
      queryOffsetMs: this.options.queryOffsetMs,
      rules: this.#rules.map(ruleStatus),
      evaluationTimeMs: this.#evaluationTimeMs,
      lastEvaluationMs: this.#lastEvaluationMs,
    };
  }
}

/** Groups may have equal names in different files. */
export function groupKey(config: { readonly file: string; readonly name: string }): string {
  return `${config.file};${config.name}`;
}

function isSameRule(a: RuleConfig, b: RuleConfig): boolean {
  return a.type === b.type && a.name === b.name && a.labels.equals(b.labels);
}

function ruleStatus(rule: RuleEntry): RuleStatus {
  const { config, evaluation } = rule;
  const common = { name: config.name, query: config.expression, labels: config.labels, ...evaluation };
  switch (config.type) {
    case "recording":
      return { type: "recording", ...common };
    case "alerting":
      return {
        type: "alerting",
        ...common,
        forMs: config.forMs,
        keepFiringForMs: config.keepFiringForMs,
        annotations: config.annotations,
        state: rule.alerting!.state,
        alerts: rule.alerting!.activeAlerts(),
      };
    default:
      return unreachable(config);
  }
}
