/**
 * A sealed block's file: reads pages by position, checks them, and keeps the unpacked ones in the thread's
 * cache.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { BinnacleError, FatalError } from "@binnacle/model";
import {
  checkHeader,
  decodeFooter,
  decodeTrailer,
  HEADER_BYTES,
  TRAILER_BYTES,
  type Footer,
  type SectionName,
} from "./footer.ts";
import { decodePage } from "./page.ts";
import type { Kept, PageCache } from "./page-cache.ts";

/** An unpacked page. */
export interface Page extends Kept {
  readonly unpacked: Uint8Array;
}

export class BlockFile implements Disposable {
  readonly path: string;
  readonly fileBytes: number;
  readonly footer: Footer;
  readonly #fd: number;
  readonly #cache: PageCache;
  readonly #pages: Record<SectionName, (Page | undefined)[]> = {
    values: [],
    times: [],
    symbols: [],
    series: [],
    labels: [],
  };

  /** Throws CORRUPT_DATA that names the file and the place, FatalError when the file cannot be opened. */
  constructor(path: string, cache: PageCache) {
    this.path = path;
    this.#cache = cache;
    try {
      this.#fd = openSync(path, "r");
    } catch (cause) {
      throw new FatalError("a block's file cannot be opened", { path, cause });
    }
    try {
      this.fileBytes = fstatSync(this.#fd).size;
      if (this.fileBytes < HEADER_BYTES + TRAILER_BYTES) {
        throw new BinnacleError(
          "CORRUPT_DATA",
          `${path}: ${this.fileBytes} bytes are too few for a block, at byte 0`,
        );
      }
      checkHeader(this.#read(0, HEADER_BYTES), path);
      const trailer = this.#read(this.fileBytes - TRAILER_BYTES, TRAILER_BYTES);
      const { offset, length } = decodeTrailer(trailer, path, this.fileBytes);
      const place = `${path} at byte ${offset} (footer)`;
      this.footer = decodeFooter(decodePage(this.#read(offset, length), place), place);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Where page i of a section stands, for errors. */
  place(section: SectionName, i: number): string {
    return `${this.path} at byte ${this.footer.sections[section].offsets[i]} (page ${i} of ${section})`;
  }

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
    const { offsets, lengths } = this.footer.sections[section];
    const offset = offsets[i];
    if (offset === undefined) {
      throw new BinnacleError(
        "CORRUPT_DATA",
        `${this.path}: page ${i} of ${section} does not exist, of ${offsets.length}`,
      );
    }
    const unpacked = decodePage(this.#read(offset, lengths[i]!), this.place(section, i));
    const page = { unpacked, bytes: unpacked.byteLength, isUsed: true, isGone: false };
    this.#pages[section][i] = page;
    this.#cache.keep(page);
    return page;
  }

  /** The page of a section that holds an item: the last whose first item is not past it. */
  pageOf(section: SectionName, item: number): number {
    return lastNotPast(this.footer.sections[section].firsts, item);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #read(offset: number, length: number): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#fd, bytes, done, length - done, offset + done);
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
