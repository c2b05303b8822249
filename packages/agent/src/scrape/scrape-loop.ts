/**
 * One target's life: scraped on its grid until it is stopped. Nothing a target does reaches beyond its own
 * loop.
 */
import {
  BinnacleError,
  formatDuration,
  type Clock,
  type Logger,
  type MetricSink,
  type SampleRow,
} from "@binnacle/model";
import { setTimeout as sleep } from "node:timers/promises";
import type { ScrapeConfig } from "../config/scrape-config.ts";
import {
  SCRAPE_APPEND_RETRY_MS,
  SCRAPE_APPEND_TRIES_MAX,
  SCRAPE_PATIENCE_MS,
  SCRAPE_PATIENCE_OF_INTERVAL,
} from "../limits.ts";
import { alignToGrid, gridOf, nextOnGrid } from "./schedule.ts";
import type { ScrapeMetrics } from "./scrape-metrics.ts";
import type { ScrapeSource, ScrapeYield } from "./scrape-source.ts";
import type { Semaphore } from "./semaphore.ts";
import { TargetSeries } from "./target-series.ts";
import type { Target } from "./target.ts";

export interface ScrapeLoopShared {
  readonly sink: MetricSink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ScrapeMetrics;
  readonly slots: Semaphore;
}

export interface ScrapeState {
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
  /** Unix ms; undefined before the first scrape. */
  readonly lastScrapeMs: number | undefined;
  readonly lastDurationMs: number;
}

/** A timer sleeps at most this long, so that a clock set anew moves the next scrape, in ms. */
const SLEEP_MS_MAX = 60_000;
/** Scrapes between two looks for series that are gone for good. */
const FORGET_AFTER_SCRAPES = 64;

const REPORTS = [
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "scrape_samples_post_metric_relabeling",
  "scrape_series_added",
];
const EXTRA_REPORTS = ["scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes"];

export class ScrapeLoop {
  readonly #shared: ScrapeLoopShared;
  readonly #series: TargetSeries;
  #isStopped = false;
  /** Gives up the scrape under way. */
  #abort: ((reason: Error) => void) | undefined;
  #target: Target;
  #config: ScrapeConfig;
  #source: ScrapeSource;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #scrapes = 0;
  #state: ScrapeState = { health: "unknown", lastError: "", lastScrapeMs: undefined, lastDurationMs: 0 };

  constructor(target: Target, config: ScrapeConfig, source: ScrapeSource, shared: ScrapeLoopShared) {
    this.#target = target;
    this.#config = config;
    this.#source = source;
    this.#shared = shared;
    this.#series = new TargetSeries(shared.sink, target.labels, config);
  }

  get target(): Target {
    return this.#target;
  }

  get state(): ScrapeState {
    return this.#state;
  }

  start(): void {
    this.#arm(nextOnGrid(gridOf(this.#target.intervalMs, this.#target.hash), this.#shared.clock.nowMs()));
  }

  /** Takes a changed configuration; the series go on, and those it no longer keeps end at the next scrape. */
  async update(target: Target, config: ScrapeConfig, source: ScrapeSource): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    if (this.#isStopped) return;
    this.#target = target;
    this.#config = config;
    this.#source = source;
    this.#series.configure(target.labels, config);
    source.forgetSeries();
    this.start();
  }

  /**
   * Ends the loop. `isGone` says that the target is no more, not just this process: its series then end too.
   */
  async stop(isGone: boolean): Promise<void> {
    this.#isStopped = true;
    this.#abort?.(new Error("the target is no longer scraped"));
    clearTimeout(this.#timer);
    await this.#running;
    if (!isGone) return;
    const names = this.#config.extraScrapeMetrics ? [...REPORTS, ...EXTRA_REPORTS] : REPORTS;
    await this.#append(this.#series.endAll(Math.round(this.#shared.clock.nowMs()), names));
  }

  #arm(dueMs: number): void {
    if (this.#isStopped) return;
    const waitMs = Math.max(0, dueMs - this.#shared.clock.nowMs());
    // Two updates may end at once: there is one timer all the same.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#wake(dueMs), Math.min(waitMs, SLEEP_MS_MAX));
    this.#timer.unref();
  }

  #wake(dueMs: number): void {
    const grid = gridOf(this.#target.intervalMs, this.#target.hash);
    const nowMs = this.#shared.clock.nowMs();
    const isEarly = nowMs < dueMs - 1;
    // A clock set back by much must not leave the target waiting for a time that is far off.
    this.#arm(isEarly ? Math.min(dueMs, nextOnGrid(grid, nowMs)) : nextOnGrid(grid, Math.max(nowMs, dueMs)));
    if (isEarly) return;
    if (this.#running !== undefined) {
      this.#shared.metrics.scrapesSkipped.inc();
      return;
    }
    this.#running = this.#shared.slots
      .run(() => this.#scrape())
      .catch((error: unknown) => {
        this.#shared.logger.error({ target: this.#target.url, error: String(error) }, "a scrape loop failed");
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #scrape(): Promise<void> {
    if (this.#isStopped) return;
    const { clock, metrics } = this.#shared;
    const { intervalMs, timeoutMs, hash } = this.#target;
    const timeMs = alignToGrid(gridOf(intervalMs, hash), clock.nowMs());
    const startMs = clock.monotonicMs();
    let failure = "";
    let fetched: ScrapeYield | undefined;
    try {
      fetched = await this.#fetch(timeoutMs);
    } catch (error) {
      failure = describe(error);
    }
    if (this.#isStopped) return;
    this.#series.begin(timeMs);
    if (fetched !== undefined) {
      try {
        fetched.addTo(this.#series);
      } catch (error) {
        failure = describe(error);
      }
    }
    const durationMs = clock.monotonicMs() - startMs;
    const reports = this.#reports(failure === "", durationMs, fetched?.bodyBytes ?? 0);
    const rows = failure === "" ? this.#series.finish(reports) : this.#series.fail(reports);
    this.#noteState(failure, timeMs, durationMs);
    metrics.scrapes.inc({ outcome: failure === "" ? "ok" : "failed" });
    metrics.scrapeSeconds.observe(durationMs / 1000);
    const { duplicates } = this.#series.counts;
    if (duplicates > 0) metrics.samplesDropped.inc({ reason: "duplicate_series" }, duplicates);
    if (failure === "" && fetched !== undefined && fetched.metadata.length > 0) {
      this.#shared.sink.describe(fetched.metadata);
    }
    await this.#append(rows);
    if (++this.#scrapes % FORGET_AFTER_SCRAPES === 0 && this.#series.forgetUnused(FORGET_AFTER_SCRAPES)) {
      this.#source.forgetSeries();
    }
  }

  async #fetch(timeoutMs: number): Promise<ScrapeYield> {
    const controller = new AbortController();
    this.#abort = (reason) => controller.abort(reason);
    const timer = setTimeout(() => {
      const limit = formatDuration(timeoutMs);
      controller.abort(
        new Error(`context deadline exceeded: no full answer within scrape_timeout (${limit})`),
      );
    }, timeoutMs);
    try {
      return await this.#source.fetch({ timeoutMs, signal: controller.signal });
    } catch (error) {
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      clearTimeout(timer);
      this.#abort = undefined;
    }
  }

  #reports(isUp: boolean, durationMs: number, bodyBytes: number): Map<string, number> {
    const { scraped, kept, added } = this.#series.counts;
    const reports = new Map([
      ["up", isUp ? 1 : 0],
      ["scrape_duration_seconds", durationMs / 1000],
      ["scrape_samples_scraped", scraped],
      ["scrape_samples_post_metric_relabeling", kept],
      ["scrape_series_added", isUp ? added : 0],
    ]);
    if (this.#config.extraScrapeMetrics) {
      reports.set("scrape_timeout_seconds", this.#target.timeoutMs / 1000);
      reports.set("scrape_sample_limit", this.#config.samplesMax);
      reports.set("scrape_body_size_bytes", bodyBytes);
    }
    return reports;
  }

  #noteState(failure: string, timeMs: number, durationMs: number): void {
    const { lastError } = this.#state;
    this.#state = {
      health: failure === "" ? "up" : "down",
      lastError: failure,
      lastScrapeMs: timeMs,
      lastDurationMs: durationMs,
    };
    if (failure === lastError) return;
    const fields = { job: this.#config.jobName, target: this.#target.url };
    if (failure === "") this.#shared.logger.info(fields, "a target answers again");
    else this.#shared.logger.warn({ ...fields, error: failure }, "a scrape failed");
  }

  /** A sink that is busy is asked a few times more; then the scrape is lost, and counted. */
  async #append(rows: readonly SampleRow[]): Promise<void> {
    if (rows.length === 0) return;
    const { sink, metrics, logger } = this.#shared;
    // Nobody waits for a scrape to be durable, and a crash that takes it takes the next ones too.
    const patience = SCRAPE_PATIENCE_OF_INTERVAL * this.#target.intervalMs;
    const patienceMs = this.#isStopped ? 0 : Math.min(SCRAPE_PATIENCE_MS, patience);
    for (let tries = 1; ; tries++) {
      try {
        const result = await sink.append(rows, { patienceMs });
        if (result.unknownSeries.length > 0 && tries < SCRAPE_APPEND_TRIES_MAX) {
          // Only rows that named a forgotten series are sent again; their other samples are repeats, which
          // are free.
          rows = renumber(rows, this.#series.renew(new Set(result.unknownSeries)));
          continue;
        }
        for (const { reason } of result.rejections) metrics.samplesDropped.inc({ reason });
        const unexplained = result.rejected - result.rejections.length;
        if (unexplained > 0) metrics.samplesDropped.inc({ reason: "rejected" }, unexplained);
        return;
      } catch (error) {
        const isBusy =
          error instanceof BinnacleError &&
          (error.code === "TOO_MANY_REQUESTS" || error.code === "UNAVAILABLE");
        if (isBusy && tries < SCRAPE_APPEND_TRIES_MAX && !this.#isStopped) {
          await sleep(SCRAPE_APPEND_RETRY_MS * tries);
          continue;
        }
        const samples = rows.reduce((sum, row) => sum + row.series.length, 0);
        metrics.samplesDropped.inc({ reason: isBusy ? "sink_busy" : "sink_failed" }, samples);
        logger.warn(
          { target: this.#target.url, samples, error: String(error) },
          "a scrape could not be stored",
        );
        return;
      }
    }
  }
}

function renumber(rows: readonly SampleRow[], renewed: ReadonlyMap<number, number>): SampleRow[] {
  const again: SampleRow[] = [];
  for (const row of rows) {
    const { series, histograms = [], exemplars = [] } = row;
    if (!series.some((ref) => renewed.has(ref)) && !histograms.some((it) => renewed.has(it.series))) continue;
    const renew = <T extends { readonly series: number }>(it: T): T => ({
      ...it,
      series: renewed.get(it.series) ?? it.series,
    });
    again.push({
      ...row,
      series: series.map((ref) => renewed.get(ref) ?? ref),
      ...(histograms.length === 0 ? {} : { histograms: histograms.map(renew) }),
      ...(exemplars.length === 0 ? {} : { exemplars: exemplars.map(renew) }),
    });
  }
  return again;
}

/** A failure for people: the message, and what undici hides in causes. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) {
    return error.errors.map((part: unknown) => describe(part)).join("; ");
  }
  return error.message === "" ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}
