/** Evaluates one group at its slots until it is stopped. */
import { BinnacleError } from "@binnacle/model";
import { setTimeout as sleep } from "node:timers/promises";
import { nextSlotMs, slotAfter, slotOffsetMs } from "./group-schedule.ts";
import type { RuleContext } from "./rule-context.ts";
import type { RuleGroup } from "./rule-group.ts";

export class GroupRunner {
  readonly group: RuleGroup;
  readonly #context: RuleContext;
  readonly #abort = new AbortController();
  readonly #retirement = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(group: RuleGroup, context: RuleContext) {
    this.group = group;
    this.#context = context;
  }

  /**
   * Begins once `ready` is, and once the runner that this one replaces has stopped and handed over its state.
   */
  start(options: {
    readonly ready: Promise<unknown> | undefined;
    readonly before: GroupRunner | undefined;
  }): void {
    this.#running = this.#begin(options).catch((error: unknown) => {
      if (this.#abort.signal.aborted) return;
      const err = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#context.logger.error({ ruleGroup: this.group.key, err }, "a rule group has stopped");
    });
  }

  async #begin(options: {
    readonly ready: Promise<unknown> | undefined;
    readonly before: GroupRunner | undefined;
  }): Promise<void> {
    if (options.before !== undefined) {
      await options.before.stop();
      this.group.adopt(options.before.group);
    }
    await Promise.race([options.ready, aborted(this.#abort.signal)]);
    await this.#loop();
  }

  async #loop(): Promise<void> {
    const { clock, metrics } = this.#context;
    const { intervalMs, isRestored } = this.group.options;
    const labels = { rule_group: this.group.key };
    const { signal } = this.#abort;
    let slotMs = nextSlotMs(clock.nowMs(), intervalMs, slotOffsetMs(this.group.key, intervalMs));
    for (let evaluations = 1; ; evaluations++) {
      const waitMs = slotMs - clock.nowMs();
      if (waitMs > 0) await sleep(waitMs, undefined, { signal });
      if (signal.aborted) return;
      metrics.iterations.inc(labels);
      await this.#evaluate(slotMs);
      if (!isRestored && evaluations === 2) await this.group.restore(slotMs);
      const next = slotAfter(slotMs, intervalMs, clock.nowMs());
      if (next.missed > 0) {
        metrics.iterations.inc(labels, next.missed);
        metrics.iterationsMissed.inc(labels, next.missed);
      }
      ({ slotMs } = next);
    }
  }

  /** A group goes on after a failure that is no rule's fault: the next evaluation may do better. */
  async #evaluate(slotMs: number): Promise<void> {
    try {
      await this.group.evaluate(slotMs, this.#abort.signal);
    } catch (error) {
      if (error instanceof BinnacleError || this.#abort.signal.aborted) return;
      const err = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#context.logger.error({ ruleGroup: this.group.key, err }, "evaluating a rule group failed");
    }
  }

  /** Resolves when no evaluation is under way any more. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /**
   * Stops, and ends the group's series after two intervals: by then a group of another name that writes the
   * same series has written them, and the markers do no harm.
   */
  async retire(): Promise<void> {
    const { clock } = this.#context;
    const stoppedAtMs = clock.nowMs();
    await this.stop();
    const waitMs = 2 * this.group.options.intervalMs;
    const { signal } = this.#retirement;
    await sleep(waitMs, undefined, { ref: false, signal }).catch(() => {});
    if (!signal.aborted) await this.group.end(stoppedAtMs);
  }

  /** Stops, and leaves the series as they are even where the group had retired. */
  async abandon(): Promise<void> {
    this.#retirement.abort();
    await this.stop();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
