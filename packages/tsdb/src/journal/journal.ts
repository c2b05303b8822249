/**
 * The journal of one generation: an LMDB environment that is deleted whole once its generation is sealed.
 *
 * Operations are encoded as they come; one commit takes all that came while the one before it was under way,
 * so many appends share a commit. A commit costs three tenths of a ms of CPU, however little it holds: so it
 * waits for company, a little where appends come side by side, and as long as they allow where senders are
 * patient. An append is acknowledged when its commit is durable. A journal of an earlier process is only
 * read: its generation is sealed, and what comes goes into a new one.
 */
import { closeEnvironment, commit, openEnvironment } from "@binnacle/lmdb-file";
import { statSync } from "node:fs";
import { BinnacleError, type Logger } from "@binnacle/model";
import type { RootDatabase } from "lmdb";
import { ByteWriter } from "../bytes.ts";
import { RecordEncoder, sealRecord, type SeriesFacts } from "./journal-record.ts";

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
  /** Told when it is broken. */
  readonly onFailure?: (() => void) | undefined;
}

/**
 * What a commit waits at most, in ms, until as many appends are in it as were under way side by side lately:
 * a sender that is answered sends its next one at once. Who is alone waits for nobody.
 */
const COMPANY_MS = 5;

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

export class Journal {
  readonly path: string;
  readonly operations: RecordEncoder;
  readonly #sync: JournalSync;
  readonly #logger: Logger;
  readonly #onFailure: (() => void) | undefined;
  readonly #pending = new ByteWriter(64 * 1024);
  #environment: RootDatabase<Uint8Array, number> | undefined;
  #waiting: Waiter[] = [];
  #running: Promise<void> | undefined;
  /** When the next commit begins at the latest, by the monotonic clock. */
  #dueMs = Number.POSITIVE_INFINITY;
  /** Ends the wait for that. */
  #wake: (() => void) | undefined;
  /** Appends that were under way side by side lately, those that are patient apart. */
  #company = 1;
  /** Of these, those that wait for the next commit, and those in the one that is being made. */
  #hurried = 0;
  #committing = 0;
  #nextKey = 1;
  #committingBytes = 0;
  /** Why nothing can be written any more: a record is missing, on which later ones would build. */
  #failure: Error | undefined;

  constructor(options: JournalOptions) {
    this.path = options.path;
    this.#sync = options.sync;
    this.#logger = options.logger;
    this.#onFailure = options.onFailure;
    this.operations = new RecordEncoder(this.#pending, options.facts);
  }

  /** Whether a record could not be written: this journal takes no more. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /** Bytes that are not durable yet. */
  get pendingBytes(): number {
    return this.#pending.length + this.#committingBytes;
  }

  /** Commits so far. */
  get commits(): number {
    return this.#nextKey - 1;
  }

  get fileBytes(): number {
    return this.#environment === undefined ? 0 : statSync(this.path).size;
  }

  /**
   * Resolves when every operation encoded so far is durable. Rejects UNAVAILABLE when it cannot be. The
   * commit may be put off by so many ms, for others to share it.
   */
  commit(patienceMs?: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#pending.length === 0) return this.#running ?? Promise.resolve();
    const dueMs = performance.now() + (patienceMs ?? this.#companyMs());
    if (dueMs < this.#dueMs) {
      this.#dueMs = dueMs;
      this.#wake?.();
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async close(): Promise<void> {
    if (!this.isBroken) await this.commit(0);
    if (this.#environment !== undefined) await closeEnvironment(this.#environment);
    this.#environment = undefined;
  }

  /** What an append that has just come waits for others, in ms. */
  #companyMs(): number {
    this.#hurried++;
    this.#company = Math.max(this.#company, this.#hurried + this.#committing);
    return this.#hurried < this.#company ? COMPANY_MS : 0;
  }

  async #run(): Promise<void> {
    while (this.#pending.length > 0) {
      await this.#untilDue();
      const waiting = this.#waiting;
      this.#waiting = [];
      // Some have left, or think before they send again.
      if (this.#hurried > 0 && this.#hurried < this.#company) this.#company--;
      this.#committing = this.#hurried;
      this.#hurried = 0;
      this.operations.endRecord();
      const record = sealRecord(this.#pending.view(), this.#nextKey);
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
        this.#failure = error;
        this.#onFailure?.();
        this.#pending.clear();
        for (const waiter of [...waiting, ...this.#waiting.splice(0)]) waiter.reject(error);
      } finally {
        this.#committingBytes = 0;
        this.#committing = 0;
      }
    }
    // In the same turn as the look at what is pending: an append that comes between would wait for ever.
    this.#running = undefined;
  }

  async #untilDue(): Promise<void> {
    for (;;) {
      const waitMs = this.#dueMs - performance.now();
      if (waitMs <= 0 || waitMs === Number.POSITIVE_INFINITY) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  async #write(record: Uint8Array): Promise<void> {
    const environment = (this.#environment ??= this.#open());
    await commit(this.path, environment, () => [environment.put(this.#nextKey++, record)]);
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
