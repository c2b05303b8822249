/**
 * The log store, on the main thread: takes batches, journals them, keeps the newest in the head, has
 * generations sealed and parts merged, and answers query threads with snapshots.
 */
import { rmSync } from "node:fs";
import {
  BinnacleError,
  FatalError,
  servePort,
  type Clock,
  type Labels,
  type ListSelection,
  type LogAppendResult,
  type Logger,
  type LogEntries,
  type LogSelection,
  type LogSet,
  type LogSink,
  type LogSource,
  type Meter,
  type PortLike,
  type QueryContext,
} from "@binnacle/model";
import { runJob, type LogJob, type LogJobResult } from "../jobs.ts";
import { LOG_LIMITS_DEFAULT, type LogLimits } from "../limits.ts";
import type { LogServiceMethods } from "../read/service.ts";
import { SnapshotReader } from "../read/snapshot-reader.ts";
import type { Snapshot } from "../read/snapshot.ts";
import { admit, type Admission } from "./admission.ts";
import { decodeBatch, encodeBatch, type AdmittedEntries, type RecordStream } from "./batch-record.ts";
import { openDirectory, pathOfJournal, putAside, type OpenedDirectory } from "./directory.ts";
import { Head } from "./head.ts";
import { Journal } from "./journal.ts";
import { listLabelNames, listLabelValues, listStreams } from "./list-streams.ts";
import { Maintenance, type Generation } from "./maintenance.ts";
import { PartSet } from "./part-set.ts";
import { digestOf, RecentBatches } from "./recent-batches.ts";
import { Snapshots } from "./snapshots.ts";
import { storeMetrics, type StoreMetrics } from "./store-metrics.ts";
import { StreamCatalog } from "./stream-catalog.ts";

export interface LogStoreOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  /** How long lines are kept, ms. Undefined: for ever. Older lines are refused. */
  readonly retentionMs: number | undefined;
  /** What is not given is as in LOG_LIMITS_DEFAULT. */
  readonly limits?: Partial<LogLimits>;
  /** Does sealing and merging, on a thread of its own; by default on this one. */
  readonly runJob?: (job: LogJob) => Promise<LogJobResult>;
}

export interface LogStoreStats {
  readonly streams: number;
  readonly headLines: number;
  readonly headBytes: number;
  readonly parts: number;
  readonly partLines: number;
  /** Bytes of the sealed lines, unpacked. */
  readonly partTextBytes: number;
  /** Bytes of the sealed parts on disk. */
  readonly partBytes: number;
  readonly openSnapshots: number;
}

export type TailListener = (batch: readonly LogEntries[]) => void;

export class LogStore implements LogSink, LogSource, AsyncDisposable {
  readonly #options: LogStoreOptions;
  readonly #limits: LogLimits;
  readonly #metrics: StoreMetrics;
  readonly #directory: OpenedDirectory;
  readonly #catalog = new StreamCatalog();
  readonly #parts = new PartSet();
  readonly #snapshots = new Snapshots(this.#catalog, this.#parts);
  readonly #reader = new SnapshotReader();
  readonly #recent = new RecentBatches();
  readonly #listeners = new Set<TailListener>();
  readonly #maintenance: Maintenance;
  #active: Generation;
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
    this.#maintenance = new Maintenance({
      catalog: this.#catalog,
      parts: this.#parts,
      metrics: this.#metrics,
      partsDir: directory.partsDir,
      limits: this.#limits,
      logger: options.logger,
      clock: options.clock,
      retentionMs: options.retentionMs,
      runJob: options.runJob ?? ((job) => Promise.resolve(runJob(job))),
      onTick: () => this.#rotateIfDue(),
    });
    for (const generation of directory.journals) this.#replay(generation);
    this.#active = this.#openGeneration(directory.nextGeneration);
    this.#maintenance.start();
  }

  /**
   * Opens or creates the store and replays what was not sealed. Throws FatalError for a directory it cannot
   * use.
   */
  static async open(options: LogStoreOptions): Promise<LogStore> {
    return new LogStore(options, openDirectory(options.dir, options.logger));
  }

  #openGeneration(number: number): Generation {
    const path = pathOfJournal(this.#directory.journalDir, number);
    return { head: new Head(number), journal: Journal.open(path) };
  }

  /** A generation found at start is only read, and then sealed like one that is full. */
  #replay(generation: number): void {
    const { logger } = this.#options;
    const path = pathOfJournal(this.#directory.journalDir, generation);
    const nowMs = this.#options.clock.nowMs();
    try {
      const opened = this.#openGeneration(generation);
      for (const { key, record } of opened.journal.records()) {
        try {
          this.#addToHead(opened.head, decodeBatch(record, `${path}, record ${key},`), nowMs);
          this.#recent.add(digestOf(record), nowMs, Promise.resolve());
        } catch (error) {
          if (!(error instanceof BinnacleError)) throw error;
          this.#metrics.damaged.inc();
          logger.error(
            { path, error: error.message },
            "a record of the log journal is damaged and is left out",
          );
        }
      }
      this.#maintenance.freeze(opened);
    } catch (error) {
      if (!(error instanceof BinnacleError)) throw error;
      this.#metrics.damaged.inc();
      const target = putAside(path);
      rmSync(`${path}-lock`, { force: true });
      logger.error({ path: target, error: error.message }, "a log journal is damaged and is put aside");
    }
  }

  async append(batch: readonly LogEntries[]): Promise<LogAppendResult> {
    if (this.#readOnly !== undefined) throw new BinnacleError("UNAVAILABLE", this.#readOnly);
    const { head } = this.#active;
    const waitingBytes = this.#maintenance.frozenBytes + head.bytes;
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
      retentionMs: this.#options.retentionMs,
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
    const earlier = this.#recent.find(digest, nowMs);
    if (earlier !== undefined) {
      this.#metrics.repeated.inc();
      return earlier;
    }
    const { head, journal } = this.#active;
    // Into the head at once, so that its order is the journal's; what is not yet durable is merely seen
    // early.
    const durable = journal.append(record);
    this.#addToHead(head, streams, nowMs);
    this.#recent.add(digest, nowMs, durable);
    this.#rotateIfDue();
    try {
      await durable;
    } catch (cause) {
      this.#readOnly = `the log store is read-only: its journal cannot be written (${journal.path})`;
      throw new FatalError("a log journal cannot be written", { path: journal.path, cause });
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
      kept.length === entries.lines.length ? entries : pick(entries, kept),
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
    if (head.bytes >= this.#limits.sealBytes || ageMs >= this.#limits.sealAgeMs) this.#rotate();
  }

  #rotate(): void {
    if (this.#active.head.isEmpty || this.#readOnly !== undefined) return;
    const full = this.#active;
    this.#active = this.#openGeneration(full.head.generation + 1);
    this.#maintenance.freeze(full);
    this.#maintenance.wake();
  }

  get #heads(): Head[] {
    return [...this.#maintenance.frozenHeads, this.#active.head];
  }

  /** Lines before this are past retention and are not shown, whether or not their part is already gone. */
  get #oldestNs(): bigint | undefined {
    const { retentionMs, clock } = this.#options;
    return retentionMs === undefined
      ? undefined
      : BigInt(Math.floor(clock.nowMs() - retentionMs)) * 1_000_000n;
  }

  #snapshot(selection: LogSelection): Snapshot {
    return this.#snapshots.take(selection, this.#heads, this.#oldestNs);
  }

  async select(selection: LogSelection, context: QueryContext): Promise<LogSet> {
    context.check();
    const snapshot = this.#snapshot(selection);
    return this.#reader.open(snapshot, selection, () => this.#snapshots.release(snapshot.id));
  }

  async streams(selection: ListSelection): Promise<readonly Labels[]> {
    return listStreams(this.#catalog, this.#heads, selection, this.#oldestNs);
  }

  async labelNames(selection: ListSelection): Promise<readonly string[]> {
    return listLabelNames(this.#catalog, this.#heads, selection, this.#oldestNs);
  }

  async labelValues(name: string, selection: ListSelection): Promise<readonly string[]> {
    return listLabelValues(this.#catalog, this.#heads, name, selection, this.#oldestNs);
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
      streams: (selection) =>
        listStreams(this.#catalog, this.#heads, selection, this.#oldestNs).map((labels) => labels.pairs),
      labelNames: (selection) => listLabelNames(this.#catalog, this.#heads, selection, this.#oldestNs),
      labelValues: ({ name, selection }) =>
        listLabelValues(this.#catalog, this.#heads, name, selection, this.#oldestNs),
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
      openSnapshots: this.#snapshots.openCount,
    };
  }

  /** Seals and merges all there is; resolves when it is done. */
  async compact(): Promise<void> {
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
