/**
 * The journal of one generation: an LMDB environment that is deleted whole once its generation is sealed.
 *
 * Operations are encoded as they come; one commit takes all that came while the one before it was under way,
 * so many appends share a commit. An append is acknowledged when its commit is durable. A journal of an
 * earlier process is only read: its generation is sealed, and what comes goes into a new one.
 */
import { openEnvironment, readLmdbFile } from "@binnacle/lmdb-file";
import { statSync } from "node:fs";
import { BinnacleError, type Logger } from "@binnacle/model";
import type { RootDatabase } from "lmdb";
import { ByteWriter } from "../bytes.ts";
import {
  RecordDecoder,
  RecordEncoder,
  sealRecord,
  type RecordHandler,
  type SeriesFacts,
} from "./journal-record.ts";

/**
 * When an append is acknowledged. "commit" (the default): once fsync has returned, so that not even a power
 * loss takes it. "page-cache": once the kernel has it, which a crash of this process survives and a power
 * loss need not.
 */
export type JournalSync = "commit" | "page-cache";

export interface JournalOptions {
  readonly path: string;
  readonly sync: JournalSync;
  readonly facts: SeriesFacts;
  readonly logger: Logger;
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

export class Journal {
  readonly path: string;
  readonly operations: RecordEncoder;
  readonly #sync: JournalSync;
  readonly #logger: Logger;
  readonly #pending = new ByteWriter(64 * 1024);
  #environment: RootDatabase<Uint8Array, number> | undefined;
  #waiting: Waiter[] = [];
  #running: Promise<void> | undefined;
  #nextKey = 1;
  #committingBytes = 0;

  constructor(options: JournalOptions) {
    this.path = options.path;
    this.#sync = options.sync;
    this.#logger = options.logger;
    this.operations = new RecordEncoder(this.#pending, options.facts);
  }

  /** Bytes that are not durable yet. */
  get pendingBytes(): number {
    return this.#pending.length + this.#committingBytes;
  }

  get fileBytes(): number {
    return this.#environment === undefined ? 0 : statSync(this.path).size;
  }

  /** Resolves when every operation encoded so far is durable. Rejects UNAVAILABLE when it cannot be. */
  commit(): Promise<void> {
    if (this.#pending.length === 0) return this.#running ?? Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined;
      });
    });
  }

  async close(): Promise<void> {
    await this.commit();
    await this.#environment?.close();
    this.#environment = undefined;
  }

  async #run(): Promise<void> {
    while (this.#pending.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      const record = sealRecord(this.#pending.view());
      this.#pending.clear();
      this.#committingBytes = record.length;
      try {
        await this.#write(record);
        for (const waiter of waiting) waiter.resolve();
      } catch (cause) {
        this.#logger.error({ path: this.path, err: cause }, "a journal cannot be written");
        const error = new BinnacleError("UNAVAILABLE", `the journal ${this.path} cannot be written`, {
          cause,
        });
        for (const waiter of waiting) waiter.reject(error);
      } finally {
        this.#committingBytes = 0;
      }
    }
  }

  async #write(record: Uint8Array): Promise<void> {
    const environment = (this.#environment ??= this.#open());
    await environment.put(this.#nextKey++, record);
    if (this.#sync === "commit") await environment.flushed;
  }

  #open(): RootDatabase<Uint8Array, number> {
    return openEnvironment(this.path, {
      encoding: "binary",
      keyEncoding: "uint32",
      cache: false,
      noSync: this.#sync === "page-cache",
    });
  }
}

/**
 * Hands on what a journal's file says. True when all of it could be read; otherwise the damage is logged with
 * its place, and what stands after it is left alone, since later records build on earlier ones.
 */
export function replayJournal(path: string, handler: RecordHandler, logger: Logger): boolean {
  const decoder = new RecordDecoder(handler);
  let nextKey = 1;
  try {
    for (const { key, value } of readLmdbFile(path)) {
      if (key !== nextKey) {
        throw new BinnacleError("CORRUPT_DATA", `${path}: record ${nextKey} is missing, found ${key}`);
      }
      decoder.decode(value, `${path}, record ${key}`);
      nextKey++;
    }
    return true;
  } catch (error) {
    logger.error(
      { path, record: nextKey, err: error },
      "a journal is damaged from here on; what stands before it is kept",
    );
    return false;
  }
}
