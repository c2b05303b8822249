/**
 * Follows log files and hands their lines to a sink, which acknowledges them; only then does a file's
 * checkpoint move.
 *
 * Two things go on: looking (which files are there, was one rotated) and reading (lines into a batch, the
 * batch into the sink). Looking does not wait for a slow sink, since a file must be opened before rotation
 * takes it away.
 */
import { watch, type FSWatcher } from "node:fs";
import {
  SYSTEM_CLOCK,
  unreachable,
  type Clock,
  type Labels,
  type Logger,
  type LogSink,
  type Meter,
} from "@binnacle/model";
import { CHECKPOINT_KEEP_MS, RETRY_WAIT_MS_MIN, TAIL_FILES_MAX } from "../limits.ts";
import { CheckpointStore, type FileId } from "./checkpoint-store.ts";
import { deliver, type DeliveryOptions } from "./delivery.ts";
import { FollowedLog, type FollowedLogShared } from "./followed-log.ts";
import { LineBatch } from "./line-batch.ts";
import { Pacer } from "./pacer.ts";
import { findContainerLinks, findPodLogs } from "./source-containers.ts";
import { DockerLogs } from "./source-docker.ts";
import { findPlainFiles } from "./source-files.ts";
import { registerTailMetrics, type TailMetrics } from "./tail-metrics.ts";
import type { FoundLog, TailSource } from "./tail-source.ts";

export interface LogTailerOptions {
  /** A log that several sources find belongs to the first of them. */
  readonly sources: readonly TailSource[];
  readonly sink: LogSink;
  /** Folder of the checkpoints; made when it is not there. */
  readonly checkpointDir: string;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock?: Clock;
  /** How often files are looked for, in ms. Default 1,000. */
  readonly lookIntervalMs?: number;
  /** How often files that were at their end are read on, in ms. Default 250. */
  readonly readIntervalMs?: number;
  /** How long a rotated file or an unfinished line may rest before it is done with, in ms. Default 5,000. */
  readonly graceMs?: number;
  /** First wait before a sink that refused is asked again, in ms, doubling. Default 250. */
  readonly retryWaitMs?: number;
}

export interface TailedFileStatus {
  readonly path: string;
  readonly labels: Labels;
  /** Rotated away, and read to its end. */
  readonly isDraining: boolean;
  readonly offset: number;
  readonly size: number;
}

/** After something changed in a watched folder, files are looked for this often, in ms, this many times. */
const HURRY_INTERVAL_MS = 150;
const HURRY_LOOKS = 12;
const CHECKPOINT_FLUSH_MS = 500;
const FAILURE_REST_MS = 1_000;
const CLEANING_INTERVAL_MS = 60 * 60 * 1000;

export class LogTailer {
  readonly #options: LogTailerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: TailMetrics;
  readonly #checkpoints: CheckpointStore;
  readonly #logs = new Map<string, FollowedLog>();
  readonly #openFiles = new Set<FileId>();
  readonly #shared: FollowedLogShared;
  readonly #finders: (() => Promise<FoundLog[]>)[];
  readonly #stopping = new AbortController();
  readonly #watchers: FSWatcher[] = [];
  /** Looking and reading take turns with the logs; delivering happens outside of it. */
  #turn: Promise<void> = Promise.resolve();
  readonly #looking = new Pacer();
  readonly #reading = new Pacer();
  readonly #writing = new Pacer();
  readonly #delivery: DeliveryOptions;
  #hurryLooks = 0;
  /** Where the next round of reading begins. */
  #firstLog = 0;
  #running: Promise<unknown> = Promise.resolve();
  #cleanedMs = 0;

  constructor(options: LogTailerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#logger = options.logger;
    this.#metrics = registerTailMetrics(options.meter);
    this.#checkpoints = CheckpointStore.open(options.checkpointDir, options.logger);
    if (this.#checkpoints.damagedCount > 0) {
      const records = this.#checkpoints.damagedCount;
      this.#logger.error({ records }, "checkpoints are damaged: their files are read from the start");
    }
    this.#finders = options.sources.map(finderOf);
    this.#delivery = {
      sink: options.sink,
      metrics: this.#metrics,
      logger: options.logger,
      signal: this.#stopping.signal,
      retryWaitMs: options.retryWaitMs ?? RETRY_WAIT_MS_MIN,
    };
    this.#shared = {
      checkpoints: this.#checkpoints,
      metrics: this.#metrics,
      logger: options.logger,
      graceMs: options.graceMs ?? 5_000,
      openFiles: this.#openFiles,
      hasRoom: () => this.#openFiles.size < TAIL_FILES_MAX,
    };
  }

  start(): void {
    this.#watch();
    this.#running = Promise.all([
      this.#repeat("looking for log files", this.#looking, () => this.#lookOnce()),
      this.#repeat("reading log files", this.#reading, () => this.#readOnce()),
      this.#repeat("writing checkpoints", this.#writing, () => this.#writeOnce()),
    ]);
  }

  /**
   * Lets the batch under way be acknowledged if that is quick, then writes the checkpoints and closes
   * everything.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const pacer of [this.#looking, this.#reading, this.#writing]) pacer.wake();
    for (const watcher of this.#watchers) watcher.close();
    await this.#running;
    for (const log of this.#logs.values()) await log.close();
    this.#logs.clear();
    await this.#checkpoints.close();
  }

  status(): TailedFileStatus[] {
    return [...this.#logs.values()].flatMap(({ log, files }) =>
      files.map(({ file, isCurrent }) => ({
        path: log.path,
        labels: log.labels,
        isDraining: !isCurrent,
        offset: file.offset,
        size: Math.max(file.size, file.offset),
      })),
    );
  }

  /**
   * A round answers how long to rest, in ms. One that fails is told of, and the loop goes on after a while.
   */
  async #repeat(what: string, pacer: Pacer, round: () => Promise<number>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      let restMs = FAILURE_REST_MS;
      try {
        restMs = await round();
      } catch (error) {
        this.#logger.error({ error: error instanceof Error ? error.stack : String(error) }, `${what} failed`);
      }
      if (restMs > 0 && !this.#stopping.signal.aborted) await pacer.wait(restMs);
    }
  }

  async #lookOnce(): Promise<number> {
    const found = new Map<string, FoundLog>();
    for (const find of this.#finders) {
      for (const log of await find()) if (!found.has(log.path)) found.set(log.path, log);
    }
    await this.#inTurn(() => this.#look(found));
    if (this.#hurryLooks === 0) return this.#options.lookIntervalMs ?? 1_000;
    this.#hurryLooks--;
    return HURRY_INTERVAL_MS;
  }

  async #look(found: ReadonlyMap<string, FoundLog>): Promise<void> {
    for (const log of found.values()) {
      const known = this.#logs.get(log.path);
      if (known === undefined) this.#logs.set(log.path, new FollowedLog(log, this.#shared));
      else if (!known.log.labels.equals(log.labels)) known.rename(log);
    }
    const nowMs = this.#clock.nowMs();
    for (const [path, log] of this.#logs) {
      const isFound = found.has(path);
      try {
        await log.look(isFound, nowMs, this.#clock.monotonicMs());
      } catch (error) {
        this.#logger.warn({ path, error: String(error) }, "a log file cannot be looked at");
      }
      if (!isFound && log.isEmpty) this.#logs.delete(path);
    }
    this.#metrics.filesOpen.set(this.#openFiles.size);
    if (nowMs - this.#cleanedMs >= CLEANING_INTERVAL_MS) this.#clean(nowMs);
  }

  async #readOnce(): Promise<number> {
    const batch = new LineBatch();
    const read: FollowedLog[] = [];
    let hasMore = false;
    await this.#inTurn(async () => {
      const logs = [...this.#logs.values()];
      for (let i = 0; i < logs.length && !batch.isFull; i++) {
        const log = logs[(this.#firstLog + i) % logs.length]!;
        read.push(log);
        const nowNs = BigInt(Math.round(this.#clock.nowMs())) * 1_000_000n;
        if (await log.read(batch, nowNs, this.#clock.monotonicMs())) hasMore = true;
      }
      // The next round begins where this one had no more room.
      this.#firstLog = logs.length === 0 ? 0 : (this.#firstLog + read.length) % logs.length;
      hasMore ||= batch.isFull;
      this.#noteLag();
    });
    if (batch.lineCount > 0 && !(await deliver(batch.entries(), this.#delivery))) return 0;
    const nowMs = this.#clock.nowMs();
    await this.#inTurn(async () => {
      for (const log of read) await log.acknowledge(nowMs);
    });
    return hasMore ? 0 : (this.#options.readIntervalMs ?? 250);
  }

  async #writeOnce(): Promise<number> {
    await this.#checkpoints.flush();
    return CHECKPOINT_FLUSH_MS;
  }

  #noteLag(): void {
    let lag = 0;
    for (const log of this.#logs.values()) {
      for (const { file } of log.files) lag += Math.max(0, file.size - file.offset);
    }
    this.#metrics.lagBytes.set(lag);
  }

  /** Forgets files that nobody has touched for long and that are not open. */
  #clean(nowMs: number): void {
    this.#cleanedMs = nowMs;
    for (const [file, { updatedMs }] of this.#checkpoints.all()) {
      if (nowMs - updatedMs > CHECKPOINT_KEEP_MS && !this.#openFiles.has(file))
        this.#checkpoints.delete(file);
    }
  }

  /**
   * Watches only the folders in which pods come and go: one watch each, and polling does without them as
   * well.
   */
  #watch(): void {
    for (const source of this.#options.sources) {
      if (source.kind === "files") continue;
      try {
        const watcher = watch(source.directory, { persistent: false }, () => {
          this.#hurryLooks = HURRY_LOOKS;
          this.#looking.wake();
        });
        watcher.on("error", () => watcher.close());
        this.#watchers.push(watcher);
      } catch {
        // The folder is not there, or the machine has no watches left.
      }
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function finderOf(source: TailSource): () => Promise<FoundLog[]> {
  switch (source.kind) {
    case "pods":
      return () => findPodLogs(source);
    case "containers":
      return () => findContainerLinks(source);
    case "docker": {
      const logs = new DockerLogs(source);
      return () => logs.find();
    }
    case "files":
      return () => findPlainFiles(source);
    default:
      return unreachable(source);
  }
}
