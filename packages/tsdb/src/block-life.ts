/**
 * What happens to blocks: sealing, merging, expiring, writing anew without what is deleted. Decides by
 * plan.ts and retention.ts, acts here; Maintenance says when, one thing at a time.
 */
import { BinnacleError, type Clock, type Logger, type TimeRange } from "@binnacle/model";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { blockFile } from "./block/block-name.ts";
import type { BlockSet } from "./block/block-set.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Manifest } from "./block/manifest.ts";
import { unfinishedFile } from "./block/page-writer.ts";
import type { DamageLog } from "./damage-log.ts";
import type { Deletion } from "./deletion.ts";
import type { ExemplarStore } from "./exemplar-store.ts";
import type { HeadGeneration } from "./head/generation.ts";
import type { DiskGuard } from "@binnacle/lmdb-file";
import type { Head } from "./head/head.ts";
import type { HeadJournals } from "./head-journals.ts";
import type { Job, JobResult, MergeJob } from "./jobs.ts";
import { planMerge, type BlockMeta } from "./plan.ts";
import {
  planForgetting,
  planRetention,
  planSelectorRewrites,
  planSizeRetention,
  retentionCutoffs,
  retentionDeletions,
  type SelectorRetention,
} from "./retention.ts";
import type { StoreMetrics } from "./store-options.ts";
import type { TombstoneStore } from "./tombstone-store.ts";

/** Bytes of the head that become one of a block, at the least that was seen. */
const SEALED_SHARE = 4;
/** Room that a change of the manifest may take. */
const MANIFEST_BYTES = 256 * 1024;

export interface BlockLifeParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StoreMetrics;
  readonly retentionMs: number;
  readonly retentionBytes: number | undefined;
  readonly retentionBySelector: readonly SelectorRetention[];
  readonly head: Head;
  readonly journals: HeadJournals;
  readonly blocks: BlockSet;
  readonly manifest: Manifest;
  readonly tombstones: TombstoneStore;
  readonly disk: DiskGuard;
  readonly damage: DamageLog;
  readonly exemplars: ExemplarStore;
  readonly changes: ChangeLog;
  readonly runJob: (job: Job) => Promise<JobResult>;
  /** Hears of a generation that the head has dropped. */
  readonly onDropped: (generation: HeadGeneration) => void;
}

export class BlockLife {
  readonly #parts: BlockLifeParts;
  /** Blocks, by file and selector, that have no series of a selector's retention. */
  readonly #foreign = new Set<string>();

  constructor(parts: BlockLifeParts) {
    this.#parts = parts;
  }

  /** All that hides samples now. */
  deletions(): readonly Deletion[] {
    const { tombstones, retentionBySelector, clock } = this.#parts;
    if (retentionBySelector.length === 0) return tombstones.all;
    return [...tombstones.all, ...retentionDeletions(retentionBySelector, clock.nowMs())];
  }

  /** Ranges that lose samples by the mere passing of time: what selectors of their own are kept for. */
  movingEdges(): readonly TimeRange[] {
    const { retentionBySelector, clock } = this.#parts;
    return retentionDeletions(retentionBySelector, clock.nowMs());
  }

  /** Ends the open generation of the head, if it has anything. Returns the newest one that takes no more. */
  freeze(): number {
    const { head, clock } = this.#parts;
    if (head.open.samples > 0) head.freeze(head.open.id + 1, clock.nowMs());
    return head.open.id - 1;
  }

  async sealFrozen(): Promise<void> {
    const { head, manifest, blocks, journals, exemplars, changes } = this.#parts;
    for (let generation = head.frozen[0]; generation !== undefined; generation = head.frozen[0]) {
      const { id } = generation;
      this.#needRoom(generation.bytes / SEALED_SHARE);
      const file = blockFile({ id, level: 0, revision: 0 });
      const { block: summary } = await this.#run({
        kind: "seal",
        path: join(blocks.dir, file),
        head: generation.snapshot(generation.slots.view(), head.registry),
        labelSegments: [...head.registry.segments],
      });
      const made: BlockMeta[] = summary === undefined ? [] : [{ id, file, level: 0, ...summary }];
      // Before the manifest says that the journal, which has them too, is done with.
      exemplars.seal(id);
      manifest.save({ blocks: [...manifest.state.blocks, ...made], sealedThrough: id });
      // In one turn, so that every query sees these samples in one place and none sees them in both.
      blocks.replace([], made);
      head.drop(generation);
      this.#parts.onDropped(generation);
      changes.forgetSlots();
      await journals.remove(generation);
    }
  }

  /** One merge, if one is due: whether there was. */
  async merge(all: boolean): Promise<boolean> {
    const inputs = planMerge(this.#parts.blocks.all, { all });
    if (inputs.length === 0) return false;
    const { id } = inputs.at(-1)!;
    const level = Math.max(...inputs.map((block) => block.level)) + 1;
    await this.#rewrite(inputs, { id, level, revision: 0 }, all || level > 1);
    return true;
  }

  /** Removes what the retentions by time and size no longer keep, and deletions that nothing is left of. */
  async expire(): Promise<void> {
    const { blocks, clock, retentionMs, metrics, logger, retentionBytes, journals } = this.#parts;
    const expired = planRetention(blocks.all, { nowMs: clock.nowMs(), retentionMs });
    if (expired.length > 0) {
      await this.#replace(expired, []);
      metrics.blocksExpired.inc({ reason: "time" }, expired.length);
      logger.info({ blocks: expired.map(({ file }) => file) }, "removed blocks older than the retention");
    }
    const bytesMax = retentionBytes ?? Number.POSITIVE_INFINITY;
    const excess = planSizeRetention(blocks.all, { bytesMax, journalBytes: journals.fileBytes });
    if (excess.length > 0) {
      await this.#replace(excess, []);
      metrics.blocksExpired.inc({ reason: "size" }, excess.length);
      logger.info(
        { blocks: excess.map(({ file }) => file), bytesMax },
        "removed the oldest blocks, to keep to the size",
      );
    }
    this.#forgetDeletions();
  }

  /** Writes blocks anew whose time has run out for some of their series. */
  async expireSelectors(): Promise<void> {
    const { blocks, clock, retentionBySelector } = this.#parts;
    if (retentionBySelector.length === 0) return;
    const due = planSelectorRewrites(blocks.all, {
      retentions: retentionBySelector,
      nowMs: clock.nowMs(),
      hasSeries: (block, retention) => this.#hasSeries(block, retention),
    });
    for (const block of due) await this.#rewriteOne(block);
  }

  /** Takes away for good what was deleted. The head must have been sealed. */
  async clean(): Promise<void> {
    const { blocks, tombstones, manifest } = this.#parts;
    const { sealedThrough } = manifest.state;
    const done = tombstones.all.filter(({ through }) => through <= sealedThrough);
    const isMeant = (block: BlockMeta): boolean =>
      done.some((deletion) => block.id <= deletion.through && blocks.hasSeries(block, deletion));
    for (const block of blocks.all.filter(isMeant)) await this.#rewriteOne(block);
    tombstones.remove(done);
  }

  #forgetDeletions(): void {
    const { tombstones, blocks, head } = this.#parts;
    const generations = [...head.frozen, head.open].map(({ id }) => id);
    tombstones.remove(planForgetting(tombstones.all, { blocks: blocks.all, generations }));
  }

  #hasSeries(block: BlockMeta, { match, matchers }: SelectorRetention): boolean {
    const key = `${block.file} ${match}`;
    if (this.#foreign.has(key)) return false;
    const { minTimeMs, maxTimeMs } = block;
    const has = this.#parts.blocks.hasSeries(block, {
      selectors: [matchers],
      startMs: minTimeMs,
      endMs: maxTimeMs,
    });
    if (!has) this.#foreign.add(key);
    return has;
  }

  async #rewriteOne(block: BlockMeta): Promise<void> {
    const { id, level, revision = 0 } = block;
    await this.#rewrite([block], { id, level, revision: revision + 1 }, level > 0);
  }

  async #rewrite(
    inputs: readonly BlockMeta[],
    name: { id: number; level: number; revision: number },
    isLasting: boolean,
  ): Promise<void> {
    const { blocks, clock, retentionMs, retentionBySelector, disk } = this.#parts;
    this.#needRoom(disk.reserveBytes + inputs.reduce((sum, { fileBytes }) => sum + fileBytes, 0));
    const nowMs = clock.nowMs();
    const file = blockFile(name);
    const job: MergeJob = {
      kind: "merge",
      path: join(blocks.dir, file),
      isLasting,
      inputs: inputs.map((block) => ({ id: block.id, path: blocks.path(block) })),
      minTimeMs: nowMs - retentionMs,
      deletions: this.deletions(),
    };
    const cutoffs = retentionCutoffs(retentionBySelector, nowMs);
    const { block: summary, damage } = await this.#run(job);
    const made: BlockMeta[] = summary === undefined ? [] : [{ ...name, file, ...summary, cutoffs }];
    if (damage.length > 0) blocks.keepAside(new Set(damage.map(({ path }) => basename(path))));
    await this.#replace(inputs, made);
  }

  /** Also for the manifest. */
  #needRoom(bytes: number): void {
    if (this.#parts.disk.hasRoomFor(bytes + MANIFEST_BYTES)) return;
    throw new BinnacleError(
      "UNAVAILABLE",
      `the disk is full: no room for a block of ${Math.round(bytes)} bytes`,
    );
  }

  async #replace(gone: readonly BlockMeta[], come: readonly BlockMeta[]): Promise<void> {
    const { manifest, blocks, changes, clock, retentionMs } = this.#parts;
    const names = new Set(gone.map((block) => block.file));
    const kept = manifest.state.blocks.filter((block) => !names.has(block.file));
    manifest.save({ ...manifest.state, blocks: [...kept, ...come] });
    blocks.replace(gone, come);
    // A merge leaves out what is past its time; what goes without a successor is gone with all it had.
    const newestGone = Math.max(...gone.map(({ maxTimeMs }) => maxTimeMs));
    const goneMs = come.length > 0 ? clock.nowMs() - retentionMs : newestGone;
    changes.noteRange({ startMs: -Infinity, endMs: goneMs });
    for (const { match } of this.#parts.retentionBySelector)
      for (const file of names) this.#foreign.delete(`${file} ${match}`);
  }

  async #run(job: Job): Promise<JobResult> {
    const { logger, metrics, runJob, damage } = this.#parts;
    const startMs = performance.now();
    try {
      const result = await runJob(job);
      metrics.jobs.inc({ kind: job.kind });
      const tookMs = Math.round(performance.now() - startMs);
      result.damage.forEach(damage.note);
      logger.info({ kind: job.kind, path: job.path, ...result.block, tookMs }, "wrote a block");
      return result;
    } catch (error) {
      metrics.jobFailures.inc({ kind: job.kind });
      // On a full disk, half a block is what keeps the rest from being written.
      rmSync(unfinishedFile(job.path), { force: true });
      throw error;
    }
  }
}
