/**
 * The life of lines after the head: generations are sealed one after the other, parts are merged, expired
 * parts go. One thing at a time; what fails is tried again at the next tick.
 */
import { BinnacleError, type Clock, type Logger } from "@binnacle/model";
import type { LogJob, LogJobResult } from "../jobs.ts";
import type { LogLimits } from "../limits.ts";
import { openLivePart, pathOfPart } from "./directory.ts";
import type { Head } from "./head.ts";
import type { Journal } from "./journal.ts";
import { planExpiry, planMerge } from "./merge-plan.ts";
import type { LivePart, PartSet } from "./part-set.ts";
import type { StoreMetrics } from "./store-metrics.ts";
import type { StreamCatalog } from "./stream-catalog.ts";

/** A head and the journal that holds the same lines. */
export interface Generation {
  readonly head: Head;
  readonly journal: Journal;
}

export interface MaintenanceOptions {
  readonly catalog: StreamCatalog;
  readonly parts: PartSet;
  readonly metrics: StoreMetrics;
  readonly partsDir: string;
  readonly limits: LogLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly retentionMs: number | undefined;
  readonly runJob: (job: LogJob) => Promise<LogJobResult>;
  /** Called at each tick before the work, on the store's thread. */
  readonly onTick: () => void;
}

const TICK_MS = 5000;

export class Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #frozen: Generation[] = [];
  /** Parts that a merge could not read. They stay as they are, and queries that touch their damage say so. */
  readonly #unmergeable = new Set<LivePart>();
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isAwake = false;
  #isClosed = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  get frozenHeads(): Head[] {
    return this.#frozen.map((generation) => generation.head);
  }

  get frozenBytes(): number {
    return this.#frozen.reduce((sum, { head }) => sum + head.bytes, 0);
  }

  /** Takes over a generation to which nothing is added any more. */
  freeze(generation: Generation): void {
    this.#frozen.push(generation);
  }

  /** Begins the ticks. */
  start(): void {
    this.#timer = setInterval(() => this.wake(), TICK_MS);
    this.#timer.unref();
    this.wake();
  }

  /** Has the work looked after soon; many calls are one. */
  wake(): void {
    if (this.#isAwake || this.#isClosed) return;
    this.#isAwake = true;
    void this.#queue(async () => {
      this.#isAwake = false;
      this.#options.onTick();
      await this.#sealAll();
      await this.#mergeAll(false);
      this.#expire();
      this.#report();
    }).catch((error: unknown) => {
      this.#options.logger.error(
        { error: String(error) },
        "the log store's maintenance failed and is tried again",
      );
    });
  }

  compact(): Promise<void> {
    return this.#queue(async () => {
      await this.#sealAll();
      await this.#mergeAll(true);
      this.#expire();
      this.#report();
    });
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(() => (this.#isClosed ? undefined : work()));
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #sealAll(): Promise<void> {
    // Sealed in their order: what a crash leaves is then told from the names of parts and journals.
    for (let next = this.#frozen[0]; next !== undefined && !this.#isClosed; next = this.#frozen[0]) {
      await this.#seal(next);
    }
  }

  async #seal({ head, journal }: Generation): Promise<void> {
    const { partsDir, catalog, parts } = this.#options;
    await journal.idle();
    const streams = [...head.streams()];
    const job: LogJob = {
      kind: "seal",
      partsDir,
      generation: head.generation,
      arenas: head.arenas,
      streams: streams.map(({ labels, sections }) => ({ pairs: labels.pairs, sections })),
    };
    const sealed = await this.#run(job);
    // In one turn, so that every query sees the lines in one place and in no other.
    parts.replace([], sealed);
    for (const part of sealed) catalog.addPart(part);
    this.#frozen.shift();
    for (const { labels } of streams) catalog.removeFromHead(labels);
    await journal.destroy();
  }

  async #mergeAll(isFull: boolean): Promise<void> {
    const { parts, catalog, partsDir, limits, logger } = this.#options;
    while (!this.#isClosed) {
      // A part that cannot be read counts as too large, so that nothing is merged across it either.
      const sizes = parts.live.map((part) =>
        this.#unmergeable.has(part) ? { ...part, bytes: Infinity, part } : { ...part, part },
      );
      const group = planMerge(sizes, { partBytesMax: limits.partBytesMax, isFull })?.map(({ part }) => part);
      if (group === undefined) return;
      const output = {
        day: group[0]!.day,
        firstGeneration: group[0]!.firstGeneration,
        lastGeneration: group[group.length - 1]!.lastGeneration,
      };
      parts.pin(group);
      try {
        const merged = await this.#run({
          kind: "merge",
          partsDir,
          inputs: group.map((part) => part.path),
          output,
        });
        parts.replace(group, merged);
        for (const part of merged) catalog.addPart(part);
        for (const part of group) catalog.removePart(part);
      } catch (error) {
        if (!(error instanceof BinnacleError && error.code === "CORRUPT_DATA")) throw error;
        logger.error({ error: error.message }, "log parts cannot be merged since one is damaged");
        for (const part of group) if (error.message.includes(part.path)) this.#unmergeable.add(part);
        if (!group.some((part) => this.#unmergeable.has(part))) throw error;
      } finally {
        parts.unpin(group);
      }
    }
  }

  async #run(job: LogJob): Promise<LivePart[]> {
    const { metrics, partsDir, runJob } = this.#options;
    try {
      const result = await runJob(job);
      metrics.jobs.inc({ kind: job.kind });
      return result.parts.map((name) => openLivePart(pathOfPart(partsDir, name), name));
    } catch (error) {
      metrics.jobFailures.inc({ kind: job.kind });
      throw error;
    }
  }

  #expire(): void {
    const { retentionMs, parts, catalog, clock, logger } = this.#options;
    if (retentionMs === undefined) return;
    const expired = planExpiry(parts.live, clock.nowMs(), retentionMs);
    if (expired.length === 0) return;
    for (const part of expired) catalog.removePart(part);
    parts.replace(expired, []);
    logger.info({ parts: expired.map((part) => part.path) }, "log parts past retention are removed");
  }

  #report(): void {
    const { metrics, parts, catalog } = this.#options;
    metrics.parts.set(parts.live.length);
    metrics.partBytes.set(parts.live.reduce((sum, part) => sum + part.bytes, 0));
    metrics.streams.set(catalog.size);
    metrics.headBytes.set(this.frozenBytes);
  }

  /** Waits for what is under way; generations not yet sealed keep their journals. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosed = true;
    await this.#work;
    for (const { journal } of this.#frozen) await journal[Symbol.asyncDispose]();
  }
}
