/**
 * One log and its generations: the file under its path, and those that rotation moved away and that are not
 * read to their end yet, oldest first.
 *
 *     app.log.2 (draining)   app.log.1 (draining)   app.log (current)
 *
 * A file that lost its name is held open until it is at its end and has not grown for a while: the writer
 * keeps writing to it until it is told to open the new one.
 */
import type { Labels, Logger } from "@binnacle/model";
import type { CheckpointStore, FileId } from "./checkpoint-store.ts";
import {
  listGenerations,
  matchesPosition,
  planGenerations,
  type PlannedRead,
  recognize,
  type Generation,
  type KnownPosition,
} from "./generations.ts";
import type { LineBatch } from "./line-batch.ts";
import type { DecodedLine, StreamName } from "./line-decoder.ts";
import { isGzip, openLogFile, RefusedFile, type OpenedLogFile } from "./open-log-file.ts";
import type { TailMetrics } from "./tail-metrics.ts";
import type { FoundLog } from "./tail-source.ts";
import { TailedFile, type ReadOutcome } from "./tailed-file.ts";

export interface FollowedLogShared {
  readonly checkpoints: CheckpointStore;
  readonly metrics: TailMetrics;
  readonly logger: Logger;
  /** How long a file without its name, or a line without its end, may rest before it is done with, in ms. */
  readonly graceMs: number;
  /** Files open under any log: a file is never read twice. */
  readonly openFiles: Set<FileId>;
  /** Whether another file may be opened. */
  hasRoom(): boolean;
}

interface OpenGeneration {
  readonly file: TailedFile;
  isCurrent: boolean;
  /** Monotonic ms of the last growth, or of losing its name. */
  restingSinceMs: number;
  /** Nothing more will be read: closed once what was read is acknowledged. */
  isFinished: boolean;
  /** What was read of it is no longer in it: only the line under way is left to give out. */
  isTruncated: boolean;
  wasTouched: boolean;
}

const OPEN_TRIES_MAX = 5;

/** A file of which nothing was read. */
const UNREAD = { offset: 0, prefixCrc: 0, markerCrc: 0 };

export class FollowedLog {
  readonly #shared: FollowedLogShared;
  readonly #labels = new Map<StreamName, Labels>();
  #generations: OpenGeneration[] = [];
  #lastLookMs: number | undefined;
  #refusal: string | undefined;
  #log: FoundLog;

  constructor(log: FoundLog, shared: FollowedLogShared) {
    this.#log = log;
    this.#shared = shared;
  }

  get log(): FoundLog {
    return this.#log;
  }

  /** Takes what a source now says of the log: a container's name may be known only after its first lines. */
  rename(log: FoundLog): void {
    this.#log = log;
    this.#labels.clear();
  }

  /** Whether it has no file to read: then it can be forgotten, once no source finds it. */
  get isEmpty(): boolean {
    return this.#generations.length === 0;
  }

  get files(): readonly { readonly file: TailedFile; readonly isCurrent: boolean }[] {
    return this.#generations;
  }

  /**
   * Looks which file is under the path now, and opens what is new. `isFound`: a source still lists the path.
   */
  async look(isFound: boolean, nowMs: number, monotonicMs: number): Promise<void> {
    const generations = isFound ? await listGenerations(this.#log.path) : [];
    const current = generations.find(({ isCurrent }) => isCurrent);
    for (const generation of this.#generations) {
      const isCurrent = generation.file.id === current?.id;
      if (generation.isCurrent && !isCurrent) generation.restingSinceMs = monotonicMs;
      if (isCurrent) generation.file.noteSize(current.size);
      generation.isCurrent = isCurrent;
      // Renamed back, as kubelet does when the runtime did not open a new file.
      if (isCurrent && !generation.isTruncated) generation.isFinished = false;
    }
    if (current !== undefined && !this.#shared.openFiles.has(current.id)) {
      // What is open must be known for what it is now, before others are known by it.
      for (const generation of this.#generations.slice()) {
        if (await generation.file.isRewritten()) await this.#onRewritten(generation, monotonicMs);
      }
      await this.#open(monotonicMs);
    }
    this.#lastLookMs = nowMs;
  }

  /** Reads on into the batch, older files first. Returns whether there may be more to read at once. */
  async read(batch: LineBatch, nowNs: bigint, monotonicMs: number): Promise<boolean> {
    // What reading finds out may change the list: this round is of the files there are now.
    for (const generation of this.#generations.slice()) {
      if (generation.isFinished) continue;
      const { file } = generation;
      if (generation.isTruncated) {
        file.flush(nowNs, (line) => this.#add(line, batch), true);
        generation.isFinished = true;
        continue;
      }
      const before = file.offset;
      const outcome = await this.#readFile(file, batch, nowNs);
      if (outcome === "rewritten") {
        await this.#onRewritten(generation, monotonicMs);
        return true;
      }
      if (file.offset > before) {
        generation.restingSinceMs = monotonicMs;
        generation.wasTouched = true;
      }
      if (outcome === "read") return true;
      if (monotonicMs - generation.restingSinceMs < this.#shared.graceMs) continue;
      if (!generation.isCurrent) generation.isFinished = true;
      if (file.hasFlushable(generation.isFinished)) {
        file.flush(nowNs, (line) => this.#add(line, batch), generation.isFinished);
        generation.wasTouched = true;
      }
      if (batch.isFull) return true;
    }
    return false;
  }

  /** A disk that cannot be read now is asked again at the next turn: nothing was taken from it yet. */
  async #readFile(file: TailedFile, batch: LineBatch, nowNs: bigint): Promise<ReadOutcome> {
    try {
      return await file.read(nowNs, (line) => this.#add(line, batch));
    } catch (error) {
      this.#refuse("read_error", `${this.#log.path} cannot be read: ${String(error)}`);
      return "at_end";
    }
  }

  /** What was read is stored: notes how far, and closes what is done with. */
  async acknowledge(nowMs: number): Promise<void> {
    for (const generation of this.#generations) {
      if (!generation.wasTouched || generation.isTruncated) continue;
      generation.wasTouched = false;
      const checkpoint = await generation.file.checkpoint(this.#log.path, nowMs);
      if (checkpoint !== undefined) this.#shared.checkpoints.set(generation.file.id, checkpoint);
    }
    const finished = this.#generations.filter(({ isFinished }) => isFinished);
    if (finished.length === 0) return;
    this.#generations = this.#generations.filter(({ isFinished }) => !isFinished);
    for (const { file, isTruncated } of finished) {
      // A truncated file is open a second time, from its new start: its id is that one's now.
      if (!isTruncated) this.#shared.openFiles.delete(file.id);
      await file.close();
    }
  }

  async close(): Promise<void> {
    for (const { file } of this.#generations) {
      this.#shared.openFiles.delete(file.id);
      await file.close();
    }
    this.#generations = [];
  }

  /**
   * Opens what is new. A rotation while this goes on has moved files to other paths: then it is begun again.
   */
  async #open(monotonicMs: number): Promise<void> {
    for (let tries = 0; tries < OPEN_TRIES_MAX; tries++) {
      const planned = await this.#plan();
      let isSteady = true;
      for (const { generation, offset } of planned) {
        isSteady = await this.#openAt(generation, offset, monotonicMs);
        if (!isSteady) break;
      }
      if (isSteady) return;
    }
  }

  async #plan(): Promise<PlannedRead[]> {
    const { checkpoints, openFiles, metrics } = this.#shared;
    const records = checkpoints.ofPath(this.#log.path);
    let lastSeenMs = this.#lastLookMs;
    for (const { updatedMs } of records.values()) lastSeenMs = Math.max(lastSeenMs ?? 0, updatedMs);
    const generations = (await listGenerations(this.#log.path)).filter(
      // Unpacking is dear: only what was written to after we last looked can have something new.
      ({ path, mtimeMs }) => !isGzip(path) || (lastSeenMs !== undefined && mtimeMs > lastSeenMs),
    );
    const positions: KnownPosition[] = [...records.values()];
    for (const { file } of this.#generations) positions.push(file.readPosition());
    const knowledge = await recognize(generations, this.#log.roots, {
      isOpen: (id) => openFiles.has(id),
      positionOf: (id) => checkpoints.get(id),
      positions,
    });
    const isLost = this.#generations.length === 0 && records.size > 0 && knowledge.size === 0;
    if (isLost) metrics.filesMissed.inc();
    return planGenerations(generations, knowledge, lastSeenMs);
  }

  /** Resolves false when something else is at the path by now. */
  async #openAt(generation: Generation, offset: number, monotonicMs: number): Promise<boolean> {
    const { openFiles, metrics, logger } = this.#shared;
    if (!this.#shared.hasRoom()) {
      this.#refuse("too_many_files", `${generation.path}: too many log files are open (TAIL_FILES_MAX)`);
      return true;
    }
    try {
      const opened = await openLogFile(generation.path, this.#log.roots);
      if (opened === undefined) return false;
      if (opened.id !== generation.id || openFiles.has(opened.id)) {
        await opened.handle.close();
        return false;
      }
      const file = await TailedFile.at(offset, {
        ...opened,
        format: this.#log.format,
        syslogDates: this.#log.syslogDates,
      });
      openFiles.add(file.id);
      this.#generations.push({
        file,
        isCurrent: generation.isCurrent,
        restingSinceMs: monotonicMs,
        isFinished: false,
        isTruncated: false,
        // Also a file that nothing is read of is known from now on: rotation may take it away before we are
        // back.
        wasTouched: true,
      });
      this.#refusal = undefined;
      logger.debug({ path: generation.path, offset }, "a log file is followed");
    } catch (error) {
      if (!(error instanceof RefusedFile)) throw error;
      this.#refuse(error.reason, error.message);
    }
    metrics.filesOpen.set(openFiles.size);
    return true;
  }

  /** Once for each reason in a row: a file that cannot be read is looked at every second. */
  #refuse(reason: string, message: string): void {
    if (this.#refusal === reason) return;
    this.#refusal = reason;
    this.#shared.metrics.filesRefused.inc({ reason });
    this.#shared.logger.warn({ path: this.#log.path, reason }, message);
  }

  /**
   * The file was truncated. Where a copy of what was in it stands beside it (copytruncate), reading goes on
   * there, in the middle of the line even; the file itself begins anew.
   */
  async #onRewritten(generation: OpenGeneration, monotonicMs: number): Promise<void> {
    const { file } = generation;
    const { openFiles, metrics, checkpoints, logger } = this.#shared;
    metrics.truncations.inc();
    const { id, offset } = file;
    const copy = await this.#findCopy(file.readPosition());
    logger.info({ path: this.#log.path, offset, copy: copy?.path }, "a log file was truncated");
    const unread = { ...UNREAD, path: this.#log.path, updatedMs: this.#lastLookMs ?? 0 };
    // What was acknowledged of the file is now true of its copy.
    if (copy !== undefined) checkpoints.set(copy.id, checkpoints.get(id) ?? unread);
    checkpoints.set(id, unread);
    openFiles.delete(id);
    generation.restingSinceMs = monotonicMs;
    generation.isCurrent = false;
    if (copy === undefined) {
      generation.isTruncated = true;
    } else {
      await file.moveTo(copy);
      openFiles.add(copy.id);
      generation.wasTouched = true;
    }
    // Beside a copy there may be others that were made after it; without one, only the file itself is
    // certain.
    if (copy !== undefined) {
      await this.#open(monotonicMs);
      return;
    }
    const self = (await listGenerations(this.#log.path)).find((other) => other.id === id);
    if (self !== undefined) await this.#openAt(self, 0, monotonicMs);
  }

  async #findCopy(position: KnownPosition): Promise<(OpenedLogFile & { path: string }) | undefined> {
    if (position.offset === 0) return undefined;
    for (const { id, path, isCurrent, size } of await listGenerations(this.#log.path)) {
      if (isCurrent || isGzip(path) || size < position.offset || this.#shared.openFiles.has(id)) continue;
      const opened = await openLogFile(path, this.#log.roots).catch(() => undefined);
      if (opened === undefined) continue;
      if (await matchesPosition(opened, position)) return { ...opened, path };
      await opened.handle.close();
    }
    return undefined;
  }

  #add({ stream, timeNs, line, isCut, isMalformed }: DecodedLine, batch: LineBatch): void {
    const { metrics } = this.#shared;
    batch.add(this.#labelsOf(stream), timeNs, line, this.#log.metadata);
    metrics.linesRead.inc();
    metrics.bytesRead.inc(undefined, line.length);
    if (isCut) metrics.linesCut.inc();
    if (isMalformed) metrics.linesMalformed.inc({ format: this.#log.format });
  }

  #labelsOf(stream: StreamName): Labels {
    let labels = this.#labels.get(stream);
    if (labels === undefined) {
      labels = stream === "" ? this.#log.labels : this.#log.labels.with({ stream });
      this.#labels.set(stream, labels);
    }
    return labels;
  }
}
