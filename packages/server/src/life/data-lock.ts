/**
 * The lock on a data directory: one process at a time. The kernel holds it (a POSIX lock on a file, taken
 * through SQLite, which comes with Node and is the only way from Node to such a lock), so it ends with its
 * process however that ends, and holds between containers that share a volume.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FatalError } from "@binnacle/model";

const SQLITE_BUSY = 5;

export class DataLock implements Disposable {
  readonly #database: DatabaseSync;

  /**
   * Makes the directory if need be. Throws FatalError, with the other's process id, when somebody has the
   * lock, and when the directory cannot be written.
   */
  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true });
    const file = path.join(dataDir, "LOCK");
    const holder = path.join(dataDir, "LOCK.pid");
    this.#database = openDatabase(file);
    try {
      // Nothing is ever written to it, so it needs no journal.
      this.#database.exec("PRAGMA journal_mode=OFF; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE");
    } catch (cause) {
      this.#database.close();
      if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY)
        throw new FatalError("the data directory cannot be locked", { path: file, cause });
      const message = `the data directory is in use by another process${pidIn(holder)}: stop it, or choose another`;
      throw new FatalError(message, { path: dataDir, cause });
    }
    writeFileSync(holder, `${process.pid}\n`);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function openDatabase(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file);
  } catch (cause) {
    throw new FatalError("the data directory cannot be locked", { path: file, cause });
  }
}

/** For the message only: who holds the lock wrote it just after. */
function pidIn(file: string): string {
  try {
    return `, ${readFileSync(file, "utf8").trim()}`;
  } catch {
    return "";
  }
}
