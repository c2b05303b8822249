/**
 * The file of a block in the making. Pages of values are written as they come; pages of the index are kept,
 * since they stand before the values and behind them (block-ends.ts): `finish` moves the values up by what
 * comes before them, so that no more room is needed than the block takes. The file has its name only once it
 * is whole and synced.
 */
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
// Not the whole package: a thread that writes sealed files has no LMDB.
import { syncDirectory } from "@binnacle/lmdb-file/durable-file";
import { encodeHeader, encodeTrailer, HEADER_BYTES } from "./block-ends.ts";
import { encodeFooter, SECTIONS, type Footer, type SectionName } from "./footer.ts";
import { encodePage } from "./page.ts";

/** Bytes that are moved at once. */
const PIECE_BYTES = 1024 * 1024;

interface OpenSection {
  readonly offsets: number[];
  readonly lengths: number[];
  readonly firsts: number[];
}

/** The file that a writer of this block may leave behind when it is ended in the middle. */
export function unfinishedFile(path: string): string {
  return `${path}.tmp`;
}

export class PageWriter {
  readonly #path: string;
  readonly #zstdLevel: number;
  #fd: number | undefined;
  readonly #sections: Record<SectionName, OpenSection>;
  #valuesBytes = 0;
  #indexBytes = 0;
  readonly #indexPages: Uint8Array[] = [];

  constructor(path: string, zstdLevel: number) {
    this.#path = path;
    this.#zstdLevel = zstdLevel;
    this.#fd = openSync(unfinishedFile(path), "w+");
    this.#sections = Object.fromEntries(
      SECTIONS.map((name) => [name, { offsets: [], lengths: [], firsts: [] }]),
    ) as unknown as Record<SectionName, OpenSection>;
  }

  /** Pages a section has so far. */
  count(section: SectionName): number {
    return this.#sections[section].offsets.length;
  }

  write(section: SectionName, first: number, raw: Uint8Array): void {
    const page = encodePage(raw, this.#zstdLevel);
    const { offsets, lengths, firsts } = this.#sections[section];
    offsets.push(section === "values" ? this.#valuesBytes : this.#indexBytes);
    lengths.push(page.length);
    firsts.push(first);
    if (section === "values") {
      this.#put(page, this.#valuesBytes);
      this.#valuesBytes += page.length;
    } else {
      this.#indexPages.push(page);
      this.#indexBytes += page.length;
    }
  }

  /** Returns the bytes of the file, which is durable. */
  finish(facts: Omit<Footer, "sections">): number {
    const footer = encodePage(encodeFooter({ ...facts, sections: this.#sections }), this.#zstdLevel);
    const index = Buffer.concat([...this.#indexPages, footer]);
    const place = { bytes: index.length, footerBytes: footer.length };
    const valuesAt = HEADER_BYTES + index.length;
    const offset = valuesAt + this.#valuesBytes;
    const end = Buffer.concat([index, encodeTrailer({ ...place, offset })]);
    // First what needs room that the file does not have yet.
    this.#put(end, offset);
    this.#moveValues(valuesAt);
    this.#put(Buffer.concat([encodeHeader(place), index]), 0);
    fsyncSync(this.#fd!);
    this.#close();
    renameSync(unfinishedFile(this.#path), this.#path);
    syncDirectory(dirname(this.#path));
    return offset + end.length;
  }

  /** Gives up: nothing of the block is left. */
  abort(): void {
    this.#close();
    rmSync(unfinishedFile(this.#path), { force: true });
  }

  /** From the end backwards, so that nothing is written over before it was read. */
  #moveValues(by: number): void {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, this.#valuesBytes));
    for (let end = this.#valuesBytes; end > 0;) {
      const start = Math.max(0, end - piece.length);
      const bytes = piece.subarray(0, end - start);
      for (let done = 0; done < bytes.length;)
        done += readSync(this.#fd!, bytes, done, bytes.length - done, start + done);
      this.#put(bytes, start + by);
      end = start;
    }
  }

  #put(bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length;)
      at += writeSync(this.#fd!, bytes, at, bytes.length - at, position + at);
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
