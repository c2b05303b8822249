/**
 * A sealed block's file: reads pages by position, checks them, and keeps the unpacked ones in the thread's
 * cache. Of the index it has two copies (block-ends.ts): what is damaged in one is read from the other.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { BinnacleError, FatalError } from "@binnacle/model";
import {
  BLOCK_BYTES_MIN,
  decodeHeader,
  decodeTrailer,
  HEADER_BYTES,
  TRAILER_BYTES,
  type IndexPlace,
} from "./block-ends.ts";
import { isCorrupt, type Damage, type DamageSink } from "./damage.ts";
import { decodeFooter, SECTIONS, type Footer, type SectionName } from "./footer.ts";
import { decodePage } from "./page.ts";
import type { Kept, PageCache } from "./page-cache.ts";

/** An unpacked page. */
export interface Page extends Kept {
  readonly unpacked: Uint8Array;
}

export class BlockFile implements Disposable {
  readonly path: string;
  readonly fileBytes: number;
  readonly version: number;
  readonly footer: Footer;
  /** Where the values begin, and each copy of the index, the one that is asked first before the other. */
  readonly #valuesAt: number;
  readonly #indexAt: readonly number[];
  /** The copy of the index whose footer was read. */
  readonly #index: IndexPlace;
  readonly #fd: number;
  readonly #cache: PageCache;
  readonly #onDamage: DamageSink;
  /** Pages that were found damaged, by where they stand. */
  readonly #damaged = new Map<number, BinnacleError>();
  readonly #said = new Set<string>();
  #lastFailure: BinnacleError | undefined;
  readonly #pages: Record<SectionName, (Page | undefined)[]> = {
    values: [],
    times: [],
    symbols: [],
    series: [],
    labels: [],
  };

  /**
   * Throws CORRUPT_DATA that names the file and the place when no copy of the index can be read, UNAVAILABLE
   * when a newer program wrote the file, FatalError when it cannot be opened.
   */
  constructor(path: string, cache: PageCache, onDamage: DamageSink = () => {}) {
    this.path = path;
    this.#cache = cache;
    this.#onDamage = onDamage;
    try {
      this.#fd = openSync(path, "r");
    } catch (cause) {
      throw new FatalError("a block's file cannot be opened", { path, cause });
    }
    try {
      this.fileBytes = fstatSync(this.#fd).size;
      if (this.fileBytes < BLOCK_BYTES_MIN) {
        throw new BinnacleError(
          "CORRUPT_DATA",
          `${path}: ${this.fileBytes} bytes are too few for a block, at byte 0`,
        );
      }
      const head = this.#attempt("header", () => this.#header());
      const tail = this.#attempt("trailer", () => this.#trailer());
      const places = [tail, head].filter((place) => place !== undefined);
      const { footer, place } = this.#openFooter(places);
      this.footer = footer;
      this.version = place.version;
      this.#index = place;
      this.#valuesAt = place.version === 1 ? 0 : HEADER_BYTES + place.bytes;
      const copies = [place.offset, ...places.map(({ offset }) => offset), HEADER_BYTES];
      this.#indexAt = place.version === 1 ? [0] : [...new Set(copies)];
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Where page i of a section stands, for errors. */
  place(section: SectionName, i: number): string {
    return this.#place(section, i, this.#starts(section)[0]!);
  }

  /** Throws CORRUPT_DATA when the page, and its copy if it has one, is damaged. */
  page(section: SectionName, i: number): Uint8Array {
    return this.keptPage(section, i).unpacked;
  }

  /** The same, as what the cache keeps: the same object as long as it is kept. */
  keptPage(section: SectionName, i: number): Page {
    const known = this.#pages[section][i];
    if (known !== undefined && !known.isGone) {
      known.isUsed = true;
      return known;
    }
    const { offsets } = this.footer.sections[section];
    const offset = offsets[i];
    if (offset === undefined) {
      throw new BinnacleError(
        "CORRUPT_DATA",
        `${this.path}: page ${i} of ${section} does not exist, of ${offsets.length}`,
      );
    }
    const unpacked = this.#load(section, i);
    const page = { unpacked, bytes: unpacked.byteLength, isUsed: true, isGone: false };
    this.#pages[section][i] = page;
    this.#cache.keep(page);
    return page;
  }

  /** The page of a section that holds an item: the last whose first item is not past it. */
  pageOf(section: SectionName, item: number): number {
    return lastNotPast(this.footer.sections[section].firsts, item);
  }

  /** Says that something of the file cannot be used, once. */
  report(part: Damage["part"], { message }: { readonly message: string }): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#onDamage({ path: this.path, part, message });
  }

  /** Reads every page of every copy; damage is said. */
  readAll(): void {
    if (this.version > 1)
      for (const offset of this.#indexAt)
        this.#attempt("footer", () => this.#readFooter({ ...this.#index, offset }));
    for (const section of SECTIONS) {
      for (const start of this.#starts(section)) {
        for (let i = 0; i < this.footer.sections[section].offsets.length; i++)
          this.#attempt(section, () => this.#loadFrom(section, i, start));
      }
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #header(): IndexPlace | undefined {
    return decodeHeader(this.#read(0, Math.min(HEADER_BYTES, this.fileBytes)), this.path);
  }

  #trailer(): IndexPlace {
    const bytes = Math.min(TRAILER_BYTES, this.fileBytes);
    return decodeTrailer(this.#read(this.fileBytes - bytes, bytes), this.path, this.fileBytes);
  }

  /** The footer of the first copy of the index that has one. */
  #openFooter(places: readonly IndexPlace[]): { footer: Footer; place: IndexPlace } {
    for (const place of places) {
      const footer = this.#attempt("footer", () => this.#readFooter(place));
      if (footer !== undefined) return { footer, place };
    }
    throw this.#lastFailure!;
  }

  #readFooter({ offset, bytes, footerBytes, version }: IndexPlace): Footer {
    const at = offset + bytes - footerBytes;
    const name = `${this.path} at byte ${at} (footer)`;
    return decodeFooter(decodePage(this.#read(at, footerBytes), name), name, version);
  }

  /** What `work` gives; undefined, and damage said, where the file is damaged. */
  #attempt<T>(part: Damage["part"], work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      this.#lastFailure = error;
      this.report(part, error);
      return undefined;
    }
  }

  #starts(section: SectionName): readonly number[] {
    return section === "values" ? [this.#valuesAt] : this.#indexAt;
  }

  #place(section: SectionName, i: number, start: number): string {
    return `${this.path} at byte ${start + this.footer.sections[section].offsets[i]!} (page ${i} of ${section})`;
  }

  #load(section: SectionName, i: number): Uint8Array {
    let failure: BinnacleError | undefined;
    for (const start of this.#starts(section)) {
      const offset = start + this.footer.sections[section].offsets[i]!;
      failure = this.#damaged.get(offset);
      if (failure !== undefined) continue;
      try {
        return this.#loadFrom(section, i, start);
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        failure = error;
        this.#damaged.set(offset, error);
        this.report(section, error);
      }
    }
    throw failure!;
  }

  #loadFrom(section: SectionName, i: number, start: number): Uint8Array {
    const { offsets, lengths } = this.footer.sections[section];
    return decodePage(this.#read(start + offsets[i]!, lengths[i]!), this.#place(section, i, start));
  }

  #read(offset: number, length: number): Uint8Array {
    // Asked before memory is: a length may be damaged.
    const missing = offset + length - this.fileBytes;
    if (offset < 0 || missing > 0) {
      throw new BinnacleError(
        "CORRUPT_DATA",
        `${this.path} at byte ${offset}: ends ${missing} bytes too early`,
      );
    }
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length;) {
      const count = this.#readSome(bytes, done, offset + done);
      if (count === 0) {
        throw new BinnacleError(
          "CORRUPT_DATA",
          `${this.path} at byte ${offset}: ends ${length - done} bytes too early`,
        );
      }
      done += count;
    }
    return bytes;
  }

  #readSome(bytes: Buffer, at: number, position: number): number {
    try {
      return readSync(this.#fd, bytes, at, bytes.length - at, position);
    } catch (cause) {
      // A sector that the disk cannot read is damage like any other.
      if ((cause as NodeJS.ErrnoException).code !== "EIO") throw cause;
      const message = `${this.path} at byte ${position}: the disk cannot read it`;
      throw new BinnacleError("CORRUPT_DATA", message, { cause });
    }
  }
}

function lastNotPast(firsts: readonly number[], item: number): number {
  let low = 0;
  let high = firsts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (firsts[middle]! <= item) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
