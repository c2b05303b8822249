/**
 * The metrics store: takes samples, keeps them, answers selections. The main thread's part; readers in
 * workers get snapshots of it over a port.
 *
 *     append ─▶ head (shared memory) + journal ─ seal ─▶ block ─ merge ─▶ block ─ retention ─▶ gone
 */
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import {
  BinnacleError,
  servePort,
  wordsOf,
  type AppendOptions,
  type AppendResult,
  type Clock,
  type Labels,
  type ListSelection,
  type Matcher,
  type MetricMetadata,
  type MetricSink,
  type MetricSource,
  type PortLike,
  type QueryContext,
  type SampleRow,
  type SeriesRef,
  type SeriesSelection,
  type SeriesSet,
  type SourceChanges,
  type TimeRange,
} from "@binnacle/model";
import { Admission } from "./admission.ts";
import { BlockCache } from "./block/block-cache.ts";
import { BlockSet } from "./block/block-set.ts";
import { Manifest } from "./block/manifest.ts";
import { BlockLife } from "./block-life.ts";
import { cardinalityOf, type Cardinality } from "./cardinality.ts";
import { DamageLog } from "./damage-log.ts";
import { ChangeLog, NotingJournal } from "./change-log.ts";
import { DiskGuard } from "@binnacle/lmdb-file";
import { seriesTest, type DeletionFilter } from "./deletion.ts";
import type { StoredExemplar } from "./exemplar-ring.ts";
import { ExemplarIntake } from "./exemplar-intake.ts";
import { ExemplarStore } from "./exemplar-store.ts";
import { HeadGeneration } from "./head/generation.ts";
import { Head } from "./head/head.ts";
import { selectSlots } from "./head/select-slots.ts";
import { HeadJournals } from "./head-journals.ts";
import { runJob } from "./jobs.ts";
import { Maintenance } from "./maintenance.ts";
import { MetadataStore } from "./metadata-store.ts";
import type { BlockMeta } from "./plan.ts";
import { briefRetention } from "./retention.ts";
import { SnapshotOpener } from "./read/open-snapshot.ts";
import type { ReaderCalls } from "./read/port-protocol.ts";
import { SnapshotMaker } from "./read/snapshot-maker.ts";
import { SnapshotSource } from "./read/source.ts";
import { writeSnapshot } from "./store-snapshot.ts";
import { TombstoneStore } from "./tombstone-store.ts";
import {
  registerMetrics,
  STORE_LIMITS_DEFAULT,
  type MetricStoreOptions,
  type StoreLimits,
  type StoreMetrics,
  type StoreStats,
} from "./store-options.ts";

const TOMBSTONES_FILE = "tombstones.json";
const EXEMPLARS_DIR = "exemplars";
const METADATA_FILE = "metadata.json.zst";

/** Room that writing a small file may take. */
const SMALL_FILE_BYTES = 1024 * 1024;

export class MetricStore implements MetricSink, MetricSource, AsyncDisposable {
  readonly #clock: Clock;
  readonly #limits: StoreLimits;
  readonly #metrics: StoreMetrics;
  readonly #cache: BlockCache;
  readonly #dir: string;
  readonly #retentionMs: number;
  readonly #manifest: Manifest;
  readonly #tombstones: TombstoneStore;
  readonly #life: BlockLife;
  readonly #disk: DiskGuard;
  readonly #admission: Admission;
  readonly #blocks: BlockSet;
  readonly #head: Head;
  readonly #journals: HeadJournals;
  readonly #metadata: MetadataStore;
  readonly #exemplars: ExemplarStore;
  readonly #exemplarIntake: ExemplarIntake;
  readonly #snapshots: SnapshotMaker;
  readonly #source: SnapshotSource;
  readonly #maintenance: Maintenance;
  readonly #damage: DamageLog;
  readonly #changes = new ChangeLog();
  readonly #noting = new NotingJournal(this.#changes);
  /** Removed files that each served port, and this thread, has yet to hear of. */
  readonly #goneLists = new Set<string[]>();
  #isClosed = false;

  /**
   * Opens a directory, made if need be, and brings back what was not sealed. Throws FatalError when the
   * directory is of a newer format or its manifest is damaged; a damaged block or journal is logged, and
   * costs what it held.
   */
  static async open(options: MetricStoreOptions): Promise<MetricStore> {
    const store = new MetricStore(options);
    store.#maintenance.start();
    return store;
  }

  private constructor(options: MetricStoreOptions) {
    const { dir, clock, logger } = options;
    this.#clock = clock;
    this.#dir = dir;
    this.#retentionMs = options.retentionMs;
    this.#limits = { ...STORE_LIMITS_DEFAULT, ...options.limits };
    this.#metrics = registerMetrics(options.meter);
    const damage = new DamageLog(logger, this.#metrics.damaged);
    this.#cache = new BlockCache(damage.note);
    this.#damage = damage;
    const blocksDir = join(dir, "blocks");
    mkdirSync(blocksDir, { recursive: true });
    this.#disk = new DiskGuard({
      dir,
      clock,
      logger,
      reserveBytes: this.#limits.diskReserveBytes,
      gauge: this.#metrics.readOnly,
      store: { name: "metrics store", things: "samples" },
      space: options.diskSpace,
    });
    this.#manifest = new Manifest(dir, blocksDir, logger);
    this.#blocks = new BlockSet(blocksDir, this.#cache, (path) => {
      for (const list of this.#goneLists) list.push(path);
    });
    this.#blocks.load(this.#manifest.state.blocks, logger);
    this.#tombstones = new TombstoneStore(join(dir, TOMBSTONES_FILE));
    this.#metadata = new MetadataStore(join(dir, METADATA_FILE), logger);
    const { sealedThrough } = this.#manifest.state;
    this.#head = new Head(
      {
        seriesMax: this.#limits.headSeriesMax,
        futureMsMax: this.#limits.futureMsMax,
        outOfOrderWindowMs: options.outOfOrderWindowMs,
        retentionMs: options.retentionMs,
        briefRetention: briefRetention(options.retentionBySelector ?? []),
      },
      this.#sealedSamples(),
      new HeadGeneration(sealedThrough + 1, clock.nowMs()),
    );
    const isExemplarDeleted = ({ series, timeMs }: StoredExemplar, generation: number): boolean =>
      this.#tombstones.filter.isDeleted(series, generation, timeMs);
    this.#exemplars = new ExemplarStore(join(dir, EXEMPLARS_DIR), sealedThrough, isExemplarDeleted, logger);
    this.#exemplarIntake = new ExemplarIntake(this.#metrics.exemplarsRejected);
    this.#journals = new HeadJournals({
      dir: join(dir, "journal"),
      sync: options.journalSync ?? "commit",
      head: this.#head,
      logger,
      onDamage: damage.note,
      onFailure: () => this.#disk.noteFailure(),
      onExemplar: (exemplar) => this.#exemplars.restore(this.#head.open.id, exemplar),
    });
    this.#journals.replay(sealedThrough, clock.nowMs());
    // A number that a deletion speaks of is never a new generation's: its journal may have been empty.
    const { through } = this.#tombstones;
    if (this.#head.open.id <= through) this.#head.freeze(through + 1, clock.nowMs());
    this.#admission = new Admission({
      head: this.#head,
      journals: this.#journals,
      disk: this.#disk,
      limits: this.#limits,
      essentialGroups: options.essentialGroups ?? [],
    });
    const common = {
      clock,
      logger,
      metrics: this.#metrics,
      head: this.#head,
      blocks: this.#blocks,
      tombstones: this.#tombstones,
      disk: this.#disk,
      damage,
      changes: this.#changes,
    };
    this.#life = new BlockLife({
      ...common,
      retentionMs: options.retentionMs,
      retentionBytes: options.retentionBytes,
      retentionBySelector: options.retentionBySelector ?? [],
      journals: this.#journals,
      manifest: this.#manifest,
      exemplars: this.#exemplars,
      runJob: options.runJob ?? ((job) => Promise.resolve().then(() => runJob(job))),
      onDropped: (generation) => this.#snapshots.retire(generation),
    });
    this.#snapshots = new SnapshotMaker(this.#head, this.#blocks, () => this.#life.deletions());
    this.#source = this.#openSource();
    const limits = this.#limits;
    this.#maintenance = new Maintenance({ ...common, limits, life: this.#life, metadata: this.#metadata });
  }

  series(labels: Labels): SeriesRef {
    return this.#head.registry.series(labels);
  }

  async append(rows: readonly SampleRow[], options?: AppendOptions): Promise<AppendResult> {
    this.#refuseWhenClosed();
    this.#admission.check(rows);
    const journal = this.#journals.current;
    const nowMs = this.#clock.nowMs();
    const result = this.#head.append(rows, nowMs, this.#noting.over(journal.operations, nowMs));
    for (const row of rows) if (row.exemplars !== undefined) this.#takeExemplars(row, nowMs);
    this.#metrics.appended.inc({}, result.appended);
    for (const [reason, count] of result.rejectedByReason) this.#metrics.rejected.inc({ reason }, count);
    if (this.#admission.isHeadFull) this.#maintenance.wake();
    await journal.commit(options?.patienceMs);
    return result;
  }

  describe(metadata: readonly MetricMetadata[]): void {
    this.#metadata.describe(metadata);
  }

  /** Of one metric, or of all. */
  metadata(metric?: string): readonly MetricMetadata[] {
    return this.#metadata.get(metric);
  }

  /** The newest exemplars of series that satisfy one of the selectors, in no order that is promised. */
  exemplars(selectors: readonly (readonly Matcher[])[], range: TimeRange): readonly StoredExemplar[] {
    return this.#exemplars.find(range, seriesTest(selectors));
  }

  select(selection: SeriesSelection, context: QueryContext): Promise<SeriesSet> {
    return this.#source.select(selection, context);
  }

  listSeries(selection: ListSelection, context: QueryContext): Promise<readonly Labels[]> {
    return this.#source.listSeries(selection, context);
  }

  labelNames(selection: ListSelection, context: QueryContext): Promise<readonly string[]> {
    return this.#source.labelNames(selection, context);
  }

  labelValues(name: string, selection: ListSelection, context: QueryContext): Promise<readonly string[]> {
    return this.#source.labelValues(name, selection, context);
  }

  changesSince(
    moment: number | undefined,
    selectors: readonly (readonly Matcher[])[],
  ): Promise<SourceChanges> {
    return this.#source.changesSince(moment, selectors);
  }

  /**
   * Answers the reader at the other end of a port (reader.ts). Dispose of what it returns when that thread is
   * gone: blocks that its queries held are let go.
   */
  serve(port: PortLike): Disposable {
    const open = new Set<number>();
    const pathsGone: string[] = [];
    this.#goneLists.add(pathsGone);
    const calls: ReaderCalls = {
      snapshot: ({ known, ...request }) => {
        const snapshot = this.#snapshots.make(request, known, pathsGone.splice(0));
        open.add(snapshot.id);
        return snapshot;
      },
      headNames: (request) => this.#snapshots.headNames(request),
      damaged: this.#damage.note,
      changesSince: ({ moment, selectors }) => this.#changesSince(moment, selectors),
      release: ({ id }) => {
        open.delete(id);
        this.#snapshots.release(id);
      },
    };
    servePort(port, { ...calls });
    return {
      [Symbol.dispose]: () => {
        this.#goneLists.delete(pathsGone);
        for (const id of open) this.#snapshots.release(id);
        open.clear();
      },
    };
  }

  stats(): StoreStats {
    const generations = [...this.#head.frozen, this.#head.open];
    const blocks = this.#blocks.all;
    const spans = [...generations.filter((generation) => generation.samples > 0), ...blocks];
    return {
      headSeries: this.#head.registry.seriesCount,
      headGroups: this.#head.open.groups.length,
      headSamples: sum(generations, (generation) => generation.samples),
      headBytes: sum(generations, (generation) => generation.bytes),
      labelBytes: this.#head.registry.labelBytes,
      blocks: blocks.length,
      blockSamples: sum(blocks, (block) => block.sampleCount),
      blockBytes: sum(blocks, (block) => block.fileBytes),
      minTimeMs: spans.length === 0 ? undefined : Math.min(...spans.map((span) => span.minTimeMs)),
      maxTimeMs: spans.length === 0 ? undefined : Math.max(...spans.map((span) => span.maxTimeMs)),
      journals: this.#journals.count,
      journalBytes: this.#journals.fileBytes,
      isReadOnly: this.#disk.isReadOnly,
      tombstones: this.#tombstones.all.length,
      openSnapshots: this.#snapshots.openCount,
    };
  }

  /** The sealed blocks, ascending by id. */
  blocks(): readonly BlockMeta[] {
    return this.#blocks.all;
  }

  /** The largest metrics, labels and pairs among the head's series. */
  cardinality(limit: number): Cardinality {
    return cardinalityOf(this.#head.registry, limit);
  }

  /**
   * Deletes the samples that series satisfying one of the selectors have in the range, both ends included.
   * They are gone from all answers once it resolves, and it is durable; their bytes go when blocks are
   * merged, or by `cleanTombstones`. What is appended later is kept. Throws BAD_REGEXP, BAD_PARAMETER,
   * LIMIT_EXCEEDED.
   */
  async deleteSeries(selectors: readonly (readonly Matcher[])[], range: TimeRange): Promise<void> {
    this.#refuseWhenClosed();
    if (selectors.length === 0)
      throw new BinnacleError("BAD_PARAMETER", "nothing says which series to delete");
    const isMeant = seriesTest(selectors);
    const { startMs, endMs } = range;
    if (startMs > endMs)
      throw new BinnacleError("BAD_PARAMETER", `the range ends at ${endMs}, before it begins at ${startMs}`);
    if (!this.#disk.hasRoomFor(SMALL_FILE_BYTES))
      throw new BinnacleError("UNAVAILABLE", "the disk is full: deletions cannot be written down");
    // In one turn: what is in the head now is meant, what comes next is not.
    const through = this.#life.freeze();
    this.#tombstones.add({ selectors: plainMatchers(selectors), startMs, endMs, through });
    this.#exemplars.delete(({ series, timeMs }) => timeMs >= startMs && timeMs <= endMs && isMeant(series));
    this.#changes.noteRange(range);
    this.#maintenance.wake();
    return Promise.resolve();
  }

  /** Frees the bytes of what was deleted: seals the head and writes anew the blocks that had any of it. */
  async cleanTombstones(): Promise<void> {
    this.#refuseWhenClosed();
    await this.#maintenance.cleanTombstones();
  }

  /**
   * Makes `target`, which must not exist, a store's directory with all that was appended so far: a store
   * opens on it as on any. Seals the head, or with `skipsHead` leaves out what is not sealed; blocks are
   * linked and take no room until they are removed here.
   */
  async snapshot(
    target: string,
    { skipsHead = false }: { readonly skipsHead?: boolean } = {},
  ): Promise<void> {
    this.#refuseWhenClosed();
    await this.#maintenance.enqueue(async () => {
      if (!skipsHead) {
        this.#life.freeze();
        await this.#life.sealFrozen();
      }
      this.#metadata.save();
      writeSnapshot(target, {
        storeDir: this.#dir,
        blocks: this.#blocks,
        state: this.#manifest.state,
        files: [
          TOMBSTONES_FILE,
          METADATA_FILE,
          ...this.#exemplars.files.map((file) => join(EXEMPLARS_DIR, basename(file))),
        ],
      });
    });
  }

  /** Seals all there is and merges it as far as blocks may grow; resolves when that is done. */
  compact(): Promise<void> {
    return this.#maintenance.compact();
  }

  /**
   * Does what is due: seals, merges, expires, saves metadata. The timer calls it; a failure is logged and
   * retried.
   */
  maintain(): Promise<void> {
    return this.#maintenance.run();
  }

  /** Waits for what is under way and closes all files. What is not sealed stays in its journal. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#maintenance.stop();
    await this.#journals.close();
    this.#metadata.save();
    this.#cache[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new BinnacleError("UNAVAILABLE", "the metrics store is closed");
  }

  #takeExemplars(row: SampleRow, nowMs: number): void {
    const { registry } = this.#head;
    const bounds = { nowMs, retentionMs: this.#retentionMs, futureMsMax: this.#limits.futureMsMax };
    for (const exemplar of row.exemplars!) {
      const slot = registry.slotOf(exemplar.series);
      const series = slot < 0 ? undefined : registry.labelsOf(slot);
      const taken = this.#exemplarIntake.judge(exemplar, series, bounds);
      if (taken === undefined) continue;
      const { labels, timeMs, value } = taken;
      const words = wordsOf(Float64Array.of(value));
      this.#journals.current.operations.exemplar(slot, { labels, timeMs, low: words[0]!, high: words[1]! });
      this.#exemplars.add(this.#head.open.id, taken);
    }
  }

  #sealedSamples(): ConstructorParameters<typeof Head>[1] {
    const blocks = this.#blocks;
    const labelsOf = (slot: number): Labels => this.#head.registry.labelsOf(slot);
    const deletions = (): DeletionFilter => this.#tombstones.filter;
    return {
      get maxTimeMs() {
        return blocks.maxTimeMs;
      },
      lastTimeOf: (slot) => blocks.lastTimeOf(labelsOf(slot)),
      find: (slot, timeMs) => blocks.find(labelsOf(slot), timeMs, deletions()),
      isDeleted: (slot, timeMs, generation) =>
        !deletions().isEmpty && deletions().isDeleted(labelsOf(slot), generation, timeMs),
    };
  }

  #changesSince(since: number | undefined, selectors: readonly (readonly Matcher[])[]): SourceChanges {
    const { moment } = this.#changes;
    if (since === undefined) return { moment, ranges: [] };
    const { registry } = this.#head;
    const selected = (): Set<number> =>
      new Set(selectors.flatMap((matchers) => selectSlots(registry, matchers)));
    return { moment, ranges: [...this.#changes.since(since, selected), ...this.#life.movingEdges()] };
  }

  #openSource(): SnapshotSource {
    const opener = new SnapshotOpener(this.#cache);
    return new SnapshotSource({
      open: (request) => {
        const snapshot = this.#snapshots.make(request, opener.known, []);
        const release = (): void => this.#snapshots.release(snapshot.id);
        try {
          return Promise.resolve(opener.open(snapshot, request, release));
        } catch (error) {
          release();
          throw error;
        }
      },
      headNames: (request) => Promise.resolve(this.#snapshots.headNames(request)),
      changesSince: (since, selectors) => Promise.resolve(this.#changesSince(since, selectors)),
    });
  }
}

/** Only what a matcher is, whatever else the caller's objects carry: they are written down. */
function plainMatchers(selectors: readonly (readonly Matcher[])[]): readonly (readonly Matcher[])[] {
  return selectors.map((matchers) => matchers.map(({ name, op, value }) => ({ name, op, value })));
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
