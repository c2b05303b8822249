/** Reads a part by position: its index once, and single pages of blocks after that. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { BinnacleError, type LineMetadata } from "@binnacle/model";
import { corrupt } from "../bytes.ts";
import { BLOCK_BYTES_MAX } from "../limits.ts";
import { BlockDirectory, decodeRows } from "./block-templates.ts";
import { type BlockTimes, decodeMetadata, decodeTimes, decompress } from "./block-codec.ts";
import {
  checkHeader,
  checkPage,
  copyOf,
  decodeTrailer,
  HEADER_BYTES,
  TRAILER_BYTES,
  type IndexPlace,
  type PagePlace,
} from "./part-format.ts";
import { decodeIndex, type PartIndex } from "./part-index.ts";
import { decodeTemplates } from "./template-table.ts";
import type { TextColumn } from "./text-column.ts";
import { decodePlain } from "./text-plain.ts";

/** Most bytes a page of times or metadata may unpack to; more is damage. */
const COLUMN_BYTES_MAX = 64 * BLOCK_BYTES_MAX;
/** Most bytes an index may unpack to; more is damage. */
const INDEX_BYTES_MAX = 1024 * 1024 * 1024;

export class PartFile implements Disposable {
  readonly path: string;
  readonly bytes: number;
  readonly index: PartIndex;
  /** What was found damaged and read from its copy; all of it, after `checkCopies`. */
  readonly damage: readonly string[];
  readonly #damage: string[] = [];
  readonly #file: number;
  readonly #onDamage: (() => void) | undefined;
  #index: IndexPlace | undefined;

  /**
   * Opens it, with an index that was read before, if there is one. Throws CORRUPT_DATA. `onDamage` is told
   * when a page turns out to be damaged.
   */
  constructor(path: string, index?: PartIndex, onDamage?: () => void) {
    this.path = path;
    this.damage = this.#damage;
    this.#onDamage = onDamage;
    this.#file = openSync(path, "r");
    try {
      this.bytes = fstatSync(this.#file).size;
      this.index = index ?? this.#readIndex();
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  #readIndex(): PartIndex {
    const place = this.#indexPlace;
    const payload = place.isTwice
      ? this.#either(
          () => this.#payload(place),
          () => this.#payload(copyOf(place)),
        )
      : this.#payload(place);
    const rawBytes =
      payload.length < 4 ? 0 : new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
    if (rawBytes === 0 || rawBytes > INDEX_BYTES_MAX) throw corrupt(this.path, "its index has no length");
    return decodeIndex(decompress(payload.subarray(4), rawBytes, `the index of ${this.path}`), this.path);
  }

  get #indexPlace(): IndexPlace {
    return (this.#index ??= this.#findIndex());
  }

  #findIndex(): IndexPlace {
    const { version, fault } = this.#readHeader();
    if (this.bytes < HEADER_BYTES + TRAILER_BYTES) {
      throw fault ?? corrupt(this.path, `it has only ${this.bytes} bytes`);
    }
    let place: IndexPlace;
    try {
      place = this.#either(
        () => this.#trailer(1),
        () => this.#trailer(2),
      );
    } catch (error) {
      throw fault ?? error;
    }
    if (version !== place.version) {
      const said =
        fault ?? corrupt(this.path, `its header says version ${version}, its trailer ${place.version}`);
      if (!place.isTwice) throw said;
      this.#damage.push(said.message);
    }
    return place;
  }

  /** What the header says; the trailer says it too. */
  #readHeader(): { version: number | undefined; fault: BinnacleError | undefined } {
    try {
      const header = this.#readAt(0, Math.min(HEADER_BYTES, this.bytes));
      return { version: checkHeader(header, this.path), fault: undefined };
    } catch (fault) {
      if (!(fault instanceof BinnacleError)) throw fault;
      return { version: undefined, fault };
    }
  }

  /** The first one from the end, or the second. */
  #trailer(which: 1 | 2): IndexPlace {
    const end = this.bytes - (which - 1) * TRAILER_BYTES;
    const bytes = this.#readAt(Math.max(0, end - TRAILER_BYTES), TRAILER_BYTES);
    return decodeTrailer(bytes, end, { fileBytes: this.bytes, path: this.path });
  }

  /** What the first gives, or where that is damaged, what the second does. Throws the first's damage. */
  #either<T>(first: () => T, second: () => T): T {
    try {
      return first();
    } catch (damage) {
      if (!(damage instanceof BinnacleError)) throw damage;
      let value: T;
      try {
        value = second();
      } catch {
        throw damage;
      }
      this.#damage.push(damage.message);
      return value;
    }
  }

  /** Reads what stands twice a second time, so that `damage` says all. */
  checkCopies(): void {
    const place = this.#indexPlace;
    this.readTemplates();
    if (!place.isTwice) return;
    const checks = [
      () => this.#trailer(2),
      () => this.#payload(copyOf(place)),
      () => this.#payload(copyOf(this.index.templates)),
    ];
    for (const check of checks) {
      try {
        check();
      } catch (error) {
        if (!(error instanceof BinnacleError)) throw error;
        this.#damage.push(error.message);
      }
    }
  }

  #readAt(offset: number, bytes: number): Uint8Array {
    const buffer = new Uint8Array(bytes);
    let done = 0;
    while (done < bytes) {
      const count = readSync(this.#file, buffer, done, bytes - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return buffer.subarray(0, done);
  }

  #payload(place: PagePlace): Uint8Array {
    if (place.offset + place.bytes > this.bytes) {
      throw corrupt(this.path, `its page at byte ${place.offset} lies past its end at ${this.bytes}`);
    }
    try {
      return checkPage(this.#readAt(place.offset, place.bytes), place, this.path);
    } catch (error) {
      this.#onDamage?.();
      throw error;
    }
  }

  readTimes(block: number): BlockTimes {
    const entry = this.index.blocks[block]!;
    const what = this.#what(entry.times);
    const raw = decompress(this.#payload(entry.times), COLUMN_BYTES_MAX, what);
    return decodeTimes(raw, entry.lines, this.index.runStarts[block]!, what);
  }

  /** The text of a block that has PLAIN encoding. */
  readPlain(block: number): TextColumn {
    const entry = this.index.blocks[block]!;
    const [place] = entry.text;
    if (place === undefined) throw corrupt(this.path, `block ${block} has no text`);
    const what = this.#what(place);
    const raw = decompress(this.#payload(place), entry.textBytes + 5 * entry.lines + 16, what);
    return decodePlain(raw, entry.lines, entry.textBytes, what);
  }

  readDirectory(block: number): BlockDirectory {
    const entry = this.index.blocks[block]!;
    const what = this.#what(entry.directory);
    const directory = new BlockDirectory(
      decompress(this.#payload(entry.directory), COLUMN_BYTES_MAX, what),
      what,
    );
    if (directory.templates !== entry.templates.length) {
      throw corrupt(
        what,
        `it has ${directory.templates} templates, its index says ${entry.templates.length}`,
      );
    }
    return directory;
  }

  /** The template of each line, as its number in the block. */
  readRows(block: number): Uint16Array {
    const { rows, lines, templates } = this.index.blocks[block]!;
    const what = this.#what(rows);
    return decodeRows(decompress(this.#payload(rows), 2 * lines, what), lines, templates.length, what);
  }

  /** A group of columns of a block, of so many bytes. */
  readGroup(block: number, group: number, bytes: number): Uint8Array {
    const place = this.index.blocks[block]!.text[group];
    if (place === undefined) throw corrupt(this.path, `block ${block} has no group ${group}`);
    const what = this.#what(place);
    if (bytes > COLUMN_BYTES_MAX) throw corrupt(what, `${bytes} bytes of columns`);
    const payload = decompress(this.#payload(place), bytes, what);
    if (payload.length !== bytes)
      throw corrupt(what, `it has ${payload.length} bytes, its directory says ${bytes}`);
    return payload;
  }

  /** The templates of the part, by number. */
  readTemplates(): TextColumn {
    const { templates } = this.index;
    const read = (place: PagePlace): TextColumn => {
      const what = this.#what(place);
      return decodeTemplates(decompress(this.#payload(place), COLUMN_BYTES_MAX, what), what);
    };
    if (!this.#indexPlace.isTwice) return read(templates);
    return this.#either(
      () => read(templates),
      () => read(copyOf(templates)),
    );
  }

  /** A page as it lies in the file, its checksum checked. */
  readPage(place: PagePlace): Uint8Array {
    return this.#payload(place);
  }

  readMetadata(block: number): readonly (LineMetadata | undefined)[] | undefined {
    const entry = this.index.blocks[block]!;
    if (entry.metadata === undefined) return undefined;
    const what = this.#what(entry.metadata);
    const raw = decompress(this.#payload(entry.metadata), COLUMN_BYTES_MAX, what);
    return decodeMetadata(raw, entry.lines, what);
  }

  #what(place: PagePlace): string {
    return `${this.path}, page at byte ${place.offset},`;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
