/**
 * Keeps the last bytes of a disk free. A commit that fails half way costs the appends it has, so the store
 * stops before the disk is full: it turns read-only while less than its reserve is left, seals what it has
 * with that, and goes on by itself when there is room again.
 */
import { statfsSync } from "node:fs";
import { BinnacleError, type Clock, type Gauge, type Logger } from "@binnacle/model";

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface DiskGuardOptions {
  readonly dir: string;
  readonly reserveBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 1 while the store is read-only. */
  readonly gauge: Gauge;
  /** For messages: what is kept, and in which store. */
  readonly store: { readonly name: string; readonly things: string };
  /** Default: asks the file system. */
  readonly space?: ((dir: string) => DiskSpace) | undefined;
}

/** The reserve is never more of the disk than this, so that a small one is of use. */
const RESERVE_SHARE = 0.05;
/** Free bytes at which it goes on, in reserves: so that it does not waver. */
const RESUME_RESERVES = 1.5;
/** What a file system said is believed this long, ms, while there is plenty. */
const FRESH_MS = 250;
/** How long a write that failed speaks against what the file system says is free, ms: it may be a quota's. */
const FAILURE_HOLD_MS = 5000;
/** What LMDB and the file system take beside the bytes themselves. */
const WRITE_FACTOR = 2;

export class DiskGuard {
  readonly #options: DiskGuardOptions;
  #space: DiskSpace = { freeBytes: 0, totalBytes: 0 };
  #askedMs = Number.NEGATIVE_INFINITY;
  #isReadOnly = false;
  /** Read-only until then at the least, by the monotonic clock. */
  #heldUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: DiskGuardOptions) {
    this.#options = options;
    this.update();
  }

  get isReadOnly(): boolean {
    return this.#isReadOnly;
  }

  get reserveBytes(): number {
    return Math.min(this.#options.reserveBytes, RESERVE_SHARE * this.#space.totalBytes);
  }

  /**
   * Throws UNAVAILABLE when `pendingBytes` more would take from the reserve; of what is essential, when they
   * would take its second half.
   */
  checkAppend(pendingBytes: number, isEssential: boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#isReadOnly || nowMs - this.#askedMs > FRESH_MS) this.update(pendingBytes);
    if (!this.#isReadOnly) return;
    const { freeBytes } = this.#space;
    if (isEssential && freeBytes - WRITE_FACTOR * pendingBytes > this.reserveBytes / 2) return;
    throw new BinnacleError(
      "UNAVAILABLE",
      `the ${this.#options.store.name} is read-only: the disk of ${this.#options.dir} has ${freeBytes} bytes left, and ` +
        `${Math.round(this.reserveBytes)} are kept free (diskReserveBytes); it goes on when there is room`,
    );
  }

  /** Whether there is room for a file of this size, from the reserve if need be. */
  hasRoomFor(bytes: number): boolean {
    this.update();
    return bytes <= this.#space.freeBytes;
  }

  /** A write has failed: whatever the file system says of its room, it is read-only for a while. */
  noteFailure(): void {
    this.#heldUntilMs = this.#options.clock.monotonicMs() + FAILURE_HOLD_MS;
    this.update();
  }

  /** Asks the file system, and turns read-only or back. */
  update(pendingBytes = 0): void {
    const { dir, clock, gauge, logger, store, space = askFileSystem } = this.#options;
    this.#space = space(dir);
    this.#askedMs = clock.monotonicMs();
    const { freeBytes } = this.#space;
    const free = freeBytes - WRITE_FACTOR * pendingBytes;
    const isFull = free < this.reserveBytes * (this.#isReadOnly ? RESUME_RESERVES : 1);
    const isReadOnly = isFull || this.#askedMs < this.#heldUntilMs;
    if (isReadOnly !== this.#isReadOnly) {
      const fields = { dir, freeBytes, reserveBytes: Math.round(this.reserveBytes) };
      if (isReadOnly) {
        logger.error(
          fields,
          `${isFull ? "the disk is full" : "a write failed"}: the ${store.name} is read-only until there is room`,
        );
      } else {
        logger.info(fields, `there is room on the disk again: the ${store.name} takes ${store.things}`);
      }
    }
    this.#isReadOnly = isReadOnly;
    gauge.set(isReadOnly ? 1 : 0);
  }
}

function askFileSystem(dir: string): DiskSpace {
  const { bavail, blocks, bsize } = statfsSync(dir);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
