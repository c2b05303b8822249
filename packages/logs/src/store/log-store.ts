/**
 * The log store, on the main thread: takes batches, journals them, keeps the newest in the head, has
 * generations sealed and parts merged, and answers query threads with snapshots.
 */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DiskGuard } from "@binnacle/lmdb-file";
import {
  BinnacleError,
  servePort,
  type Labels,
  type ListSelection,
  type LogAppendResult,
  type LogEntries,
  type LogSelection,
  type LogSet,
  type LogSink,
  type LogSource,
  type PortLike,
  type QueryContext,
} from "@binnacle/model";
import { DeletionStore, type DeletionRecord } from "../deletion/deletion-store.ts";
import { checkDeletion } from "../deletion/line-deletion.ts";
import { runJob } from "../jobs.ts";
import { LOG_LIMITS_DEFAULT, type LogLimits } from "../limits.ts";
import type { LogServiceMethods } from "../read/service.ts";
import { SnapshotReader } from "../read/snapshot-reader.ts";
import type { Snapshot } from "../read/snapshot.ts";
import { admit, type Admission } from "./admission.ts";
import { encodeBatch, type AdmittedEntries, type RecordStream } from "./batch-record.ts";
import { openDirectory, pathOfJournal, type OpenedDirectory } from "./directory.ts";
import { Head } from "./head.ts";
import type { Hidden } from "./hidden.ts";
import { EarlierJournal, Journal, readJournal } from "./journal.ts";
import { DAMAGED_SUFFIX, DELETIONS_FILE, RECENT_BATCHES_FILE } from "./layout.ts";
import { listLabelNames, listLabelValues, listStreams } from "./list-streams.ts";
import { Maintenance } from "./maintenance.ts";
import { PartLife, type Generation } from "./part-life.ts";
import { PartSet } from "./part-set.ts";
import { digestOf, RecentBatches } from "./recent-batches.ts";
import { Retention } from "./retention.ts";
import { Snapshots } from "./snapshots.ts";
import { writeSnapshot } from "./store-snapshot.ts";
import { storeMetrics, type StoreMetrics } from "./store-metrics.ts";
import type { LogStoreOptions, LogStoreStats, TailListener } from "./store-options.ts";
import { StreamCatalog } from "./stream-catalog.ts";

/** Room that writing small files may take. */
const SMALL_FILE_BYTES = 1024 * 1024;

/** Lines in the head, bytes, that are sealed to make room. */
const WORTH_SEALING_BYTES = 1024 * 1024;

interface OpenGeneration extends Generation {
  readonly journal: Journal;
}

export class LogStore implements LogSink, LogSource, AsyncDisposable {
  readonly #options: LogStoreOptions;
  readonly #limits: LogLimits;
  readonly #metrics: StoreMetrics;
  readonly #directory: OpenedDirectory;
  readonly #catalog = new StreamCatalog();
  readonly #parts = new PartSet();
  readonly #snapshots = new Snapshots(this.#catalog, this.#parts);
  readonly #reader = new SnapshotReader((path) => this.#suspect(path));
  readonly #recent = new RecentBatches();
  readonly #listeners = new Set<TailListener>();
  readonly #disk: DiskGuard;
  readonly #retention: Retention;
  readonly #deletions: DeletionStore;
  readonly #life: PartLife;
  readonly #maintenance: Maintenance;
  #active: OpenGeneration;
  /** Why nothing can be written any more. */
  #readOnly: string | undefined;

  private constructor(options: LogStoreOptions, directory: OpenedDirectory) {
    this.#options = options;
    this.#limits = { ...LOG_LIMITS_DEFAULT, ...options.limits };
    this.#metrics = storeMetrics(options.meter);
    this.#directory = directory;
    this.#parts.replace([], directory.parts);
    for (const part of directory.parts) this.#catalog.addPart(part);
    if (directory.damaged.length > 0) this.#metrics.damaged.inc({}, directory.damaged.length);
    this.#disk = new DiskGuard({
      dir: options.dir,
      clock: options.clock,
      logger: options.logger,
      reserveBytes: this.#limits.diskReserveBytes,
      gauge: this.#metrics.readOnly,
      store: { name: "log store", things: "lines" },
      space: options.diskSpace,
    });
    const retention = { retentionMs: options.retentionMs, bySelector: options.retentionBySelector ?? [] };
    this.#retention = new Retention(retention);
    const recentPath = join(options.dir, RECENT_BATCHES_FILE);
    if (!this.#recent.load(recentPath)) {
      options.logger.warn({ path: recentPath }, "the file of recent batches is damaged and not used");
    }
    this.#deletions = new DeletionStore(join(options.dir, DELETIONS_FILE));
    this.#life = new PartLife({
      catalog: this.#catalog,
      parts: this.#parts,
      deletions: this.#deletions,
      disk: this.#disk,
      metrics: this.#metrics,
      partsDir: directory.partsDir,
      limits: this.#limits,
      logger: options.logger,
      clock: options.clock,
      retention,
      retentionBytes: options.retentionBytes,
      journalBytes: () => this.#journalBytes,
      runJob: options.runJob ?? ((job) => Promise.resolve().then(() => runJob(job))),
      onSealed: (generation) => {
        this.#recent.sealed(generation);
        this.#recent.save(recentPath, options.clock.nowMs());
      },
      isClosed: () => this.#maintenance.isClosed,
    });
    this.#maintenance = new Maintenance({
      life: this.#life,
      disk: this.#disk,
      logger: options.logger,
      onTick: () => this.#rotateIfDue(),
      onDone: () => this.#report(),
    });
    for (const { path, damage } of directory.parts) {
      if (damage.length === 0) continue;
      this.#metrics.damaged.inc();
      options.logger.error({ path, damage }, "a log part is damaged; all of it is read from a copy");
      this.#life.suspect(path);
    }
    for (const generation of directory.journals) this.#replay(generation);
    // A number that a deletion speaks of is never a new generation's: its journal may have been empty.
    this.#active = this.#openGeneration(Math.max(directory.nextGeneration, this.#deletions.through + 1));
    this.#maintenance.start();
  }

  /**
   * Opens or creates the store and replays what was not sealed. Throws FatalError for a directory it cannot
   * use.
   */
  static async open(options: LogStoreOptions): Promise<LogStore> {
    return new LogStore(options, openDirectory(options.dir, options.logger));
  }

  #openGeneration(number: number): OpenGeneration {
    const path = pathOfJournal(this.#directory.journalDir, number);
    return { head: new Head(number), journal: Journal.open(path) };
  }

  /**
   * A generation found at start is only read, and then sealed like one that is full. Of a damaged journal
   * what can be read is taken, and a copy is kept.
   */
  #replay(generation: number): void {
    const { logger } = this.#options;
    const path = pathOfJournal(this.#directory.journalDir, generation);
    const nowMs = this.#options.clock.nowMs();
    const head = new Head(generation);
    const damage: string[] = [];
    for (const { record, streams } of readJournal(path, (message) => damage.push(message))) {
      this.#addToHead(head, streams, nowMs);
      this.#recent.add(digestOf(record), nowMs, generation);
    }
    if (damage.length > 0) {
      this.#metrics.damaged.inc();
      copyFileSync(path, path + DAMAGED_SUFFIX);
      logger.error(
        { path, damage },
        "a log journal is damaged: what can be read of it is taken, and a copy is kept",
      );
    }
    this.#life.freeze({ head, journal: new EarlierJournal(path) });
  }

  async append(batch: readonly LogEntries[]): Promise<LogAppendResult> {
    if (this.#readOnly !== undefined) throw new BinnacleError("UNAVAILABLE", this.#readOnly);
    const { head } = this.#active;
    this.#disk.checkAppend(this.#active.journal.pendingBytes, false);
    if (this.#active.journal.isBroken) this.#rotate();
    const waitingBytes = sum(this.#heads.map(({ bytes }) => bytes));
    if (waitingBytes > this.#limits.headBytesMax) {
      throw new BinnacleError(
        "TOO_MANY_REQUESTS",
        `${waitingBytes} bytes of log lines wait to be sealed, over the limit of ${this.#limits.headBytesMax} (headBytesMax)`,
      );
    }
    const nowMs = this.#options.clock.nowMs();
    const admission = admit(batch, {
      limits: this.#limits,
      nowMs,
      retention: this.#retention,
      newStreamsMax: this.#limits.headStreamsMax - head.streamCount,
      isKnownStream: (key) => head.has(key),
    });
    for (const [reason, count] of admission.rejectedBy) this.#metrics.rejected.inc({ reason }, count);
    if (admission.lines > 0) await this.#write(admission, nowMs);
    const { lines: appended, rejected, rejections } = admission;
    return { appended, rejected, rejections };
  }

  async #write(admission: Admission, nowMs: number): Promise<void> {
    const { record, streams } = encodeBatch(admission.admitted);
    const digest = digestOf(record);
    const keepsRepeated = this.#options.keepsRepeatedBatches === true;
    const earlier = keepsRepeated ? undefined : this.#recent.find(digest, nowMs);
    if (earlier !== undefined) {
      this.#metrics.repeated.inc();
      return earlier;
    }
    const { head, journal } = this.#active;
    // Into the head at once, so that its order is the journal's; what is not yet durable is merely seen
    // early.
    const durable = journal.append(record);
    this.#addToHead(head, streams, nowMs);
    this.#recent.add(digest, nowMs, head.generation, durable);
    this.#rotateIfDue();
    try {
      await durable;
    } catch (error) {
      this.#disk.noteFailure();
      throw error;
    }
    this.#metrics.lines.inc({}, admission.lines);
    this.#metrics.bytes.inc({}, admission.bytes);
    this.#tell(admission.admitted);
  }

  #addToHead(head: Head, streams: readonly RecordStream[], nowMs: number): void {
    for (const { labels, section } of streams) {
      if (head.add(labels, section, nowMs)) this.#catalog.addToHead(labels);
    }
  }

  #tell(admitted: readonly AdmittedEntries[]): void {
    if (this.#listeners.size === 0) return;
    const batch = admitted.map(({ entries, kept }) =>
      kept === undefined || kept.length === entries.timesNs.length ? entries : pick(entries, kept),
    );
    for (const listener of this.#listeners) {
      try {
        listener(batch);
      } catch (error) {
        this.#options.logger.error({ error: String(error) }, "a listener to new log lines failed");
      }
    }
  }

  #rotateIfDue(): void {
    const { head } = this.#active;
    if (head.firstLineMs === undefined) return;
    const ageMs = this.#options.clock.nowMs() - head.firstLineMs;
    // A journal is many times its part: where the disk is full, sealing makes room.
    const makesRoom = this.#disk.isReadOnly && head.bytes >= WORTH_SEALING_BYTES;
    if (head.bytes >= this.#limits.sealBytes || ageMs >= this.#limits.sealAgeMs || makesRoom) this.#rotate();
  }

  #rotate(): void {
    if (this.#active.head.isEmpty || this.#readOnly !== undefined) return;
    // LMDB maps the file of a new journal, and without room for it the process would end.
    if (!this.#disk.hasRoomFor(SMALL_FILE_BYTES)) return;
    const full = this.#active;
    this.#active = this.#openGeneration(full.head.generation + 1);
    this.#life.freeze(full);
    this.#maintenance.wake();
  }

  #suspect(path: string): void {
    this.#life.suspect(path);
    this.#maintenance.wake();
  }

  get #heads(): Head[] {
    return [...this.#life.frozen.map(({ head }) => head), this.#active.head];
  }

  get #journalBytes(): number {
    return sum([...this.#life.frozen, this.#active].map(({ journal }) => journal.fileBytes));
  }

  /** Lines past retention or deleted are not shown, whether or not they are off the disk. */
  get #hidden(): Hidden {
    const nowMs = this.#options.clock.nowMs();
    return {
      oldestNs: (labels) => this.#retention.oldestNs(labels, nowMs),
      deletions: this.#deletions.active.map(({ lines }) => lines),
      filter: this.#deletions.filter,
    };
  }

  #snapshot(selection: LogSelection): Snapshot {
    return this.#snapshots.take(selection, this.#heads, this.#hidden);
  }

  async select(selection: LogSelection, context: QueryContext): Promise<LogSet> {
    context.check();
    const snapshot = this.#snapshot(selection);
    return this.#reader.open(snapshot, selection, () => this.#snapshots.release(snapshot.id));
  }

  async streams(selection: ListSelection): Promise<readonly Labels[]> {
    return listStreams(this.#catalog, this.#heads, selection, this.#hidden);
  }

  async labelNames(selection: ListSelection): Promise<readonly string[]> {
    return listLabelNames(this.#catalog, this.#heads, selection, this.#hidden);
  }

  async labelValues(name: string, selection: ListSelection): Promise<readonly string[]> {
    return listLabelValues(this.#catalog, this.#heads, name, selection, this.#hidden);
  }

  /**
   * Calls the listener with each batch once it is durable, in the order batches become so; it must return at
   * once. Returns what ends it.
   */
  subscribe(listener: TailListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Answers a query thread's openLogReader. Dispose what it returns when that thread is gone. */
  serve(port: PortLike): Disposable {
    const held = new Set<number>();
    const methods = {
      snapshot: (selection) => {
        const snapshot = this.#snapshot(selection);
        held.add(snapshot.id);
        return snapshot;
      },
      release: (id) => {
        held.delete(id);
        this.#snapshots.release(id);
      },
      damaged: (path) => this.#suspect(path),
      streams: (selection) =>
        listStreams(this.#catalog, this.#heads, selection, this.#hidden).map((labels) => labels.pairs),
      labelNames: (selection) => listLabelNames(this.#catalog, this.#heads, selection, this.#hidden),
      labelValues: ({ name, selection }) =>
        listLabelValues(this.#catalog, this.#heads, name, selection, this.#hidden),
    } satisfies LogServiceMethods;
    servePort(port, methods);
    return {
      [Symbol.dispose]: () => {
        for (const id of held) this.#snapshots.release(id);
        held.clear();
      },
    };
  }

  stats(): LogStoreStats {
    const heads = this.#heads;
    const parts = this.#parts.live;
    return {
      streams: this.#catalog.size,
      headLines: sum(heads.map((head) => head.lines)),
      headBytes: sum(heads.map((head) => head.bytes)),
      parts: parts.length,
      partLines: sum(parts.map((part) => part.index.lines)),
      partTextBytes: sum(parts.map((part) => part.index.textBytes)),
      partBytes: sum(parts.map((part) => part.bytes)),
      journalBytes: this.#journalBytes,
      deletions: this.#deletions.active.length,
      openSnapshots: this.#snapshots.openCount,
      isReadOnly: this.#disk.isReadOnly,
    };
  }

  #report(): void {
    const parts = this.#parts.live;
    this.#metrics.parts.set(parts.length);
    this.#metrics.partBytes.set(sum(parts.map((part) => part.bytes)));
    this.#metrics.streams.set(this.#catalog.size);
    this.#metrics.headBytes.set(sum(this.#heads.map((head) => head.bytes)));
    this.#metrics.deletions.set(this.#deletions.active.length);
  }

  /**
   * Deletes the lines that a log query's selector, parsers and filters let through and whose time lies in the
   * range, both ends included, of those that were appended so far. They are gone from all answers once it
   * returns, and it is durable; their bytes go after `deletionGraceMs`, or by `cleanDeletions` or `compact`.
   * Returns the deletion's id. Throws PARSE_ERROR, BAD_REGEXP, BAD_PARAMETER, LIMIT_EXCEEDED, UNAVAILABLE.
   */
  deleteLines(query: string, range: { startNs: bigint; endNs: bigint }): string {
    if (this.#readOnly !== undefined) throw new BinnacleError("UNAVAILABLE", this.#readOnly);
    checkDeletion(query, range);
    this.#needRoom("a deletion cannot be written down");
    // In one turn: what is in the head now is meant, what comes next is not.
    this.#rotate();
    const through = this.#active.head.generation - 1;
    return this.#deletions.add(query, { ...range, through, nowMs: this.#options.clock.nowMs() });
  }

  #needRoom(what: string): void {
    if (this.#disk.hasRoomFor(SMALL_FILE_BYTES)) return;
    throw new BinnacleError("UNAVAILABLE", `the disk is full: ${what}`);
  }

  /** The deletions that were asked for, those that are done included, in their order. */
  deletions(): readonly DeletionRecord[] {
    return this.#deletions.all;
  }

  /**
   * Takes a deletion back: its lines are shown again. When some are off the disk already it must be forced,
   * and brings back the others. Throws NOT_FOUND, BAD_PARAMETER.
   */
  cancelDeletion(id: string, options: { isForced: boolean }): void {
    this.#deletions.cancel(id, options);
  }

  /** Takes what was deleted off the disk: seals the head and writes anew the parts that have any of it. */
  cleanDeletions(): Promise<void> {
    return this.#maintenance.clean();
  }

  /**
   * Makes `target`, which must not exist, a store's directory with all that was appended so far: a store
   * opens on it as on any. Seals the head; parts are linked and take no room until they are removed here.
   */
  snapshot(target: string): Promise<void> {
    return this.#maintenance.enqueue(async () => {
      this.#needRoom("no snapshot can be made");
      this.#rotate();
      await this.#life.sealAll();
      writeSnapshot(target, { storeDir: this.#options.dir, parts: this.#parts.live });
    });
  }

  /** Seals and merges all there is, without what was deleted; resolves when it is done. */
  async compact(): Promise<void> {
    this.#needRoom("nothing can be sealed or merged");
    this.#rotate();
    await this.#maintenance.compact();
  }

  /** Lets what is under way finish. Unsealed lines stay in their journal. */
  async close(): Promise<void> {
    this.#readOnly ??= "the log store is closed";
    await this.#maintenance.close();
    const { head, journal } = this.#active;
    if (head.isEmpty) await journal.destroy();
    else await journal[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function pick(entries: LogEntries, kept: readonly number[]): LogEntries {
  return {
    labels: entries.labels,
    timesNs: BigInt64Array.from(kept, (i) => entries.timesNs[i]!),
    lines: kept.map((i) => entries.lines[i]!),
    metadata: entries.metadata && kept.map((i) => entries.metadata![i]),
  };
}
