/**
 * The journal of one generation of the head: an LMDB environment whose records are whole batches, by number.
 * It is deleted as a file once its generation is sealed, since an LMDB file never shrinks.
 * docs/format/log-journal.md.
 */
import { existsSync, statSync } from "node:fs";
import {
  closeEnvironment,
  commit,
  findDamage,
  readLmdbFile,
  removeEnvironment,
  salvageLmdbFile,
} from "@binnacle/lmdb-file";
import { BinnacleError } from "@binnacle/model";
import { open, type RootDatabase } from "lmdb";
import { corrupt } from "../bytes.ts";
import { decodeBatch, type RecordStream } from "./batch-record.ts";

/** A journal to which nothing is added any more. */
export interface HeldJournal extends AsyncDisposable {
  readonly path: string;
  /** Bytes of its file. */
  readonly fileBytes: number;
  /** Resolves when no append is under way. */
  idle(): Promise<void>;
  /** Closes and removes it, when its lines are sealed. */
  destroy(): Promise<void>;
}

export class Journal implements HeldJournal {
  readonly path: string;
  readonly #db: RootDatabase<Uint8Array, number>;
  #next: number;
  #pending = 0;
  #pendingBytes = 0;
  #onIdle: (() => void) | undefined;
  /** Rejects when a write has failed: what waits for the disk then would wait for ever. */
  readonly #failure = Promise.withResolvers<never>();
  #isBroken = false;

  private constructor(path: string, db: RootDatabase<Uint8Array, number>) {
    this.path = path;
    this.#db = db;
    let next = 0;
    for (const key of db.getKeys({ reverse: true, limit: 1 })) next = key + 1;
    this.#next = next;
    this.#failure.promise.catch(() => undefined);
  }

  /**
   * Opens or creates. Throws CORRUPT_DATA for a file that is shorter than it says: reading it would kill the
   * process.
   */
  static open(path: string): Journal {
    const damage = findDamage(path);
    if (damage !== undefined) throw corrupt(path, damage);
    const db = open<Uint8Array, number>({
      path,
      noSubdir: true,
      encoding: "binary",
      keyEncoding: "uint32",
      cache: false,
    });
    return new Journal(path, db);
  }

  /** Whether a write has failed: this journal takes no more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /**
   * Resolves once the record is on disk. Records that wait at the same time share a commit. Rejects
   * UNAVAILABLE when it cannot be written, and so does whatever waits at that time or comes later.
   */
  async append(record: Uint8Array): Promise<void> {
    this.#pending++;
    this.#pendingBytes += record.length;
    try {
      await Promise.race([this.#failure.promise, this.#write(record)]);
    } catch (error) {
      this.#isBroken = true;
      this.#failure.reject(error);
      throw error;
    } finally {
      this.#pending--;
      this.#pendingBytes -= record.length;
      if (this.#pending === 0) this.#onIdle?.();
    }
  }

  async #write(record: Uint8Array): Promise<void> {
    // lmdb's put knows only Node's Buffer as binary.
    const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
    await commit(this.path, this.#db, () => [this.#db.put(this.#next++, bytes)]);
    await this.#db.flushed;
  }

  get fileBytes(): number {
    return sizeOf(this.path);
  }

  /** Bytes that are not durable yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Resolves when no append is under way. */
  async idle(): Promise<void> {
    while (this.#pending > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.idle();
    await closeEnvironment(this.#db);
  }

  /** Closes and removes it, when its lines are sealed. */
  async destroy(): Promise<void> {
    await this[Symbol.asyncDispose]();
    removeEnvironment(this.path);
  }
}

/** The journal of an earlier process: only read, without LMDB, and removed once its lines are sealed. */
export class EarlierJournal implements HeldJournal {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get fileBytes(): number {
    return sizeOf(this.path);
  }

  idle(): Promise<void> {
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    removeEnvironment(this.path);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

export interface JournalRecord {
  readonly record: Uint8Array;
  readonly streams: readonly RecordStream[];
}

/**
 * The records of a journal's file in order, those that are damaged left out. `onDamage` is told of each
 * damage with its place.
 */
export function* readJournal(
  path: string,
  onDamage: (message: string) => void,
): IterableIterator<JournalRecord> {
  let next = 0;
  try {
    for (const { key, value } of readLmdbFile(path)) {
      if (key !== next) throw corrupt(path, `record ${next} is missing, found ${key}`);
      next++;
      const decoded = decodeRecord(path, key, value, onDamage);
      if (decoded !== undefined) yield decoded;
    }
    return;
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    onDamage(error.message);
  }
  // The tree is damaged: what its pages hold is good all the same where a record's checksum says so.
  const rest = new Map<number, JournalRecord>();
  for (const { key, value } of salvageLmdbFile(path)) {
    if (key < next || rest.has(key)) continue;
    const decoded = decodeRecord(path, key, value, () => undefined);
    if (decoded !== undefined) rest.set(key, decoded);
  }
  for (const key of [...rest.keys()].sort((a, b) => a - b)) yield rest.get(key)!;
}

function decodeRecord(
  path: string,
  key: number,
  value: Uint8Array,
  onDamage: (message: string) => void,
): JournalRecord | undefined {
  try {
    return { record: value, streams: decodeBatch(value, `${path}, record ${key},`) };
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    onDamage(error.message);
    return undefined;
  }
}
