/**
 * The deletions that were asked for: one small file that is replaced whole before a deletion is
 * acknowledged. Those that are done stay in it for a while, to be listed.
 *
 *     deletions.json   lmdb-file's checked-json.ts: [{id, query, startNs, endNs, through, createdMs, …}, …]
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { decodeCheckedJson, encodeCheckedJson, replaceFile } from "@binnacle/lmdb-file";
import { BinnacleError, FatalError } from "@binnacle/model";
import { DELETIONS_ACTIVE_MAX, DELETIONS_LISTED_MAX } from "../limits.ts";
import { DeletionFilter } from "./deletion-filter.ts";
import { parseDeletionQuery, type LineDeletion } from "./line-deletion.ts";

/** One deletion, as it is told and written down. */
export interface DeletionRecord {
  readonly id: string;
  /** As it was written. */
  readonly query: string;
  /** Unix ns, both ends included. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Newest generation of the head it is about. */
  readonly through: number;
  readonly createdMs: number;
  /** When the first of its lines were taken off the disk; undefined while it can be taken back whole. */
  readonly startedMs: number | undefined;
  /** When the last of them were. */
  readonly processedMs: number | undefined;
}

const KIND = "deletions";
const VERSION = 1;
const NS_TEXT = /^-?\d{1,20}$/;

export class DeletionStore {
  readonly #path: string;
  #all: readonly DeletionRecord[] = [];
  #active: readonly (DeletionRecord & { readonly lines: LineDeletion })[] = [];
  #filter = new DeletionFilter([]);

  /**
   * Throws FatalError when the file is damaged: going on would bring back what somebody wanted gone. Without
   * the file, the store opens.
   */
  constructor(path: string) {
    this.#path = path;
    if (existsSync(path)) this.#set(decodeDeletions(readFileSync(path), path));
  }

  /** Those that are done included; in the order they were asked for. */
  get all(): readonly DeletionRecord[] {
    return this.#all;
  }

  /** Those whose lines are hidden and not yet off the disk. */
  get active(): readonly (DeletionRecord & { readonly lines: LineDeletion })[] {
    return this.#active;
  }

  /** What hides lines now. */
  get filter(): DeletionFilter {
    return this.#filter;
  }

  /** Newest generation that any deletion is about; 0 where there is none. */
  get through(): number {
    return this.#all.reduce((newest, { through }) => Math.max(newest, through), 0);
  }

  /** Returns its id once it is durable. Throws LIMIT_EXCEEDED. */
  add(
    query: string,
    {
      startNs,
      endNs,
      through,
      nowMs,
    }: { readonly startNs: bigint; readonly endNs: bigint; readonly through: number; readonly nowMs: number },
  ): string {
    if (this.#active.length >= DELETIONS_ACTIVE_MAX) {
      throw new BinnacleError(
        "LIMIT_EXCEEDED",
        `${this.#active.length} deletions wait to be taken off the disk, which is the limit (DELETIONS_ACTIVE_MAX): clean first`,
      );
    }
    const id = randomBytes(4).toString("hex");
    const times = { createdMs: nowMs, startedMs: undefined, processedMs: undefined };
    this.#save([...this.#all, { id, query, startNs, endNs, through, ...times }]);
    return id;
  }

  /** Forgets one, whose lines that are still on disk are back then. Throws NOT_FOUND, BAD_PARAMETER. */
  cancel(id: string, { isForced }: { readonly isForced: boolean }): void {
    const found = this.#all.find((deletion) => deletion.id === id);
    if (found === undefined) throw new BinnacleError("NOT_FOUND", `there is no deletion ${id}`);
    if (found.processedMs !== undefined) {
      throw new BinnacleError("BAD_PARAMETER", `the deletion ${id} is done and cannot be taken back`);
    }
    if (found.startedMs !== undefined && !isForced) {
      throw new BinnacleError(
        "BAD_PARAMETER",
        `some lines of the deletion ${id} are off the disk: force=true brings back the others`,
      );
    }
    this.#save(this.#all.filter((record) => record.id !== id));
  }

  /** Writes down that lines of these are being taken off the disk, or that all are. */
  mark(ids: ReadonlySet<string>, state: "startedMs" | "processedMs", nowMs: number): void {
    if (this.#active.some(({ id }) => ids.has(id))) {
      this.#save(
        this.#all.map((record) =>
          ids.has(record.id) && record[state] === undefined
            ? Object.assign({}, record, { [state]: nowMs })
            : record,
        ),
      );
    }
  }

  #save(all: readonly DeletionRecord[]): void {
    const done = all.filter(({ processedMs }) => processedMs !== undefined);
    const forgotten = new Set(done.slice(0, Math.max(0, done.length - DELETIONS_LISTED_MAX)));
    const kept = all.filter((record) => !forgotten.has(record));
    replaceFile(this.#path, encodeDeletions(kept));
    this.#set(kept);
  }

  #set(all: readonly DeletionRecord[]): void {
    const active = all
      .filter(({ processedMs }) => processedMs === undefined)
      .map((record) => {
        const { query, startNs, endNs, through } = record;
        const { matchers, stages } = this.#parse(query);
        return Object.assign({}, record, { lines: { matchers, stages, startNs, endNs, through } });
      });
    this.#filter = new DeletionFilter(active.map(({ lines }) => lines));
    this.#active = active;
    this.#all = all;
  }

  #parse(query: string): Pick<LineDeletion, "matchers" | "stages"> {
    try {
      return parseDeletionQuery(query);
    } catch (cause) {
      const message = `a deletion's query cannot be read: ${query}`;
      throw new FatalError(message, { path: this.#path, cause });
    }
  }
}

export function encodeDeletions(all: readonly DeletionRecord[]): Buffer {
  const plain = all.map((record) => ({
    ...record,
    startNs: String(record.startNs),
    endNs: String(record.endNs),
  }));
  return encodeCheckedJson(KIND, VERSION, plain);
}

/** Throws FatalError with the path. */
export function decodeDeletions(bytes: Uint8Array, path: string): readonly DeletionRecord[] {
  let records: (Omit<DeletionRecord, "startNs" | "endNs"> & { startNs: string; endNs: string })[];
  try {
    records = decodeCheckedJson(KIND, VERSION, bytes, path) as typeof records;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `log deletions cannot be read: ${reason}; remove the file to start without them`;
    throw new FatalError(message, { path, cause });
  }
  return records.map((record) => {
    if (!NS_TEXT.test(record.startNs) || !NS_TEXT.test(record.endNs)) {
      throw new FatalError(`the log deletion ${record.id} has no range`, { path });
    }
    const { id, query, through, createdMs, startedMs, processedMs } = record;
    const startNs = BigInt(record.startNs);
    return { id, query, startNs, endNs: BigInt(record.endNs), through, createdMs, startedMs, processedMs };
  });
}
