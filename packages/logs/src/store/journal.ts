/**
 * The journal of one generation of the head: an LMDB environment whose records are whole batches, by number.
 * It is deleted as a file once its generation is sealed, since an LMDB file never shrinks.
 * docs/format/log-journal.md.
 */
import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { open, type RootDatabase } from "lmdb";
import { corrupt } from "../bytes.ts";

/** Records that are held at once while a journal is replayed. */
const REPLAYED_AT_ONCE = 16;

const META_MAGIC = 0xbeefc0de;

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
    checkLength(path);
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
    rmSync(this.path, { force: true });
    rmSync(`${this.path}-lock`, { force: true });
  }
}

/**
 * LMDB maps its file, and touching a page past the end of a truncated one is a SIGBUS. Its two meta pages say
 * how many pages it uses; the one with the higher transaction number counts.
 */
function checkLength(path: string): void {
  if (!existsSync(path)) return;
  const { size } = statSync(path);
  if (size === 0) return;
  const file = openSync(path, "r");
  try {
    const first = readMeta(file, 0);
    const second = first === undefined ? undefined : readMeta(file, first.pageBytes);
    if (first === undefined || second === undefined) throw corrupt(path, "it does not begin as an LMDB file");
    const meta = second.transaction > first.transaction ? second : first;
    const needed = (meta.lastPage + 1) * meta.pageBytes;
    if (size < needed) throw corrupt(path, `it has ${size} bytes and says that it uses ${needed}`);
  } finally {
    closeSync(file);
  }
}

function readMeta(
  file: number,
  at: number,
): { pageBytes: number; lastPage: number; transaction: number } | undefined {
  const page = Buffer.alloc(160);
  if (readSync(file, page, 0, page.length, at) < page.length) return undefined;
  if (page.readUInt32LE(24) !== META_MAGIC) return undefined;
  const pageBytes = page.readUInt32LE(48);
  const isPageSize = pageBytes >= 256 && pageBytes <= 65_536;
  if (!isPageSize) return undefined;
  return {
    pageBytes,
    lastPage: Number(page.readBigUInt64LE(144)),
    transaction: Number(page.readBigUInt64LE(152)),
  };
}
