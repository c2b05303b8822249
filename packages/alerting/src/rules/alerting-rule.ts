/** An alerting rule: its alerts, the series that tell of them, and what the notifier is told. */
import { escapeQuery, type Template } from "@binnacle/gotemplate";
import { Labels, METRIC_NAME, type VectorSample } from "@binnacle/model";
import type { Alert } from "../alert.ts";
import type { AlertingRuleConfig } from "../config/rule-file.ts";
import {
  advanceAlerts,
  needsSending,
  type AlertCandidate,
  type AlertState,
  type RuleAlert,
  type RuleAlerts,
} from "./alert-states.ts";
import { readForState, restoredActiveAtMs } from "./restore-for-state.ts";
import type { EvaluationTimes, RuleContext } from "./rule-context.ts";
import { queryVector, type RuleSample } from "./rule-result.ts";
import type { AlertStatus } from "./rule-status.ts";
import { expandTemplate, parseRuleTemplate, type Expansion } from "./rule-template.ts";

const NAME_ONLY: ReadonlySet<string> = new Set([METRIC_NAME]);

type NamedTemplates = readonly (readonly [name: string, template: Template])[];

export class AlertingRule {
  readonly config: AlertingRuleConfig;
  readonly #context: RuleContext;
  readonly #limit: number;
  readonly #labels: NamedTemplates;
  readonly #annotations: NamedTemplates;
  readonly #alerts: RuleAlerts = new Map();
  /** Until the `for` state is restored its series are not written, so that they are not overwritten. */
  #isRestored: boolean;

  constructor(
    config: AlertingRuleConfig,
    context: RuleContext,
    options: { readonly limit: number; readonly isRestored: boolean },
  ) {
    this.config = config;
    this.#context = context;
    this.#limit = options.limit;
    this.#isRestored = options.isRestored;
    const { externalUrl } = context;
    const parse = (templates: Labels): NamedTemplates =>
      [...templates.entries()].map(([name, text]) => [name, parseRuleTemplate(text, { name, externalUrl })]);
    this.#labels = parse(config.labels);
    this.#annotations = parse(config.annotations);
  }

  /** Takes over the alerts of the rule that this one replaces. */
  adopt(before: AlertingRule): void {
    for (const [key, alert] of before.#alerts) this.#alerts.set(key, alert);
    this.#isRestored = before.#isRestored;
  }

  /** The samples of ALERTS and ALERTS_FOR_STATE. Throws what the query throws, and EXECUTION_ERROR. */
  async evaluate(times: EvaluationTimes): Promise<readonly RuleSample[]> {
    const { config } = this;
    const vector = await queryVector(this.#context.querier, config.expression, times.queryTimeMs);
    const expansion: Expansion = {
      querier: this.#context.querier,
      timeMs: times.timeMs,
      externalLabels: this.#context.externalLabels,
      externalUrl: this.#context.externalUrl,
    };
    const candidates: AlertCandidate[] = [];
    for (const sample of vector) candidates.push(await this.#candidate(sample, expansion));
    const active = advanceAlerts(this.#alerts, candidates, { ...config, limit: this.#limit }, times.timeMs);
    return this.#isRestored ? active.flatMap((alert) => this.#samples(alert)) : [];
  }

  async #candidate(sample: VectorSample, expansion: Expansion): Promise<AlertCandidate> {
    const expand = async (templates: NamedTemplates): Promise<[string, string][]> => {
      const expanded: [string, string][] = [];
      for (const [name, template] of templates) {
        const text = await expandTemplate(template, sample, expansion, (error) => {
          this.#context.metrics.templateFailures.inc();
          const fields = { alert: this.config.name, key: name, err: error.message };
          this.#context.logger.warn(fields, "expanding an alert's template failed");
        });
        expanded.push([name, text]);
      }
      return expanded;
    };
    const own = await expand(this.#labels);
    const labels = Labels.from([
      ...sample.labels.without(NAME_ONLY).entries(),
      ...own,
      ["alertname", this.config.name],
    ]);
    const annotations = Labels.from(await expand(this.#annotations));
    return { labels, annotations, value: sample.value };
  }

  #samples(alert: RuleAlert): RuleSample[] {
    const series = (name: string, value: number, changes: Readonly<Record<string, string>>): RuleSample => ({
      labels: alert.labels.with({ ...changes, [METRIC_NAME]: name }),
      value,
      histogram: undefined,
    });
    return [
      series("ALERTS", 1, { alertstate: alert.state }),
      series("ALERTS_FOR_STATE", Math.floor(alert.activeAtMs / 1000), {}),
    ];
  }

  /** Tells the notifier of the alerts that fire or were resolved, those it needs to hear of now. */
  sendAlerts(times: EvaluationTimes): void {
    const { resendDelayMs, externalUrl, notify } = this.#context;
    const validForMs = 4 * Math.max(resendDelayMs, times.intervalMs);
    const generatorUrl = `${externalUrl}/graph?g0.expr=${escapeQuery(this.config.expression)}&g0.tab=1`;
    const alerts: Alert[] = [];
    for (const alert of this.#alerts.values()) {
      if (!needsSending(alert, times.timeMs, resendDelayMs)) continue;
      alert.lastSentAtMs = times.timeMs;
      alerts.push({
        labels: alert.labels,
        annotations: alert.annotations,
        startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
        endsAtMs: alert.resolvedAtMs ?? times.timeMs + validForMs,
        generatorUrl,
      });
    }
    if (alerts.length > 0) notify(alerts);
  }

  /**
   * Gives pending alerts back the time they had been active before a restart. Never throws: without, they
   * wait anew.
   */
  async restore(times: EvaluationTimes): Promise<void> {
    this.#isRestored = true;
    try {
      const states = await readForState(this.config, this.#context, times.timeMs);
      for (const [key, alert] of this.#alerts) {
        const state = states.get(key);
        if (state === undefined) continue;
        alert.activeAtMs = restoredActiveAtMs(state, this.config.forMs, times.timeMs);
      }
    } catch (error) {
      const err = error instanceof Error ? error.message : String(error);
      this.#context.logger.error({ alert: this.config.name, err }, "restoring the `for` state failed");
    }
  }

  /** The gravest state of its alerts. */
  get state(): AlertState {
    let state: AlertState = "inactive";
    for (const alert of this.#alerts.values()) {
      if (alert.state === "firing") return "firing";
      if (alert.state === "pending") state = "pending";
    }
    return state;
  }

  activeAlerts(): AlertStatus[] {
    const active: AlertStatus[] = [];
    for (const alert of this.#alerts.values()) {
      if (alert.state === "inactive") continue;
      const { labels, annotations, state, activeAtMs, keepFiringSinceMs, value } = alert;
      active.push({ labels, annotations, state, activeAtMs, keepFiringSinceMs, value });
    }
    return active;
  }
}
