/**
 * Whether rows may be appended now: back-pressure instead of unbounded memory, and what a full disk allows.
 */
import { BinnacleError, type SampleRow } from "@binnacle/model";
import type { DiskGuard } from "@binnacle/lmdb-file";
import type { Head } from "./head/head.ts";
import type { HeadJournals } from "./head-journals.ts";
import { headBytesAllowed } from "./plan.ts";
import type { StoreLimits } from "./store-options.ts";

/** Heads waiting to be sealed may hold this many times headBytesMax before appends are turned away. */
const HEAD_BACKLOG_FACTOR = 3;

export interface AdmissionParts {
  readonly head: Head;
  readonly journals: HeadJournals;
  readonly disk: DiskGuard;
  readonly limits: StoreLimits;
  /** Beginnings of names of groups that are taken from the disk's reserve. */
  readonly essentialGroups: readonly string[];
}

export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Throws TOO_MANY_REQUESTS, UNAVAILABLE. */
  check(rows: readonly SampleRow[]): void {
    const { head, journals, disk, limits, essentialGroups } = this.#parts;
    const pending = journals.pendingBytes;
    const { journalPendingBytesMax } = limits;
    if (pending > journalPendingBytesMax) {
      throw new BinnacleError(
        "TOO_MANY_REQUESTS",
        `${pending} bytes wait for the journal, more than journalPendingBytesMax ${journalPendingBytesMax}`,
      );
    }
    const backlog = head.frozen.reduce((total, { bytes }) => total + bytes, head.open.bytes);
    const backlogMax = HEAD_BACKLOG_FACTOR * this.#headBytesAllowed();
    if (backlog > backlogMax) {
      throw new BinnacleError(
        "TOO_MANY_REQUESTS",
        `${backlog} bytes of samples wait to be sealed, more than ${backlogMax} (${HEAD_BACKLOG_FACTOR} × headBytesMax)`,
      );
    }
    const areEssential = rows.every(({ group }) =>
      essentialGroups.some((prefix) => group.startsWith(prefix)),
    );
    disk.checkAppend(pending, areEssential);
  }

  /** Whether the open head has as many bytes as it may have before it is sealed. */
  get isHeadFull(): boolean {
    return this.#parts.head.open.bytes >= this.#headBytesAllowed();
  }

  #headBytesAllowed(): number {
    const { head, limits } = this.#parts;
    return headBytesAllowed({
      series: head.registry.seriesCount,
      headBytesMax: limits.headBytesMax,
    });
  }
}
