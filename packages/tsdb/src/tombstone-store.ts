/**
 * What was deleted and is still in the head or in blocks: a few deletions in one small file that is replaced
 * whole, before a deletion is acknowledged.
 *
 *     tombstones.json   "binnacle tombstones 1 " crc32 of the rest, 8 hex digits "\n"
 *                       JSON: [{selectors: [[{name, op, value}, …], …], startMs, endMs, through}, …] "\n"
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { BinnacleError, FatalError } from "@binnacle/model";
import { syncDirectory } from "./block/block-writer.ts";
import { DeletionFilter, type Deletion } from "./deletion.ts";
import { TOMBSTONES_MAX } from "./limits.ts";

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
    if (existsSync(path)) this.#set(decodeTombstones(readFileSync(path, "utf8"), path));
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
    const fd = openSync(`${this.#path}.tmp`, "w");
    try {
      writeSync(fd, encodeTombstones(all));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${this.#path}.tmp`, this.#path);
    syncDirectory(dirname(this.#path));
    this.#set(all);
  }

  #set(all: readonly Deletion[]): void {
    this.#filter = new DeletionFilter(all);
    this.#all = all;
  }
}

export function encodeTombstones(all: readonly Deletion[]): string {
  const json = `${JSON.stringify(all)}\n`;
  return `binnacle tombstones 1 ${crc32(json).toString(16).padStart(8, "0")}\n${json}`;
}

/** Throws FatalError with the path. */
export function decodeTombstones(text: string, path: string): readonly Deletion[] {
  const match = /^binnacle tombstones (\d{1,6}) ([0-9a-f]{8})\n/.exec(text);
  if (match === null) throw new FatalError("not a file of deletions", { path, offset: 0 });
  if (match[1] !== "1")
    throw new FatalError(`deletions in format ${match[1]}; this program reads 1: start a newer one`, {
      path,
    });
  const json = text.slice(match[0].length);
  if (crc32(json) !== Number.parseInt(match[2]!, 16)) {
    const message = "the file of deletions is damaged: remove it to start without them";
    throw new FatalError(message, { path, offset: match[0].length });
  }
  return JSON.parse(json) as readonly Deletion[];
}
