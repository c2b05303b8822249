/** Reads a part by position: its index once, and single pages of blocks after that. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { LineMetadata } from "@binnacle/model";
import { corrupt } from "../bytes.ts";
import { BLOCK_BYTES_MAX } from "../limits.ts";
import { decodeMetadata, decodeTimes, decompress, textCodec } from "./block-codec.ts";
import {
  checkHeader,
  checkPage,
  decodeTrailer,
  HEADER_BYTES,
  TRAILER_BYTES,
  type PagePlace,
} from "./part-format.ts";
import { decodeIndex, type PartIndex } from "./part-index.ts";
import type { TextColumn } from "./text-codec.ts";

/** Most bytes a page of times or metadata may unpack to; more is damage. */
const COLUMN_BYTES_MAX = 64 * BLOCK_BYTES_MAX;
/** Most bytes an index may unpack to; more is damage. */
const INDEX_BYTES_MAX = 1024 * 1024 * 1024;

export class PartFile implements Disposable {
  readonly path: string;
  readonly bytes: number;
  readonly index: PartIndex;
  readonly #file: number;

  /** Opens it, with an index that was read before, if there is one. Throws CORRUPT_DATA. */
  constructor(path: string, index?: PartIndex) {
    this.path = path;
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
    checkHeader(this.#readAt(0, Math.min(HEADER_BYTES, this.bytes)), this.path);
    if (this.bytes < HEADER_BYTES + TRAILER_BYTES) {
      throw corrupt(this.path, `it has only ${this.bytes} bytes`);
    }
    const trailer = this.#readAt(this.bytes - TRAILER_BYTES, TRAILER_BYTES);
    const payload = this.#payload(decodeTrailer(trailer, this.bytes, this.path));
    const rawBytes =
      payload.length < 4 ? 0 : new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
    if (rawBytes === 0 || rawBytes > INDEX_BYTES_MAX) throw corrupt(this.path, "its index has no length");
    return decodeIndex(decompress(payload.subarray(4), rawBytes, `the index of ${this.path}`), this.path);
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
    return checkPage(this.#readAt(place.offset, place.bytes), place, this.path);
  }

  readTimes(block: number): BigInt64Array {
    const entry = this.index.blocks[block]!;
    const what = this.#what(entry.times);
    const raw = decompress(this.#payload(entry.times), COLUMN_BYTES_MAX, what);
    return decodeTimes(raw, entry.lines, this.#runStarts(block), entry.baseNs, what);
  }

  readText(block: number): TextColumn {
    const entry = this.index.blocks[block]!;
    const what = this.#what(entry.text);
    const raw = decompress(this.#payload(entry.text), entry.textBytes + 5 * entry.lines + 16, what);
    return textCodec(entry.encoding, what).decode(raw, entry.lines, entry.textBytes, what);
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

  #runStarts(block: number): Set<number> {
    const { runs } = this.index;
    // Runs are stored block by block.
    let low = 0;
    let high = runs.block.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (runs.block[middle]! < block) low = middle + 1;
      else high = middle;
    }
    const starts = new Set<number>();
    for (let i = low; i < runs.block.length && runs.block[i] === block; i++) starts.add(runs.firstRow[i]!);
    return starts;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
