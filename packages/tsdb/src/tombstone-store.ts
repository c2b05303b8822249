/**
 * What was deleted and is still in the head or in blocks: a few deletions in one small file that is replaced
 * whole, before a deletion is acknowledged.
 *
 *     tombstones.json   checked-json.ts: [{selectors: [[{name, op, value}, …], …], startMs, endMs, through},
 *                │ …]
 */
import { existsSync, readFileSync } from "node:fs";
import { BinnacleError, FatalError } from "@binnacle/model";
import { decodeCheckedJson, encodeCheckedJson, replaceFile } from "@binnacle/lmdb-file";
import { DeletionFilter, type Deletion } from "./deletion.ts";
import { TOMBSTONES_MAX } from "./limits.ts";

const KIND = "tombstones";
const VERSION = 1;

export class TombstoneStore {
  readonly #path: string;
  #all: readonly Deletion[] = [];
  #filter = new DeletionFilter([]);

  /**
   * Throws FatalError when the file is damaged: going on would bring back what somebody wanted gone. Without
   * the file, the store opens.
   */
  constructor(path: string) {
    this.#path = path;
    if (existsSync(path)) this.#set(decodeTombstones(readFileSync(path), path));
  }

  get all(): readonly Deletion[] {
    return this.#all;
  }

  get filter(): DeletionFilter {
    return this.#filter;
  }

  /** Newest generation that a deletion is about; 0 where there is none. */
  get through(): number {
    return this.#all.reduce((newest, { through }) => Math.max(newest, through), 0);
  }

  /** Returns once it is durable. Throws LIMIT_EXCEEDED, BAD_REGEXP. */
  add(deletion: Deletion): void {
    if (this.#all.length >= TOMBSTONES_MAX) {
      throw new BinnacleError(
        "LIMIT_EXCEEDED",
        `${this.#all.length} deletions wait to be cleaned, which is the limit (TOMBSTONES_MAX): clean_tombstones first`,
      );
    }
    this.#save([...this.#all, deletion]);
  }

  /** Forgets deletions whose samples are gone. */
  remove(gone: readonly Deletion[]): void {
    if (gone.length === 0) return;
    const leaving = new Set(gone);
    this.#save(this.#all.filter((deletion) => !leaving.has(deletion)));
  }

  #save(all: readonly Deletion[]): void {
    replaceFile(this.#path, encodeCheckedJson(KIND, VERSION, all));
    this.#set(all);
  }

  #set(all: readonly Deletion[]): void {
    this.#filter = new DeletionFilter(all);
    this.#all = all;
  }
}

/** Throws FatalError with the path. */
export function decodeTombstones(bytes: Uint8Array, path: string): readonly Deletion[] {
  try {
    return decodeCheckedJson(KIND, VERSION, bytes, path) as readonly Deletion[];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FatalError(`deletions cannot be read: ${reason}; remove the file to start without them`, {
      path,
      cause,
    });
  }
}
