/**
 * What happens to lines after the head: generations are sealed, parts merged, written anew without what was
 * deleted or is damaged, and removed. Decides by the plans, acts here; Maintenance says when, one thing at a
 * time.
 */
import type { DiskGuard } from "@binnacle/lmdb-file";
import { BinnacleError, type Clock, type Logger } from "@binnacle/model";
import { DeletionFilter } from "../deletion/deletion-filter.ts";
import type { DeletionStore } from "../deletion/deletion-store.ts";
import type { LineDeletion } from "../deletion/line-deletion.ts";
import type { Expiry, LogJob, LogJobResult, MergeJob } from "../jobs.ts";
import type { LogLimits } from "../limits.ts";
import { openLivePart, pathOfPart } from "./directory.ts";
import { planExpiry, planSizeExpiry } from "./expiry-plan.ts";
import type { Head } from "./head.ts";
import type { HeldJournal } from "./journal.ts";
import type { PartName } from "./layout.ts";
import { planMerge } from "./merge-plan.ts";
import type { LivePart, PartSet } from "./part-set.ts";
import { Retention, type RetentionOptions } from "./retention.ts";
import type { StoreMetrics } from "./store-metrics.ts";
import type { StreamCatalog } from "./stream-catalog.ts";

/** A head and the journal that holds the same lines. */
export interface Generation {
  readonly head: Head;
  readonly journal: HeldJournal;
}

/** Bytes of the head that become one of a part, at the least that was seen. */
const SEALED_SHARE = 4;

export interface PartLifeOptions {
  readonly catalog: StreamCatalog;
  readonly parts: PartSet;
  readonly deletions: DeletionStore;
  readonly disk: DiskGuard;
  readonly metrics: StoreMetrics;
  readonly partsDir: string;
  readonly limits: LogLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly retention: RetentionOptions;
  /** Bytes that parts and journals may take; undefined: no bound. */
  readonly retentionBytes: number | undefined;
  /** Bytes of the journals that are in use. */
  readonly journalBytes: () => number;
  readonly runJob: (job: LogJob) => Promise<LogJobResult>;
  /** Called when a generation's parts are written, before its journal goes. */
  readonly onSealed: (generation: number) => void;
  /** Asked between pieces of work. */
  readonly isClosed: () => boolean;
}

export class PartLife {
  readonly #options: PartLifeOptions;
  readonly #retention: Retention;
  readonly #frozen: Generation[] = [];
  /** Paths of parts in which a reader met damage. */
  readonly #suspects = new Set<string>();

  constructor(options: PartLifeOptions) {
    this.#options = options;
    this.#retention = new Retention(options.retention);
  }

  get frozen(): readonly Generation[] {
    return this.#frozen;
  }

  /** Takes over a generation to which nothing is added any more. */
  freeze(generation: Generation): void {
    this.#frozen.push(generation);
  }

  /** A reader met damage in a part: what can still be read of it is to be saved. */
  suspect(path: string): void {
    this.#suspects.add(path);
  }

  async sealAll(): Promise<void> {
    // Sealed in their order: what a crash leaves is then told from the names of parts and journals.
    for (
      let next = this.#frozen[0];
      next !== undefined && !this.#options.isClosed();
      next = this.#frozen[0]
    ) {
      await this.#seal(next);
    }
  }

  async #seal({ head, journal }: Generation): Promise<void> {
    const { partsDir, catalog, parts } = this.#options;
    await journal.idle();
    this.#needRoom(head.bytes / SEALED_SHARE);
    const streams = [...head.streams()];
    const result = await this.#run({
      kind: "seal",
      partsDir,
      generation: head.generation,
      arenas: head.arenas,
      streams: streams.map(({ labels, sections }) => ({ pairs: labels.pairs, sections })),
      expiry: this.#expiry(),
    });
    this.#options.onSealed(head.generation);
    const sealed = this.#open(result.parts);
    // In one turn, so that every query sees the lines in one place and in no other.
    parts.replace([], sealed);
    for (const part of sealed) catalog.addPart(part);
    this.#frozen.shift();
    for (const { labels } of streams) catalog.removeFromHead(labels);
    await journal.destroy();
  }

  async mergeAll(isFull: boolean): Promise<void> {
    const { parts, deletions, limits } = this.#options;
    while (!this.#options.isClosed()) {
      const { partBytesMax } = limits;
      const active = deletions.active.map(({ lines }) => lines);
      const group = planMerge(parts.live, { partBytesMax, isFull, deletions: active });
      if (group === undefined) return;
      const [{ day, firstGeneration }, { lastGeneration }] = [group[0]!, group.at(-1)!];
      await this.#rewrite(group, { day, firstGeneration, lastGeneration, revision: 0 });
    }
  }

  /**
   * Takes off the disk what was deleted so long ago that it cannot be taken back, or all that was deleted.
   * A deletion some of whose lines are not sealed yet waits for the next time.
   */
  async clean(isForced: boolean): Promise<void> {
    const { deletions, clock, limits, parts, logger } = this.#options;
    const nowMs = clock.nowMs();
    const oldest = this.#frozen[0]?.head.generation ?? Number.POSITIVE_INFINITY;
    const due = deletions.active.filter(
      ({ createdMs, lines: { through } }) =>
        through < oldest && (isForced || nowMs - createdMs >= limits.deletionGraceMs),
    );
    if (due.length === 0) return;
    const lines = due.map((deletion) => deletion.lines);
    const ids = new Set(due.map(({ id }) => id));
    const filter = new DeletionFilter(lines);
    for (const part of parts.live.filter((each) => concerns(filter, each))) {
      if (this.#options.isClosed()) return;
      deletions.mark(ids, "startedMs", nowMs);
      await this.#rewrite([part], { ...nameOf(part), revision: part.revision + 1 }, lines);
    }
    deletions.mark(ids, "processedMs", clock.nowMs());
    logger.info({ deletions: [...ids] }, "deleted log lines are off the disk");
  }

  /** Saves what can be read of the parts in which damage was met. */
  async repair(): Promise<void> {
    const { parts } = this.#options;
    for (const path of this.#suspects) {
      this.#suspects.delete(path);
      const part = parts.live.find((live) => live.path === path);
      if (part !== undefined) await this.#rewrite([part], { ...nameOf(part), revision: part.revision + 1 });
    }
  }

  /** Removes what the retentions by time, by size and by selector no longer keep. */
  async expire(canWrite: boolean): Promise<void> {
    const { parts, clock, retentionBytes, journalBytes } = this.#options;
    const nowMs = clock.nowMs();
    const { gone, partly } = planExpiry(parts.live, (labels) => this.#retention.oldestNs(labels, nowMs));
    this.#remove(gone, "time");
    const bytesMax = retentionBytes ?? Number.POSITIVE_INFINITY;
    this.#remove(planSizeExpiry(parts.live, { bytesMax, journalBytes: journalBytes() }), "size");
    if (!canWrite) return;
    for (const part of partly) {
      if (this.#options.isClosed()) return;
      if (parts.live.includes(part))
        await this.#rewrite([part], { ...nameOf(part), revision: part.revision + 1 });
    }
  }

  #remove(expired: readonly LivePart[], reason: "time" | "size"): void {
    if (expired.length === 0) return;
    const { metrics, logger } = this.#options;
    this.#replace(expired, []);
    metrics.partsExpired.inc({ reason }, expired.length);
    const paths = expired.map(({ path }) => path);
    logger.info({ parts: paths, reason }, "log parts that retention does not keep are removed");
  }

  /** Writes parts anew as one, without what is past retention; of damaged ones what can be read. */
  async #rewrite(
    inputs: readonly LivePart[],
    output: PartName,
    deletions: readonly LineDeletion[] = [],
  ): Promise<void> {
    const { partsDir, parts, disk } = this.#options;
    this.#needRoom(disk.reserveBytes + inputs.reduce((sum, { bytes }) => sum + bytes, 0));
    const job: MergeJob = {
      kind: "merge",
      partsDir,
      inputs: inputs.map(({ path, lastGeneration }) => ({ path, lastGeneration })),
      output,
      deletions,
      expiry: this.#expiry(),
      skipsDamage: false,
      onlyIfChanged: deletions.length > 0,
    };
    parts.pin(inputs);
    try {
      let result: LogJobResult;
      try {
        result = await this.#run(job);
      } catch (error) {
        if (!isDamage(error)) throw error;
        try {
          result = await this.#run({ ...job, skipsDamage: true });
        } catch (worse) {
          if (!isDamage(worse)) throw worse;
          this.#giveUp(inputs, worse);
          return;
        }
      }
      if (result.isUnchanged) return;
      const damaged = inputs.filter(({ path }) => result.damage.some((message) => message.includes(path)));
      this.#tellLoss(result.lostLines, result.damage);
      this.#replace(inputs, this.#open(result.parts), new Set(damaged));
    } finally {
      parts.unpin(inputs);
    }
  }

  /** Of a part whose index cannot be read any more nothing can be saved. */
  #giveUp(inputs: readonly LivePart[], error: BinnacleError): void {
    const lost = inputs.filter(({ path }) => error.message.includes(path));
    if (lost.length === 0) throw error;
    this.#tellLoss(
      lost.reduce((sum, { index }) => sum + index.lines, 0),
      [error.message],
    );
    this.#replace(lost, [], new Set(lost));
  }

  #tellLoss(lines: number, damage: readonly string[]): void {
    if (damage.length === 0) return;
    const { metrics, logger } = this.#options;
    metrics.damaged.inc();
    metrics.lostLines.inc({}, lines);
    logger.error(
      { lines, damage },
      "log lines are lost, since what they lay in is damaged; the file is kept",
    );
  }

  #replace(removed: readonly LivePart[], added: readonly LivePart[], damaged?: ReadonlySet<LivePart>): void {
    const { parts, catalog } = this.#options;
    parts.replace(removed, added, damaged);
    for (const part of added) catalog.addPart(part);
    for (const part of removed) catalog.removePart(part);
  }

  #needRoom(bytes: number): void {
    if (this.#options.disk.hasRoomFor(bytes)) return;
    const message = `the disk is full: no room for a log part of up to ${Math.round(bytes)} bytes`;
    throw new BinnacleError("UNAVAILABLE", message);
  }

  #expiry(): Expiry {
    return { retention: this.#options.retention, nowMs: this.#options.clock.nowMs() };
  }

  #open(names: readonly PartName[]): LivePart[] {
    return names.map((name) => openLivePart(pathOfPart(this.#options.partsDir, name), name));
  }

  async #run(job: LogJob): Promise<LogJobResult> {
    const { metrics, runJob } = this.#options;
    try {
      const result = await runJob(job);
      metrics.jobs.inc({ kind: job.kind });
      return result;
    } catch (error) {
      metrics.jobFailures.inc({ kind: job.kind });
      throw error;
    }
  }
}

function nameOf({ day, firstGeneration, lastGeneration, revision }: LivePart): PartName {
  return { day, firstGeneration, lastGeneration, revision };
}

function isDamage(error: unknown): error is BinnacleError {
  return error instanceof BinnacleError && error.code === "CORRUPT_DATA";
}

/** Whether a part may have lines that deletions mean. */
function concerns(filter: DeletionFilter, { index, lastGeneration }: LivePart): boolean {
  return index.streams.some((labels, stream) =>
    filter.of(labels).some(({ through, startNs, endNs }) => {
      if (lastGeneration > through) return false;
      for (let run = index.runsOf[stream]!; run < index.runsOf[stream + 1]!; run++) {
        if (index.runs.minNs[run]! <= endNs && index.runs.maxNs[run]! >= startNs) return true;
      }
      return false;
    }),
  );
}
