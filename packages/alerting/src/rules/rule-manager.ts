/** Runs rule groups, each on a schedule of its own, and changes them while they run. */
import {
  NO_LOGGER,
  NO_METER,
  SYSTEM_CLOCK,
  Labels,
  type Clock,
  type InstantQuerier,
  type Logger,
  type Meter,
  type MetricSink,
} from "@binnacle/model";
import { isDeepStrictEqual } from "node:util";
import type { Alert } from "../alert.ts";
import type { RuleGroupConfig } from "../config/rule-file.ts";
import { EVALUATION_INTERVAL_MS, RESEND_DELAY_MS } from "../limits.ts";
import { GroupRunner } from "./group-runner.ts";
import type { RuleContext } from "./rule-context.ts";
import { groupKey, RuleGroup } from "./rule-group.ts";
import { createRuleMetrics } from "./rule-metrics.ts";
import type { AlertStatus, RuleGroupStatus } from "./rule-status.ts";

export interface RuleManagerOptions {
  readonly querier: InstantQuerier;
  readonly sink: MetricSink;
  /** Takes firing and resolved alerts; must not throw. */
  readonly notify: (alerts: readonly Alert[]) => void;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly meter?: Meter;
  /** For templates. Default none. */
  readonly externalLabels?: Labels;
  /** Where people reach this server, for links. */
  readonly externalUrl: string;
  /** Interval of groups that name none, in ms. Default EVALUATION_INTERVAL_MS. */
  readonly evaluationIntervalMs?: number;
  /** `global.rule_query_offset`, in ms. Default 0. */
  readonly queryOffsetMs?: number;
  /** How often a firing alert is told of again, in ms. Default RESEND_DELAY_MS. */
  readonly resendDelayMs?: number;
  /** How far back the engine's instant selectors look, in ms. Default 5 minutes. */
  readonly lookbackDeltaMs?: number;
  /** Rules wait for it: half a store would resolve alerts. Default: they do not wait. */
  readonly ready?: Promise<unknown>;
}

const LOOKBACK_DELTA_MS = 5 * 60_000;

export class RuleManager {
  readonly #options: RuleManagerOptions;
  readonly #context: RuleContext;
  readonly #runners = new Map<string, GroupRunner>();
  /** Runners of groups that are gone and still have series to end. */
  readonly #ending = new Set<GroupRunner>();
  #evaluationIntervalMs: number;
  #queryOffsetMs: number;
  #isStarted = false;
  /** Only the groups of the first configuration restore `for` states: later ones begin with nothing. */
  #isRestored = false;

  constructor(options: RuleManagerOptions) {
    this.#options = options;
    this.#evaluationIntervalMs = options.evaluationIntervalMs ?? EVALUATION_INTERVAL_MS;
    this.#queryOffsetMs = options.queryOffsetMs ?? 0;
    this.#context = {
      querier: options.querier,
      sink: options.sink,
      notify: options.notify,
      clock: options.clock ?? SYSTEM_CLOCK,
      logger: options.logger ?? NO_LOGGER,
      metrics: createRuleMetrics(options.meter ?? NO_METER),
      externalLabels: options.externalLabels ?? Labels.EMPTY,
      externalUrl: options.externalUrl.replace(/\/$/, ""),
      resendDelayMs: options.resendDelayMs ?? RESEND_DELAY_MS,
      lookbackDeltaMs: options.lookbackDeltaMs ?? LOOKBACK_DELTA_MS,
    };
  }

  /**
   * Makes these the groups. Those that stay the same run on; changed ones keep the states of the rules that
   * they keep; the series of what is gone get stale markers. New defaults hold for the groups that name none
   * of their own.
   */
  apply(
    groups: readonly RuleGroupConfig[],
    defaults: { readonly evaluationIntervalMs?: number; readonly queryOffsetMs?: number } = {},
  ): void {
    this.#evaluationIntervalMs = defaults.evaluationIntervalMs ?? this.#evaluationIntervalMs;
    this.#queryOffsetMs = defaults.queryOffsetMs ?? this.#queryOffsetMs;
    const kept = new Set<string>();
    for (const config of groups) {
      kept.add(groupKey(config));
      this.#applyGroup(config);
    }
    for (const [key, runner] of this.#runners) {
      if (kept.has(key)) continue;
      this.#runners.delete(key);
      this.#ending.add(runner);
      void this.#retire(runner);
    }
    this.#isRestored = true;
  }

  async #retire(runner: GroupRunner): Promise<void> {
    try {
      await runner.retire();
    } catch (error) {
      const err = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#context.logger.error({ ruleGroup: runner.group.key, err }, "ending a group's series failed");
    } finally {
      this.#ending.delete(runner);
    }
  }

  #applyGroup(config: RuleGroupConfig): void {
    const options = {
      intervalMs: config.intervalMs ?? this.#evaluationIntervalMs,
      queryOffsetMs: config.queryOffsetMs ?? this.#queryOffsetMs,
      isRestored: this.#isRestored,
    };
    const key = groupKey(config);
    const old = this.#runners.get(key);
    if (old !== undefined && isUnchanged(old.group, config, options)) return;
    const group = new RuleGroup(config, this.#context, options);
    const runner = new GroupRunner(group, this.#context);
    this.#runners.set(key, runner);
    if (this.#isStarted) runner.start({ ready: this.#options.ready, before: old });
    else if (old !== undefined) group.adopt(old.group);
  }

  start(): void {
    this.#isStarted = true;
    for (const runner of this.#runners.values())
      runner.start({ ready: this.#options.ready, before: undefined });
  }

  /** Resolves when no evaluation is under way. Series are left as they are: a restart goes on with them. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    await Promise.all([...this.#runners.values(), ...this.#ending].map((runner) => runner.abandon()));
  }

  /** In the order of file and name. */
  groups(): readonly RuleGroupStatus[] {
    return [...this.#runners.values()]
      .map((runner) => runner.group.status())
      .sort((a, b) => (a.file === b.file ? compare(a.name, b.name) : compare(a.file, b.file)));
  }

  /** All active alerts. */
  alerts(): readonly AlertStatus[] {
    return this.groups().flatMap(({ rules }) =>
      rules.flatMap((rule) => (rule.type === "alerting" ? rule.alerts : [])),
    );
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isUnchanged(
  group: RuleGroup,
  config: RuleGroupConfig,
  options: { readonly intervalMs: number; readonly queryOffsetMs: number },
): boolean {
  return (
    group.options.intervalMs === options.intervalMs &&
    group.options.queryOffsetMs === options.queryOffsetMs &&
    isDeepStrictEqual(plain(group.config), plain(config))
  );
}

/** Labels keep a lazily computed key, which must not tell two equal ones apart. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
