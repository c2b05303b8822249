/** All scraping of a process: jobs as configured, and collectors inside the process. */
import { Labels, SYSTEM_CLOCK, type Clock, type Logger, type Meter, type MetricSink } from "@binnacle/model";
import { createHash } from "node:crypto";
import { resolveScrapeConfig, scrapeConfigSchema, type ScrapeConfig } from "../config/scrape-config.ts";
import { SCRAPES_CONCURRENT_MAX } from "../limits.ts";
import type { Collector } from "./collected.ts";
import { ScrapeLoop } from "./scrape-loop.ts";
import { registerScrapeMetrics } from "./scrape-metrics.ts";
import { ScrapePool, type ScrapePoolShared } from "./scrape-pool.ts";
import { CollectorSource } from "./scrape-source.ts";
import { Semaphore } from "./semaphore.ts";
import { activeStatus, type TargetStatus } from "./target-status.ts";
import type { Target } from "./target.ts";

export interface ScrapeManagerOptions {
  readonly sink: MetricSink;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock?: Clock;
  /** What relative paths of the configuration are relative to. Default the working directory. */
  readonly baseDir?: string;
}

export class ScrapeManager {
  readonly #shared: ScrapePoolShared;
  readonly #pools = new Map<string, ScrapePool>();
  readonly #collectors: ScrapeLoop[] = [];
  /** Configurations are applied one after the other, also when they come faster than they can be. */
  #applying: Promise<void> = Promise.resolve();

  constructor(options: ScrapeManagerOptions) {
    this.#shared = {
      sink: options.sink,
      logger: options.logger,
      clock: options.clock ?? SYSTEM_CLOCK,
      metrics: registerScrapeMetrics(options.meter),
      slots: new Semaphore(SCRAPES_CONCURRENT_MAX),
      baseDir: options.baseDir ?? ".",
    };
  }

  /**
   * Makes these the jobs that are scraped. Jobs that stay keep their targets' series. Job names must differ.
   */
  apply(configs: readonly ScrapeConfig[]): void {
    this.#applying = this.#applying
      .then(() => this.#apply(configs))
      .catch((error: unknown) => {
        this.#shared.logger.error({ error: String(error) }, "a scrape configuration could not be applied");
      });
  }

  /** Scrapes a collector of this process from now on, as a target of its own job. */
  addCollector(collector: Collector): void {
    const config = resolveScrapeConfig(scrapeConfigSchema.parse({ job_name: collector.job }), {
      scrape_interval: collector.intervalMs,
      scrape_timeout: collector.intervalMs,
    });
    const target = collectorTarget(collector);
    const loop = new ScrapeLoop(target, config, new CollectorSource(collector), this.#shared);
    this.#collectors.push(loop);
    loop.start();
  }

  targets(): TargetStatus[] {
    const collectors = this.#collectors.map((loop) =>
      activeStatus(loop.target.labels.get("job"), loop.target, loop.state),
    );
    return [...collectors, ...[...this.#pools.values()].flatMap((pool) => pool.targets())];
  }

  /** Ends all scraping; what is under way is given up. Series get no end: after a restart they go on. */
  async stop(): Promise<void> {
    await this.#applying;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all([
      ...pools.map((pool) => pool.stop(false)),
      ...this.#collectors.splice(0).map((loop) => loop.stop(false)),
    ]);
  }

  async #apply(configs: readonly ScrapeConfig[]): Promise<void> {
    const names = new Set(configs.map((config) => config.jobName));
    for (const [name, pool] of this.#pools) {
      if (names.has(name)) continue;
      this.#pools.delete(name);
      await pool.stop(true);
    }
    for (const config of configs) {
      const running = this.#pools.get(config.jobName);
      if (running !== undefined) {
        await running.reconfigure(config);
        continue;
      }
      const pool = new ScrapePool(config, this.#shared);
      this.#pools.set(config.jobName, pool);
      pool.start();
    }
  }
}

function collectorTarget(collector: Collector): Target {
  const { job, instance, intervalMs } = collector;
  const labels = Labels.fromObject({ job, instance });
  const key = `collector ${labels.key()}`;
  return {
    key,
    labels,
    discoveredLabels: labels,
    url: `in-process://${job}`,
    intervalMs,
    timeoutMs: intervalMs,
    hash: createHash("md5").update(key).digest().readUIntBE(0, 6),
  };
}
