/**
 * Reads the series of one of Prometheus's blocks: `index` (version 2) and `chunks/000001`, …. Big-endian.
 *
 *     index    u32 0xbaaad700 │ u8 version │ sections │ contents, 52 bytes: six u64 offsets, u32 crc32c
 *     symbols  u32 length │ u32 count │ text (uvarint length) …
 *     series   at multiples of 16: uvarint length │ uvarint labels │ (uvarint name, uvarint value) …
 *              │ uvarint chunks │ first: varint from, uvarint to − from, uvarint place
 *              │ next: uvarint from − to before, uvarint to − from, varint place − place before
 *     place    number of the file × 2³² + offset in it
 *     chunk    uvarint length │ u8 encoding │ data │ u32 crc32c
 *
 * Chunks of floats (XOR, encoding 1), of integer and of float histograms (2 and 3) are read; others are
 * counted.
 */
import fs from "node:fs";
import path from "node:path";
import { BinnacleError, Labels } from "@binnacle/model";
import { decodeHistogramChunk, type HistogramChunkSample } from "./tsdb-histogram-chunk.ts";
import { decodeXorChunk } from "./tsdb-xor-chunk.ts";

const INDEX_MAGIC = 0xbaaad700;
const CHUNKS_MAGIC = 0x85bd40dd;
const TOC_BYTES = 52;
const ENCODING_XOR = 1;
const ENCODING_HISTOGRAM = 2;
const ENCODING_FLOAT_HISTOGRAM = 3;

export interface PrometheusSeries {
  readonly labels: Labels;
  /** Unix ms, ascending. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  readonly histograms: readonly HistogramChunkSample[];
  /** Samples of chunks in an encoding that is not known. */
  readonly skipped: number;
}

/** Throws BAD_BODY with file and byte where it is not what it should be. */
export function readPrometheusBlock(dir: string): {
  seriesCount: number;
  series: Iterable<PrometheusSeries>;
} {
  const meta = JSON.parse(fs.readFileSync(path.join(dir, "meta.json"), "utf8")) as {
    stats?: { numSeries?: number };
  };
  const indexFile = path.join(dir, "index");
  const index = fs.readFileSync(indexFile);
  if (index.length < TOC_BYTES + 5 || index.readUInt32BE(0) !== INDEX_MAGIC)
    throw bad(indexFile, 0, "no index");
  if (index[4] !== 2) throw bad(indexFile, 4, `an index of version ${index[4]}, where 2 is read`);
  const toc = index.length - TOC_BYTES;
  const offsets = [0, 1, 2, 3, 4, 5].map((i) => Number(index.readBigUInt64BE(toc + 8 * i)));
  const [symbolsAt, seriesAt] = offsets as [number, number];
  const seriesEnd = Math.min(...offsets.filter((offset) => offset > seriesAt), toc);
  const symbols = readSymbols(index, symbolsAt, indexFile);
  const chunks = new ChunkFiles(path.join(dir, "chunks"));
  return {
    seriesCount: meta.stats?.numSeries ?? 0,
    series: (function* () {
      for (let at = align(seriesAt); at < seriesEnd;) {
        const cursor = new Cursor(index, at, indexFile);
        const length = cursor.uvarint();
        if (length === 0) break;
        const end = cursor.at + length;
        yield readSeries(cursor, symbols, chunks);
        at = align(end + 4);
      }
    })(),
  };
}

function readSymbols(index: Buffer, at: number, file: string): string[] {
  const cursor = new Cursor(index, at + 8, file);
  const count = index.readUInt32BE(at + 4);
  const symbols: string[] = [];
  for (let i = 0; i < count; i++) symbols.push(cursor.text());
  return symbols;
}

function readSeries(cursor: Cursor, symbols: readonly string[], chunks: ChunkFiles): PrometheusSeries {
  const pairs: [string, string][] = [];
  const labelCount = cursor.uvarint();
  for (let i = 0; i < labelCount; i++) {
    const name = symbols[cursor.uvarint()];
    const value = symbols[cursor.uvarint()];
    if (name === undefined || value === undefined)
      throw bad(cursor.file, cursor.at, "a symbol that is not there");
    pairs.push([name, value]);
  }
  const times: number[] = [];
  const values: number[] = [];
  const histograms: HistogramChunkSample[] = [];
  let skipped = 0;
  let to = 0;
  let place = 0;
  const chunkCount = cursor.uvarint();
  for (let i = 0; i < chunkCount; i++) {
    const from = i === 0 ? cursor.varint() : to + cursor.uvarint();
    to = from + cursor.uvarint();
    place = i === 0 ? cursor.uvarint() : place + cursor.varint();
    const { encoding, data, file, offset } = chunks.read(place);
    const where = `${file} at byte ${offset}`;
    const isOfIntegers = encoding === ENCODING_HISTOGRAM;
    if (encoding === ENCODING_XOR) decodeXorChunk(data, times, values, where);
    else if (isOfIntegers || encoding === ENCODING_FLOAT_HISTOGRAM)
      for (const sample of decodeHistogramChunk(data, isOfIntegers, where)) histograms.push(sample);
    else skipped += data.length < 2 ? 0 : data.readUInt16BE(0);
  }
  return { labels: Labels.from(pairs), times, values, histograms, skipped };
}

class ChunkFiles {
  readonly #dir: string;
  readonly #files = new Map<number, Buffer>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  read(place: number): { encoding: number; data: Buffer; file: string; offset: number } {
    const number = Math.floor(place / 2 ** 32);
    const offset = place % 2 ** 32;
    const file = path.join(this.#dir, String(number + 1).padStart(6, "0"));
    let bytes = this.#files.get(number);
    if (bytes === undefined) {
      bytes = fs.readFileSync(file);
      if (bytes.length < 8 || bytes.readUInt32BE(0) !== CHUNKS_MAGIC) throw bad(file, 0, "no file of chunks");
      // Series come by their labels, and files are filled in that order: the last one read is enough.
      this.#files.clear();
      this.#files.set(number, bytes);
    }
    const cursor = new Cursor(bytes, offset, file);
    const length = cursor.uvarint();
    const start = cursor.at + 1;
    if (start + length + 4 > bytes.length) throw bad(file, offset, "a chunk ends past its file");
    return { encoding: bytes[cursor.at]!, data: bytes.subarray(start, start + length), file, offset };
  }
}

/** Numbers are exact up to 2⁵³, which times and places stay below. */
class Cursor {
  readonly file: string;
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number, file: string) {
    this.#bytes = bytes;
    this.at = at;
    this.file = file;
  }

  uvarint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw bad(this.file, this.at, "it ends in the middle of a number");
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw bad(this.file, this.at, "a number of more than ten bytes");
  }

  varint(): number {
    const value = this.uvarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    const length = this.uvarint();
    this.at += length;
    if (this.at > this.#bytes.length) throw bad(this.file, this.at, "a text ends past its file");
    return this.#bytes.toString("utf8", this.at - length, this.at);
  }
}

function align(at: number): number {
  return Math.ceil(at / 16) * 16;
}

function bad(file: string, at: number, what: string): BinnacleError {
  return new BinnacleError("BAD_BODY", `${file} at byte ${at}: ${what}`);
}
