/**
 * The life of blocks: seals the head when it is due, merges, expires. Decides by plan.ts, acts here, one at a
 * time.
 */
import type { Clock, Logger } from "@binnacle/model";
import { join } from "node:path";
import { blockFile } from "./block/block-name.ts";
import type { BlockSet } from "./block/block-set.ts";
import type { Manifest } from "./block/manifest.ts";
import { HeadGeneration } from "./head/generation.ts";
import type { Head } from "./head/head.ts";
import type { HeadJournals } from "./head-journals.ts";
import type { Job, JobResult } from "./jobs.ts";
import type { MetadataStore } from "./metadata-store.ts";
import { planMerge, planRetention, planSeal, type BlockMeta } from "./plan.ts";
import type { StoreLimits, StoreMetrics } from "./store-options.ts";

export interface MaintenanceParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: StoreLimits;
  readonly metrics: StoreMetrics;
  readonly retentionMs: number;
  readonly head: Head;
  readonly journals: HeadJournals;
  readonly blocks: BlockSet;
  readonly manifest: Manifest;
  readonly metadata: MetadataStore;
  readonly runJob: (job: Job) => Promise<JobResult>;
}

export class Maintenance {
  readonly #parts: MaintenanceParts;
  #timer: NodeJS.Timeout | undefined;
  /** The end of the queue: each piece of work waits for the one before it. */
  #tail: Promise<void> = Promise.resolve();
  #isWoken = false;
  #isStopped = false;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
  }

  start(): void {
    const { maintenanceIntervalMs } = this.#parts.limits;
    if (maintenanceIntervalMs === 0) return;
    this.#timer = setInterval(() => this.wake(), maintenanceIntervalMs);
    this.#timer.unref();
  }

  /** Waits for the work under way and takes on no more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#tail;
  }

  /** Runs soon, unless a run is waiting already. */
  wake(): void {
    if (this.#isWoken || this.#isStopped) return;
    this.#isWoken = true;
    void this.run().catch((error: unknown) => {
      this.#parts.logger.error(
        { err: error },
        "maintenance of the metrics store failed; it will be tried again",
      );
    });
  }

  /** Does what is due. */
  run(): Promise<void> {
    return this.#enqueue(async () => {
      this.#isWoken = false;
      const { head, limits, clock } = this.#parts;
      const { samples, bytes, openedMs } = head.open;
      const ageMs = clock.nowMs() - openedMs;
      const { sealIntervalMs, headBytesMax } = limits;
      const series = head.registry.seriesCount;
      if (planSeal({ samples, series, bytes, ageMs, sealIntervalMs, headBytesMax }) !== undefined)
        this.#freeze();
      await this.#sealFrozen();
      await this.#expire();
      await this.#mergeWhile(false);
      this.#parts.metadata.save();
      this.#report();
    });
  }

  compact(): Promise<void> {
    return this.#enqueue(async () => {
      this.#freeze();
      await this.#sealFrozen();
      await this.#expire();
      await this.#mergeWhile(true);
      this.#parts.metadata.save();
      this.#report();
    });
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(() => (this.#isStopped ? undefined : work()));
    this.#tail = done.catch(() => {});
    return done;
  }

  #freeze(): void {
    const { head, clock } = this.#parts;
    if (head.open.samples > 0) head.freeze(new HeadGeneration(head.open.id + 1, clock.nowMs()));
  }

  async #sealFrozen(): Promise<void> {
    const { head, manifest, blocks, journals } = this.#parts;
    for (let generation = head.frozen[0]; generation !== undefined; generation = head.frozen[0]) {
      const { id } = generation;
      const file = blockFile(id, 0);
      const summary = await this.#run({
        kind: "seal",
        path: join(blocks.dir, file),
        head: generation.snapshot(generation.slots.view(), head.registry),
        labelSegments: [...head.registry.segments],
      });
      const made: BlockMeta[] = summary === undefined ? [] : [{ id, file, level: 0, ...summary }];
      await manifest.save({ blocks: [...manifest.state.blocks, ...made], sealedThrough: id });
      // In one turn, so that every query sees these samples in one place and none sees them in both.
      blocks.replace([], made);
      head.drop(generation);
      await journals.remove(generation);
    }
  }

  async #mergeWhile(all: boolean): Promise<void> {
    const { blocks, manifest, clock, retentionMs } = this.#parts;
    for (;;) {
      const inputs = planMerge(blocks.all, { all });
      if (inputs.length === 0 || this.#isStopped) return;
      const { id } = inputs.at(-1)!;
      const level = Math.max(...inputs.map((block) => block.level)) + 1;
      const file = blockFile(id, level);
      const summary = await this.#run({
        kind: "merge",
        path: join(blocks.dir, file),
        isLasting: all || level > 1,
        inputs: inputs.map((block) => blocks.path(block)),
        minTimeMs: clock.nowMs() - retentionMs,
      });
      const made: BlockMeta[] = summary === undefined ? [] : [{ id, file, level, ...summary }];
      await this.#replace(manifest, inputs, made);
    }
  }

  async #expire(): Promise<void> {
    const { blocks, manifest, clock, retentionMs, metrics, logger } = this.#parts;
    const expired = planRetention(blocks.all, { nowMs: clock.nowMs(), retentionMs });
    if (expired.length === 0) return;
    await this.#replace(manifest, expired, []);
    metrics.blocksExpired.inc({}, expired.length);
    logger.info({ blocks: expired.map((block) => block.file) }, "removed blocks older than the retention");
  }

  async #replace(manifest: Manifest, gone: readonly BlockMeta[], come: readonly BlockMeta[]): Promise<void> {
    const names = new Set(gone.map((block) => block.file));
    const kept = manifest.state.blocks.filter((block) => !names.has(block.file));
    await manifest.save({ ...manifest.state, blocks: [...kept, ...come] });
    this.#parts.blocks.replace(gone, come);
  }

  async #run(job: Job): Promise<JobResult> {
    const { logger, metrics, runJob } = this.#parts;
    const startMs = performance.now();
    try {
      const result = await runJob(job);
      metrics.jobs.inc({ kind: job.kind });
      const tookMs = Math.round(performance.now() - startMs);
      logger.info({ kind: job.kind, path: job.path, ...result, tookMs }, "wrote a block");
      return result;
    } catch (error) {
      metrics.jobFailures.inc({ kind: job.kind });
      throw error;
    }
  }

  #report(): void {
    const { head, blocks, metrics } = this.#parts;
    const generations = [...head.frozen, head.open];
    metrics.headSeries.set(head.registry.seriesCount);
    metrics.headSamples.set(generations.reduce((sum, generation) => sum + generation.samples, 0));
    metrics.headBytes.set(generations.reduce((sum, generation) => sum + generation.bytes, 0));
    metrics.blocks.set(blocks.all.length);
    metrics.blockBytes.set(blocks.all.reduce((sum, block) => sum + block.fileBytes, 0));
  }
}
