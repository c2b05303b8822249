/**
 * When the head is sealed and parts are merged, expired and cleaned: by a timer, or because somebody asks.
 * One thing at a time; what fails is tried again at the next tick.
 */
import type { DiskGuard } from "@binnacle/lmdb-file";
import { BinnacleError, type Logger } from "@binnacle/model";
import type { PartLife } from "./part-life.ts";

export interface MaintenanceOptions {
  readonly life: PartLife;
  readonly disk: DiskGuard;
  readonly logger: Logger;
  /** Called at each tick before the work, on the store's thread. */
  readonly onTick: () => void;
  /** Called after each piece of work. */
  readonly onDone: () => void;
}

const TICK_MS = 5000;

export class Maintenance {
  readonly #options: MaintenanceOptions;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isAwake = false;
  #isClosed = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#isClosed;
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
    this.enqueue(() => this.#tick()).catch((error: unknown) => {
      if (this.#isClosed) return;
      this.#options.logger.error(
        { error: String(error) },
        "the log store's maintenance failed and is tried again",
      );
    });
  }

  async #tick(): Promise<void> {
    this.#isAwake = false;
    const { life, disk, onTick } = this.#options;
    disk.update();
    onTick();
    // First what makes room.
    await life.expire(!disk.isReadOnly);
    await life.sealAll();
    disk.update();
    if (disk.isReadOnly) return;
    await life.repair();
    await life.clean(false);
    await life.mergeAll(false);
  }

  /** Seals and merges all there is, without what was deleted. */
  compact(): Promise<void> {
    const { life } = this.#options;
    return this.enqueue(async () => {
      await life.sealAll();
      await life.repair();
      await life.expire(true);
      await life.clean(true);
      await life.mergeAll(true);
    });
  }

  /** Takes all that was deleted off the disk. */
  clean(): Promise<void> {
    const { life } = this.#options;
    return this.enqueue(async () => {
      await life.sealAll();
      await life.clean(true);
    });
  }

  /** Runs work when what was asked before is done. Rejects as the work does, and UNAVAILABLE when closed. */
  enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#after(this.#work, work);
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #after(before: Promise<void>, work: () => Promise<void>): Promise<void> {
    await before;
    if (this.#isClosed) throw new BinnacleError("UNAVAILABLE", "the log store is closing");
    await work();
    this.#options.onDone();
  }

  /** Waits for what is under way; generations not yet sealed keep their journals. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosed = true;
    await this.#work;
    for (const { journal } of this.#options.life.frozen) await journal[Symbol.asyncDispose]();
  }
}
