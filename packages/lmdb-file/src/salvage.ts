/**
 * What can still be found in an LMDB file whose tree is damaged: it is read page by page, from one end to the
 * other, so that damage costs what stands in its page and no more. LMDB writes changed pages to new places,
 * so older copies of leaf pages help out; for a store that writes each key once they say the same.
 *
 * Nothing here is sure: whoever keeps values has a checksum in each.
 */
import { closeSync, fstatSync, openSync } from "node:fs";
import { HEADER_BYTES, IN_OVERFLOW, LEAF, NODE_BYTES, OVERFLOW, readAt, readMeta } from "./read-file.ts";

/** A place at which a value may stand. */
export interface ValuePlace {
  /** Undefined for pages of values that no leaf was found to name: only the value can say whose they are. */
  readonly key: number | undefined;
  readonly offset: number;
  /** Of the value; of all its pages, where the key is undefined. */
  readonly bytes: number;
}

const PAGE_BYTES_USUAL = 4096;

/**
 * Keys and values of all leaf pages that can be read, in the order of pages, whether or not the tree still
 * leads to them: a key may come more than once.
 */
export function* salvageLmdbFile(path: string): IterableIterator<{ key: number; value: Uint8Array }> {
  using salvage = new Salvage(path);
  for (const place of salvage.places()) {
    const value = place.key === undefined ? undefined : salvage.read(place);
    if (value !== undefined) yield { key: place.key!, value };
  }
}

export class Salvage implements Disposable {
  readonly #fd: number;
  readonly #fileBytes: number;
  readonly #pageBytes: number;

  /** Throws what opening the file throws. */
  constructor(path: string) {
    this.#fd = openSync(path, "r");
    this.#fileBytes = fstatSync(this.#fd).size;
    this.#pageBytes = readMeta(this.#fd)?.pageSize ?? PAGE_BYTES_USUAL;
  }

  /** Every place of the file at which a value (with a key of 4 bytes) may stand, in no order of the keys. */
  *places(): IterableIterator<ValuePlace> {
    const pageBytes = this.#pageBytes;
    for (let number = 0; (number + 1) * pageBytes <= this.#fileBytes; number++) {
      const page = readAt(this.#fd, number * pageBytes, pageBytes);
      if (page === undefined) return;
      if (Number(page.getBigUint64(0, true)) !== number) continue;
      const flags = page.getUint16(18, true);
      if (flags === LEAF) yield* this.#leafPlaces(page, number);
      if (flags !== OVERFLOW) continue;
      const pages = page.getUint32(20, true);
      const offset = number * pageBytes + HEADER_BYTES;
      const isThere = pages > 0 && (number + pages) * pageBytes <= this.#fileBytes;
      if (!isThere) continue;
      yield { key: undefined, offset, bytes: pages * pageBytes - HEADER_BYTES };
      // What stands in a value is not looked at for pages: it is somebody else's text.
      number += pages - 1;
    }
  }

  /** The bytes at a place, at most `bytesMax` of them; undefined where the file is too short. */
  read(place: ValuePlace, bytesMax: number = place.bytes): Uint8Array | undefined {
    const bytes = Math.min(place.bytes, bytesMax);
    if (place.offset + bytes > this.#fileBytes) return undefined;
    const view = readAt(this.#fd, place.offset, bytes);
    return view === undefined ? undefined : new Uint8Array(view.buffer);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  *#leafPlaces(page: DataView, number: number): IterableIterator<ValuePlace> {
    const start = number * this.#pageBytes;
    const nodes = Math.min(page.getUint16(20, true), page.byteLength - HEADER_BYTES) >>> 1;
    for (let i = 0; i < nodes; i++) {
      const node = HEADER_BYTES + page.getUint16(HEADER_BYTES + 2 * i, true);
      const data = node + NODE_BYTES + 4;
      if (data + 8 > page.byteLength || page.getUint16(node + 6, true) !== 4) continue;
      const bytes = page.getUint32(node, true);
      const key = page.getUint32(node + NODE_BYTES, true);
      if ((page.getUint16(node + 4, true) & IN_OVERFLOW) === 0) {
        if (data + bytes <= page.byteLength) yield { key, offset: start + data, bytes };
        continue;
      }
      const offset = Number(page.getBigUint64(data, true)) * this.#pageBytes + HEADER_BYTES;
      if (offset + bytes <= this.#fileBytes) yield { key, offset, bytes };
    }
  }
}
