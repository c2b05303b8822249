/**
 * The journal of one generation of the head: an LMDB environment whose records are whole batches, by number.
 * It is deleted as a file once its generation is sealed, since an LMDB file never shrinks.
 * docs/format/log-journal.md.
 */
import { findDamage, removeEnvironment } from "@binnacle/lmdb-file";
import { open, type RootDatabase } from "lmdb";
import { corrupt } from "../bytes.ts";

/** Records that are held at once while a journal is replayed. */
const REPLAYED_AT_ONCE = 16;

export class Journal implements AsyncDisposable {
  readonly path: string;
  readonly #db: RootDatabase<Uint8Array, number>;
  #next: number;
  #pending = 0;
  #onIdle: (() => void) | undefined;

  private constructor(path: string, db: RootDatabase<Uint8Array, number>) {
    this.path = path;
    this.#db = db;
    let next = 0;
    for (const key of db.getKeys({ reverse: true, limit: 1 })) next = key + 1;
    this.#next = next;
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

  /** Resolves once the record is on disk. Records that wait at the same time share a commit. */
  async append(record: Uint8Array): Promise<void> {
    this.#pending++;
    try {
      // lmdb's put knows only Node's Buffer as binary.
      const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
      await this.#db.put(this.#next++, bytes);
      await this.#db.flushed;
    } finally {
      this.#pending--;
      if (this.#pending === 0) this.#onIdle?.();
    }
  }

  /** The records in order, copied. */
  *records(): IterableIterator<{ key: number; record: Uint8Array }> {
    // Some at a time: no read transaction may stay open while the caller works.
    for (let next = 0; ;) {
      const some = Array.from(
        this.#db.getRange({ start: next, limit: REPLAYED_AT_ONCE }),
        ({ key, value }) => ({
          key,
          record: Uint8Array.prototype.slice.call(value),
        }),
      );
      yield* some;
      const last = some[some.length - 1];
      if (last === undefined) return;
      next = last.key + 1;
    }
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
    await this.#db.close();
  }

  /** Closes and removes it, when its lines are sealed. */
  async destroy(): Promise<void> {
    await this[Symbol.asyncDispose]();
    removeEnvironment(this.path);
  }
}
