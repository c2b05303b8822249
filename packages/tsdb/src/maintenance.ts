/**
 * When the head is sealed and blocks are merged, expired and cleaned: by a timer, or because somebody asks.
 */
import { BinnacleError, type Clock, type Logger } from "@binnacle/model";
import type { BlockLife } from "./block-life.ts";
import type { BlockSet } from "./block/block-set.ts";
import type { DiskGuard } from "@binnacle/lmdb-file";
import type { Head } from "./head/head.ts";
import type { MetadataStore } from "./metadata-store.ts";
import { planSeal } from "./plan.ts";
import type { StoreLimits, StoreMetrics } from "./store-options.ts";
import type { TombstoneStore } from "./tombstone-store.ts";

/** Samples in the head, bytes, that are sealed to make room. */
const WORTH_SEALING_BYTES = 1024 * 1024;

export interface MaintenanceParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: StoreLimits;
  readonly metrics: StoreMetrics;
  readonly head: Head;
  readonly blocks: BlockSet;
  readonly life: BlockLife;
  readonly metadata: MetadataStore;
  readonly tombstones: TombstoneStore;
  readonly disk: DiskGuard;
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
      if (this.#isStopped) return;
      this.#parts.logger.error(
        { err: error },
        "maintenance of the metrics store failed; it will be tried again",
      );
    });
  }

  /** Does what is due. */
  run(): Promise<void> {
    return this.enqueue(async () => {
      this.#isWoken = false;
      const { head, limits, clock, life, disk } = this.#parts;
      disk.update();
      const { samples, bytes, openedMs } = head.open;
      const ageMs = clock.nowMs() - openedMs;
      const { sealIntervalMs, headBytesMax } = limits;
      const series = head.registry.seriesCount;
      const due = planSeal({ samples, series, bytes, ageMs, sealIntervalMs, headBytesMax });
      // A journal is many times its block: where the disk is full, sealing makes room.
      if (due !== undefined || (disk.isReadOnly && bytes >= WORTH_SEALING_BYTES)) life.freeze();
      // First what makes room.
      await life.expire();
      await life.sealFrozen();
      disk.update();
      if (disk.isReadOnly) return;
      await life.expireSelectors();
      await this.#mergeWhile(false);
    });
  }

  compact(): Promise<void> {
    return this.enqueue(async () => {
      const { life } = this.#parts;
      life.freeze();
      await life.sealFrozen();
      await life.expire();
      await this.#mergeWhile(true);
    });
  }

  /** Takes away for good what was deleted: seals the head, and writes the blocks anew that had any of it. */
  cleanTombstones(): Promise<void> {
    return this.enqueue(async () => {
      const { life } = this.#parts;
      life.freeze();
      await life.sealFrozen();
      await life.clean();
    });
  }

  /** Runs work when what was asked before is done. Rejects as the work does, and UNAVAILABLE after stop(). */
  enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#after(this.#tail, work);
    this.#tail = done.catch(() => {});
    return done;
  }

  async #after(before: Promise<void>, work: () => Promise<void>): Promise<void> {
    await before;
    if (this.#isStopped) throw new BinnacleError("UNAVAILABLE", "the metrics store is closing");
    await work();
    if (!this.#parts.disk.isReadOnly) this.#parts.metadata.save();
    this.#report();
  }

  async #mergeWhile(all: boolean): Promise<void> {
    while (!this.#isStopped && (await this.#parts.life.merge(all)));
  }

  #report(): void {
    const { head, blocks, metrics, tombstones } = this.#parts;
    const generations = [...head.frozen, head.open];
    metrics.headSeries.set(head.registry.seriesCount);
    metrics.headSamples.set(generations.reduce((sum, generation) => sum + generation.samples, 0));
    metrics.headBytes.set(generations.reduce((sum, generation) => sum + generation.bytes, 0));
    metrics.blocks.set(blocks.all.length);
    metrics.blockBytes.set(blocks.all.reduce((sum, block) => sum + block.fileBytes, 0));
    metrics.tombstones.set(tombstones.all.length);
  }
}
