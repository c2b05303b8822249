/**
 * The index of a block: symbols, series, and the postings of each label value. Pages of each:
 *
 *     symbols   varint shared with the one before, in UTF-16 units │ text rest …   (ascending by UTF-8)
 *     series    varint labels │ varint name, value … │ varint min − block's │ varint block's − max │
 *               varint chunks │ chunk: u8 kind │ varint column │ zigzag page │ zigzag slot │ varint count …
 *               (column, page and slot as the difference to the same chunk of the series before)
 *     labels    varint name │ varint values │ value: varint difference │ varint series │ varint difference …
 */
import { compareText, type Labels } from "@binnacle/model";
import { ByteWriter } from "../bytes.ts";
import { grownF64, U32List } from "../head/u32-list.ts";
import { INDEX_PAGE_BYTES } from "../limits.ts";
import type { SectionName } from "./footer.ts";

export interface ChunkEntry {
  readonly kind: "float" | "histogram";
  /** Column of times, 0 for times of its own. */
  readonly column: number;
  /** Page of values, and the entry's place in it. */
  readonly page: number;
  readonly slot: number;
  readonly count: number;
}

export interface SeriesEntry {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly chunks: readonly ChunkEntry[];
}

type PageSink = (section: SectionName, firstItem: number, raw: Uint8Array) => void;

/** What a chunk is, before it is known in which page it comes to stand. */
export type ChunkFacts = Omit<ChunkEntry, "page">;

/** CHUNK_WORDS a chunk: kind, column, page, slot, count. */
const CHUNK_WORDS = 5;

/** Keeps all series as columns of numbers: a block may have millions. */
export class IndexWriter {
  /** Symbols by text, numbered as they came; they are written in order. */
  readonly #symbols = new Map<string, number>();
  /** Of all series: name, value, …, by number as they came; series i's end at textEnds[i]. */
  readonly #texts = new U32List(1024);
  readonly #textEnds = new U32List(1024);
  #minTimes: Float64Array<ArrayBuffer> = new Float64Array(1024);
  #maxTimes: Float64Array<ArrayBuffer> = new Float64Array(1024);
  readonly #chunks = new U32List(1024);
  /** Chunks up to series i's last. */
  readonly #chunkEnds = new U32List(1024);

  get seriesCount(): number {
    return this.#textEnds.length;
  }

  get symbolCount(): number {
    return this.#symbols.size;
  }

  /** Adds a chunk of the series that is ended next; its number is for `setPage`. */
  addChunk({ kind, column, slot, count }: ChunkFacts): number {
    this.#chunks.push(kind === "float" ? 0 : 1);
    this.#chunks.push(column);
    this.#chunks.push(0);
    this.#chunks.push(slot);
    this.#chunks.push(count);
    return this.#chunks.length / CHUNK_WORDS - 1;
  }

  setPage(chunk: number, page: number): void {
    this.#chunks.set(chunk * CHUNK_WORDS + 2, page);
  }

  endSeries(labels: Labels, { minTimeMs, maxTimeMs }: { minTimeMs: number; maxTimeMs: number }): void {
    for (const text of labels.pairs) {
      let symbol = this.#symbols.get(text);
      if (symbol === undefined) this.#symbols.set(text, (symbol = this.#symbols.size));
      this.#texts.push(symbol);
    }
    const series = this.seriesCount;
    if (series === this.#minTimes.length) {
      this.#minTimes = grownF64(this.#minTimes, series + 1);
      this.#maxTimes = grownF64(this.#maxTimes, series + 1);
    }
    this.#minTimes[series] = minTimeMs;
    this.#maxTimes[series] = maxTimeMs;
    this.#textEnds.push(this.#texts.length);
    this.#chunkEnds.push(this.#chunks.length / CHUNK_WORDS);
  }

  /** Writes all pages and returns the first symbol of each page of symbols. */
  write(bounds: { minTimeMs: number; maxTimeMs: number }, sink: PageSink): string[] {
    const { keys, order } = this.#writeSymbols(sink);
    // From here on symbols are numbered as they are written.
    const texts = this.#texts.view();
    for (let i = 0; i < texts.length; i++) texts[i] = order[texts[i]!]!;
    this.#writeSeries(bounds, sink);
    this.#writeLabels(sink);
    return keys;
  }

  /** Also answers the place of each symbol among the written ones. */
  #writeSymbols(sink: PageSink): { keys: string[]; order: Uint32Array } {
    const sorted = [...this.#symbols.keys()].sort(compareText);
    const order = new Uint32Array(sorted.length);
    const keys: string[] = [];
    const page = new PageBuilder("symbols", sink);
    let previous = "";
    for (const [id, text] of sorted.entries()) {
      order[this.#symbols.get(text)!] = id;
      if (page.begin(id)) {
        keys.push(text);
        previous = "";
      }
      const shared = sharedPrefix(previous, text);
      page.writer.varint(shared);
      page.writer.text(text.slice(shared));
      previous = text;
    }
    page.end();
    return { keys, order };
  }

  #writeSeries(bounds: { minTimeMs: number; maxTimeMs: number }, sink: PageSink): void {
    const page = new PageBuilder("series", sink);
    const texts = this.#texts.view();
    const chunks = this.#chunks.view();
    let text = 0;
    let chunk = 0;
    // The chunks of the series before, as [first, end).
    let before = 0;
    let beforeEnd = 0;
    for (let id = 0; id < this.seriesCount; id++) {
      if (page.begin(id)) beforeEnd = before;
      const { writer } = page;
      const textEnd = this.#textEnds.at(id);
      writer.varint((textEnd - text) / 2);
      for (; text < textEnd; text++) writer.varint(texts[text]!);
      writer.varint(this.#minTimes[id]! - bounds.minTimeMs);
      writer.varint(bounds.maxTimeMs - this.#maxTimes[id]!);
      const first = chunk;
      const end = this.#chunkEnds.at(id);
      writer.varint(end - first);
      for (; chunk < end; chunk++) {
        const at = chunk * CHUNK_WORDS;
        const lastChunk = before + chunk - first;
        const last = lastChunk < beforeEnd ? lastChunk * CHUNK_WORDS : -1;
        writer.u8(chunks[at]!);
        for (let field = 1; field <= 3; field++) {
          writer.zigzag(chunks[at + field]! - (last < 0 ? 0 : chunks[last + field]!));
        }
        writer.varint(chunks[at + 4]!);
      }
      before = first;
      beforeEnd = end;
    }
    page.end();
  }

  #writeLabels(sink: PageSink): void {
    const postings = new Map<number, Map<number, U32List>>();
    const texts = this.#texts.view();
    for (let id = 0, at = 0; id < this.seriesCount; id++) {
      for (; at < this.#textEnds.at(id); at += 2) {
        let values = postings.get(texts[at]!);
        if (values === undefined) postings.set(texts[at]!, (values = new Map()));
        let list = values.get(texts[at + 1]!);
        if (list === undefined) values.set(texts[at + 1]!, (list = new U32List()));
        list.push(id);
      }
    }
    const page = new PageBuilder("labels", sink);
    const run = new ByteWriter(INDEX_PAGE_BYTES);
    for (const name of [...postings.keys()].sort((a, b) => a - b)) {
      const values = postings.get(name)!;
      const sorted = [...values.keys()].sort((a, b) => a - b);
      // A run of values goes into one page; a name with many values has several runs.
      for (let from = 0, to = 0; from < sorted.length; from = to) {
        run.clear();
        let previous = 0;
        for (to = from; to < sorted.length && run.length < INDEX_PAGE_BYTES; to++) {
          run.varint(sorted[to]! - previous);
          previous = sorted[to]!;
          writePosting(run, values.get(sorted[to]!)!);
        }
        page.begin(name);
        page.writer.varint(name);
        page.writer.varint(to - from);
        page.writer.bytes(run.view());
      }
    }
    page.end();
  }
}

/** Cuts a section into pages. */
class PageBuilder {
  readonly writer = new ByteWriter(INDEX_PAGE_BYTES + 1024);
  readonly #section: SectionName;
  readonly #sink: PageSink;
  #first = 0;

  constructor(section: SectionName, sink: PageSink) {
    this.#section = section;
    this.#sink = sink;
  }

  /** Says which item comes next; true when it is the first of a page. */
  begin(item: number): boolean {
    if (this.writer.length >= INDEX_PAGE_BYTES) this.end();
    if (this.writer.length > 0) return false;
    this.#first = item;
    return true;
  }

  end(): void {
    if (this.writer.length === 0) return;
    this.#sink(this.#section, this.#first, this.writer.view());
    this.writer.clear();
  }
}

function writePosting(writer: ByteWriter, list: U32List): void {
  writer.varint(list.length);
  let previous = 0;
  for (const id of list.view()) {
    writer.varint(id - previous);
    previous = id;
  }
}

/** Units two texts begin with alike; never cuts a surrogate pair, whose halves are no UTF-8. */
function sharedPrefix(a: string, b: string): number {
  const max = Math.min(a.length, b.length);
  let i = 0;
  while (i < max && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  const isHigh = i > 0 && (a.charCodeAt(i - 1) & 0xfc00) === 0xd800;
  return isHigh ? i - 1 : i;
}
