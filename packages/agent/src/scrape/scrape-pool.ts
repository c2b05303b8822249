/** One job: its discoveries, and a loop for each target they find. */
import { Labels } from "@binnacle/model";
import type { ScrapeConfig, TargetGroup } from "../config/scrape-config.ts";
import { FileDiscovery } from "../discovery/file-discovery.ts";
import { DROPPED_TARGETS_KEPT_MAX } from "../limits.ts";
import { HttpSource } from "./http-source.ts";
import { ScrapeClient } from "./scrape-client.ts";
import { ScrapeLoop, type ScrapeLoopShared } from "./scrape-loop.ts";
import { activeStatus, type DroppedTargetStatus, type TargetStatus } from "./target-status.ts";
import { planTarget, type Target } from "./target.ts";

export interface ScrapePoolShared extends ScrapeLoopShared {
  /** What relative paths of the configuration are relative to. */
  readonly baseDir: string;
}

export class ScrapePool {
  readonly #shared: ScrapePoolShared;
  readonly #loops = new Map<string, ScrapeLoop>();
  #config: ScrapeConfig;
  #client: ScrapeClient;
  #discoveries: FileDiscovery[] = [];
  #dropped: DroppedTargetStatus[] = [];
  #isStopped = false;

  constructor(config: ScrapeConfig, shared: ScrapePoolShared) {
    this.#shared = shared;
    this.#config = config;
    this.#client = new ScrapeClient(config, shared.baseDir);
  }

  start(): void {
    this.#syncSoon();
    void this.#discover().then(() => this.#syncSoon());
  }

  /** Takes a changed configuration: targets that stay keep their series, and their place in time. */
  async reconfigure(config: ScrapeConfig): Promise<void> {
    const { fileDiscoveries } = this.#config;
    const before = this.#client;
    this.#config = config;
    this.#client = new ScrapeClient(config, this.#shared.baseDir);
    // Targets that changed files still hold must not end in between: so these are read first.
    if (JSON.stringify(fileDiscoveries) !== JSON.stringify(config.fileDiscoveries)) await this.#discover();
    await this.#sync({ isReconfigured: true });
    before.close();
  }

  async stop(isGone: boolean): Promise<void> {
    this.#isStopped = true;
    for (const discovery of this.#discoveries) discovery.close();
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop(isGone)));
    this.#loops.clear();
    this.#client.close();
  }

  targets(): TargetStatus[] {
    const active = [...this.#loops.values()].map((loop) =>
      activeStatus(this.#config.jobName, loop.target, loop.state),
    );
    return [...active, ...this.#dropped];
  }

  /** Begins to look at the files the configuration names. Resolves once each was looked at. */
  async #discover(): Promise<void> {
    const { baseDir, logger, metrics } = this.#shared;
    const discoveries = this.#config.fileDiscoveries.map(
      (config) =>
        new FileDiscovery(config, {
          baseDir,
          logger,
          onChange: () => this.#syncSoon(),
          onError: () => metrics.discoveryErrors.inc(),
        }),
    );
    const starts = discoveries.map((discovery) => discovery.start());
    for (const outcome of await Promise.allSettled(starts)) {
      if (outcome.status === "fulfilled") continue;
      metrics.discoveryErrors.inc();
      const fields = { job: this.#config.jobName, error: String(outcome.reason) };
      logger.warn(fields, "discovery by files does not work");
    }
    // What was found before stands until now; a pool that was stopped meanwhile wants neither.
    for (const discovery of this.#isStopped ? discoveries : this.#discoveries) discovery.close();
    if (!this.#isStopped) this.#discoveries = discoveries;
  }

  #syncSoon(): void {
    this.#sync({ isReconfigured: false }).catch((error: unknown) => {
      this.#shared.logger.warn(
        { job: this.#config.jobName, error: String(error) },
        "a target did not end cleanly",
      );
    });
  }

  /** Makes the loops what discovery says: starts the new, stops the gone. */
  async #sync({ isReconfigured }: { isReconfigured: boolean }): Promise<void> {
    if (this.#isStopped) return;
    const settled: Promise<void>[] = [];
    const wanted = this.#plan();
    for (const [key, loop] of this.#loops) {
      if (wanted.has(key)) continue;
      this.#loops.delete(key);
      settled.push(loop.stop(true));
    }
    for (const [key, target] of wanted) {
      const running = this.#loops.get(key);
      if (running === undefined) {
        const loop = new ScrapeLoop(target, this.#config, this.#source(target), this.#shared);
        this.#loops.set(key, loop);
        loop.start();
      } else if (isReconfigured || !isSameSchedule(running.target, target)) {
        settled.push(running.update(target, this.#config, this.#source(target)));
      }
    }
    await Promise.all(settled);
  }

  #plan(): Map<string, Target> {
    const { metrics, logger } = this.#shared;
    const { jobName, targetsMax } = this.#config;
    const wanted = new Map<string, Target>();
    const droppedMax = this.#config.droppedTargetsKeptMax || DROPPED_TARGETS_KEPT_MAX;
    this.#dropped = [];
    for (const found of this.#found()) {
      const plan = planTarget(found, this.#config);
      if (plan.kind === "active") {
        wanted.set(plan.target.key, plan.target);
        continue;
      }
      const reason = plan.kind === "invalid" ? plan.reason : undefined;
      if (reason !== undefined) {
        metrics.targetsRefused.inc({ reason: "invalid" });
        logger.warn({ job: jobName, target: found.toString(), reason }, "a target cannot be scraped");
      }
      if (this.#dropped.length >= droppedMax) continue;
      const { discoveredLabels } = plan;
      this.#dropped.push({ state: "dropped", discoveredLabels, scrapePool: jobName, reason });
    }
    if (targetsMax > 0 && wanted.size > targetsMax) {
      metrics.targetsRefused.inc({ reason: "target_limit" }, wanted.size);
      logger.warn(
        { job: jobName, targets: wanted.size, targetsMax },
        "target_limit exceeded: the job is not scraped",
      );
      const reason = `target_limit exceeded: ${wanted.size} targets, limit ${targetsMax}`;
      for (const { discoveredLabels } of wanted.values()) {
        this.#dropped.push({ state: "dropped", discoveredLabels, scrapePool: jobName, reason });
      }
      return new Map();
    }
    return wanted;
  }

  *#found(): Iterable<Labels> {
    for (const group of this.#config.staticConfigs) yield* labelsOfGroup(group, {});
    for (const discovery of this.#discoveries) {
      for (const [path, groups] of discovery.groups()) {
        for (const group of groups) yield* labelsOfGroup(group, { __meta_filepath: path });
      }
    }
  }

  #source(target: Target): HttpSource {
    return new HttpSource(target.url, this.#client, this.#config);
  }
}

function* labelsOfGroup(group: TargetGroup, meta: Record<string, string>): Iterable<Labels> {
  for (const address of group.targets) {
    yield (group.labels ?? Labels.EMPTY).with({ ...meta, __address__: address });
  }
}

function isSameSchedule(a: Target, b: Target): boolean {
  return (
    a.intervalMs === b.intervalMs &&
    a.timeoutMs === b.timeoutMs &&
    a.discoveredLabels.equals(b.discoveredLabels)
  );
}
