/**
 * Reads a journal that an earlier process left. Where LMDB's tree is damaged, or a record is not where the
 * tree says or fails its checksum, the file's pages are searched for it: what cannot be found is said, and
 * all the rest is handed on.
 */
import { statSync } from "node:fs";
import { readLmdbFile, Salvage, type ValuePlace } from "@binnacle/lmdb-file";
import { isCorrupt } from "../block/damage.ts";
import {
  operationsAt,
  RECORD_HEADER_BYTES,
  recordClaim,
  RecordDecoder,
  type RecordHandler,
} from "./journal-record.ts";

/** A record of format 1 with the shortest of operations. */
const RECORD_BYTES_MIN = 8;

/** What a journal's damage cost. */
export interface ReplayDamage {
  /** What is wrong with the file, each with its place. */
  readonly messages: readonly string[];
  /** Numbers of records that could not be found. */
  readonly recordsLost: readonly number[];
  /** Samples of other records that need what a lost one said. */
  readonly samplesLost: number;
}

/** Hands on what a journal's file says, in order. Undefined when all of it could be read. */
export function replayJournal(path: string, handler: RecordHandler): ReplayDamage | undefined {
  const decoder = new RecordDecoder(handler);
  const messages: string[] = [];
  const recordsLost: number[] = [];
  using search = new RecordSearch(path);
  let next = 1;
  /** Takes the record of this number from anywhere in the file. */
  const find = (number: number, message: string): void => {
    messages.push(message);
    const record = search.find(number);
    if (record !== undefined) return decoder.decode(record, number, `${path}, record ${number}`);
    recordsLost.push(number);
    decoder.skip();
  };
  try {
    for (const { key, value } of readLmdbFile(path)) {
      const isWhole = key <= search.numberMax && operationsAt(value, key) !== undefined;
      if (isWhole && key >= next) {
        for (; next < key; next++) find(next, `${path}: record ${next} is missing`);
        decoder.decode(value, key, `${path}, record ${key}`);
        next = key + 1;
      } else if (key === next) {
        find(key, `${path}, record ${key}: checksum does not match`);
        next++;
      } else {
        // The key itself is damaged, or the order of the tree: its records are found otherwise.
        messages.push(`${path}: record ${key} stands where ${next} should be`);
      }
    }
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    messages.push(error.message);
  }
  // What stands after the last that the tree led to: nothing, unless the tree is damaged.
  if (messages.length > 0) {
    for (const last = search.last; next <= last; next++)
      find(next, `${path}: record ${next} is not in the tree`);
  }
  const { samplesLost } = decoder;
  return messages.length === 0 ? undefined : { messages, recordsLost, samplesLost };
}

/** Where records stand in a file, whatever its tree says. Looks when it is first asked. */
class RecordSearch implements Disposable {
  readonly #path: string;
  #salvage: Salvage | undefined;
  readonly #places = new Map<number, ValuePlace[]>();
  /** More records than this have no room in the file. */
  readonly numberMax: number;

  constructor(path: string) {
    this.#path = path;
    this.numberMax = Math.floor(statSync(path).size / RECORD_BYTES_MIN);
  }

  /** The record of this number, if it stands whole somewhere. */
  find(number: number): Uint8Array | undefined {
    const salvage = this.#open();
    for (const place of this.#places.get(number) ?? []) {
      const value = salvage.read(place);
      if (value !== undefined && operationsAt(value, number) !== undefined) return value;
    }
    return undefined;
  }

  /** The greatest number of a record that stands whole somewhere. */
  get last(): number {
    this.#open();
    const numbers = [...this.#places.keys()].sort((a, b) => b - a);
    return numbers.find((number) => this.find(number) !== undefined) ?? 0;
  }

  [Symbol.dispose](): void {
    this.#salvage?.[Symbol.dispose]();
  }

  #open(): Salvage {
    if (this.#salvage !== undefined) return this.#salvage;
    const salvage = (this.#salvage = new Salvage(this.#path));
    for (const place of salvage.places()) {
      const claim = recordClaim(salvage.read(place, RECORD_HEADER_BYTES) ?? new Uint8Array(0));
      if (claim !== undefined && claim.bytes <= place.bytes)
        this.#add(claim.number, { ...place, bytes: claim.bytes });
      // Its key may be damaged, or what it claims.
      if (place.key !== undefined && place.key !== claim?.number) this.#add(place.key, place);
    }
    return salvage;
  }

  #add(number: number, place: ValuePlace): void {
    if (number < 1 || number > this.numberMax) return;
    const places = this.#places.get(number);
    if (places === undefined) this.#places.set(number, [place]);
    else places.push(place);
  }
}
