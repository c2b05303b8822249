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
import { U32List } from "../head/u32-list.ts";
import { INDEX_PAGE_BYTES } from "../limits.ts";
import type { SectionName } from "./footer.ts";

export interface ChunkEntry {
  readonly kind: "float" | "histogram";
  /** Column of times, 0 for times of its own. */
  readonly column: number;
  /** Page of values, once it is known, and the entry's place in it. */
  page: number;
  readonly slot: number;
  readonly count: number;
}

export interface SeriesEntry {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly chunks: readonly ChunkEntry[];
}

type PageSink = (section: SectionName, firstItem: number, raw: Uint8Array) => void;

export class IndexWriter {
  readonly #labels: Labels[] = [];
  readonly #entries: SeriesEntry[] = [];
  readonly #symbols = new Map<string, number>();

  get seriesCount(): number {
    return this.#labels.length;
  }

  get symbolCount(): number {
    return this.#symbols.size;
  }

  add(labels: Labels, entry: SeriesEntry): void {
    for (const text of labels.pairs) if (!this.#symbols.has(text)) this.#symbols.set(text, 0);
    this.#labels.push(labels);
    this.#entries.push(entry);
  }

  /** Writes all pages and returns the first symbol of each page of symbols. */
  write(bounds: { minTimeMs: number; maxTimeMs: number }, sink: PageSink): string[] {
    const symbolKeys = this.#writeSymbols(sink);
    this.#writeSeries(bounds, sink);
    this.#writeLabels(sink);
    return symbolKeys;
  }

  #writeSymbols(sink: PageSink): string[] {
    const sorted = [...this.#symbols.keys()].sort(compareText);
    const keys: string[] = [];
    const page = new PageBuilder("symbols", sink);
    let previous = "";
    for (const [id, text] of sorted.entries()) {
      this.#symbols.set(text, id);
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
    return keys;
  }

  #writeSeries(bounds: { minTimeMs: number; maxTimeMs: number }, sink: PageSink): void {
    const page = new PageBuilder("series", sink);
    let before: readonly ChunkEntry[] = [];
    for (const [id, labels] of this.#labels.entries()) {
      if (page.begin(id)) before = [];
      const { writer } = page;
      const { chunks, minTimeMs, maxTimeMs } = this.#entries[id]!;
      writer.varint(labels.size);
      for (const text of labels.pairs) writer.varint(this.#symbols.get(text)!);
      writer.varint(minTimeMs - bounds.minTimeMs);
      writer.varint(bounds.maxTimeMs - maxTimeMs);
      writer.varint(chunks.length);
      for (const [i, chunk] of chunks.entries()) {
        const last = before[i];
        writer.u8(chunk.kind === "float" ? 0 : 1);
        writer.zigzag(chunk.column - (last?.column ?? 0));
        writer.zigzag(chunk.page - (last?.page ?? 0));
        writer.zigzag(chunk.slot - (last?.slot ?? 0));
        writer.varint(chunk.count);
      }
      before = chunks;
    }
    page.end();
  }

  #writeLabels(sink: PageSink): void {
    const postings = new Map<number, Map<number, U32List>>();
    for (const [id, { pairs }] of this.#labels.entries()) {
      for (let i = 0; i < pairs.length; i += 2) {
        const name = this.#symbols.get(pairs[i]!)!;
        const value = this.#symbols.get(pairs[i + 1]!)!;
        let values = postings.get(name);
        if (values === undefined) postings.set(name, (values = new Map()));
        let list = values.get(value);
        if (list === undefined) values.set(value, (list = new U32List()));
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
