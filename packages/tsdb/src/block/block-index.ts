/** Looks things up in the index of one block: symbols, series, label values, and which series match. */
import { compareText, Labels, type Matcher } from "@binnacle/model";
import { compileMatcher, type MatcherPredicate } from "@binnacle/re2";
import { ByteReader } from "../bytes.ts";
import { U32List } from "../head/u32-list.ts";
import { LABEL_CACHE_ENTRIES_MAX, LABELS_PER_SERIES_MAX } from "../limits.ts";
import type { BlockFile } from "./block-file.ts";
import type { ChunkEntry, SeriesEntry } from "./index-writer.ts";
import { compareSeries } from "./series-order.ts";

/** A decoded page of series, in columns: as objects, 130,000 series would be millions of them. */
interface SeriesPage {
  /** Symbols of the labels of all its series, name, value, …; series i's end at symbolEnds[i + 1]. */
  readonly symbols: Uint32Array;
  readonly symbolEnds: Uint32Array;
  readonly minTimes: Float64Array;
  readonly maxTimes: Float64Array;
  /** CHUNK_WORDS a chunk: kind, column, page, slot, count; series i's end at chunkEnds[i + 1]. */
  readonly chunks: Uint32Array;
  readonly chunkEnds: Uint32Array;
}

/** Words of a chunk among those of `chunkWords`: kind (0 is float), column, page, slot, count. */
export const CHUNK_WORDS = 5;

/** A page of postings, told apart but not decoded: a query wants few of its lists. */
interface LabelPage {
  readonly runs: readonly LabelRun[];
}

/** Values of one name, ascending, and where in the page the list of each one's series stands. */
interface LabelRun {
  readonly name: number;
  readonly values: Uint32Array;
  readonly listsAt: Uint32Array;
}

/** Decoded pages of series kept for one block; they are what a query touches again and again. */
const SERIES_PAGES_MAX = 64;
const SYMBOL_PAGES_MAX = 64;
const LABEL_PAGES_MAX = 64;

export class BlockIndex {
  readonly #file: BlockFile;
  readonly #symbolPages = new Map<number, readonly string[]>();
  readonly #seriesPages = new Map<number, SeriesPage>();
  readonly #labelPages = new Map<number, LabelPage>();
  readonly #labels = new Map<number, Labels>();

  constructor(file: BlockFile) {
    this.#file = file;
  }

  get seriesCount(): number {
    return this.#file.footer.seriesCount;
  }

  labels(series: number): Labels {
    const known = this.#labels.get(series);
    if (known !== undefined) return known;
    const pairs = Array.from(this.symbolsOf(series), (symbol) => this.symbol(symbol));
    const labels = Labels.fromSortedPairs(pairs);
    if (this.#labels.size >= LABEL_CACHE_ENTRIES_MAX) this.#labels.clear();
    this.#labels.set(series, labels);
    return labels;
  }

  /** First and last time of a series. */
  bounds(series: number): { minTimeMs: number; maxTimeMs: number } {
    const { page, first } = this.#seriesPage(series);
    return { minTimeMs: page.minTimes[series - first]!, maxTimeMs: page.maxTimes[series - first]! };
  }

  entry(series: number): SeriesEntry {
    const { page, first } = this.#seriesPage(series);
    const i = series - first;
    const chunks: ChunkEntry[] = [];
    for (let c = page.chunkEnds[i]!; c < page.chunkEnds[i + 1]!; c++) {
      const at = c * CHUNK_WORDS;
      chunks.push({
        kind: page.chunks[at] === 0 ? "float" : "histogram",
        column: page.chunks[at + 1]!,
        page: page.chunks[at + 2]!,
        slot: page.chunks[at + 3]!,
        count: page.chunks[at + 4]!,
      });
    }
    return { minTimeMs: page.minTimes[i]!, maxTimeMs: page.maxTimes[i]!, chunks };
  }

  symbol(id: number): string {
    const number = this.#file.pageOf("symbols", id);
    const first = this.#file.footer.sections.symbols.firsts[number]!;
    const text = this.#symbols(number)[id - first];
    if (text === undefined) throw this.#missing(`symbol ${id}`);
    return text;
  }

  /** Number of a symbol, or −1. */
  findSymbol(text: string): number {
    const { symbolKeys, sections } = this.#file.footer;
    const page = lowerBoundText(symbolKeys, text, true) - 1;
    if (page < 0) return -1;
    const symbols = this.#symbols(page);
    const at = lowerBoundText(symbols, text, false);
    return symbols[at] === text ? sections.symbols.firsts[page]! + at : -1;
  }

  /** Number of the first symbol that is not before `text`; past the last where all are. */
  #firstSymbolFrom(text: string): number {
    const { symbolKeys, sections } = this.#file.footer;
    const page = Math.max(0, lowerBoundText(symbolKeys, text, true) - 1);
    return sections.symbols.firsts[page]! + lowerBoundText(this.#symbols(page), text, false);
  }

  /** The series with exactly these labels, or −1. */
  findSeries(labels: Labels): number {
    let low = 0;
    let high = this.seriesCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareSeries(this.labels(middle), labels);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  /** Symbols of a series' labels: name, value, …: a view. */
  symbolsOf(series: number): Uint32Array {
    const { page, first } = this.#seriesPage(series);
    const i = series - first;
    return page.symbols.subarray(page.symbolEnds[i], page.symbolEnds[i + 1]);
  }

  /** The words of a series' chunks, CHUNK_WORDS each: a view. */
  chunkWords(series: number): Uint32Array {
    const { page, first } = this.#seriesPage(series);
    const i = series - first;
    return page.chunks.subarray(page.chunkEnds[i]! * CHUNK_WORDS, page.chunkEnds[i + 1]! * CHUNK_WORDS);
  }

  /** Symbols of all label names, ascending. */
  nameSymbols(): number[] {
    const names = new Set<number>();
    for (let page = 0; page < this.#file.footer.sections.labels.offsets.length; page++) {
      for (const { name } of this.#labelPage(page).runs) names.add(name);
    }
    return [...names];
  }

  /** Symbols of a label's values, ascending. */
  *values(name: number): IterableIterator<number> {
    for (const { run } of this.#runsOf(name)) yield* run.values;
  }

  *#runsOf(name: number): IterableIterator<{ page: number; run: LabelRun }> {
    const { firsts } = this.#file.footer.sections.labels;
    // A name's runs may begin in the page before the first that begins with it.
    let page = Math.max(0, this.#file.pageOf("labels", name - 1));
    for (; page < firsts.length && firsts[page]! <= name; page++) {
      for (const run of this.#labelPage(page).runs) if (run.name === name) yield { page, run };
    }
  }

  /** Series that satisfy all matchers, ascending. Throws BAD_REGEXP. */
  select(matchers: readonly Matcher[]): number[] {
    const tests: SeriesTest[] = [];
    const lists: Uint32Array[] = [];
    for (const predicate of matchers.map(compileMatcher)) {
      const name = this.findSymbol(predicate.matcher.name);
      if (name < 0) {
        if (predicate.matchesEmpty) continue;
        return [];
      }
      // What does not hold where the label is missing holds for exactly the series of some values.
      if (predicate.matchesEmpty) tests.push({ predicate, name, verdicts: new Map() });
      else lists.push(this.#candidates(predicate, name));
      if (lists.at(-1)?.length === 0) return [];
    }
    const found: number[] = [];
    for (const series of lists.length === 0 ? allBelow(this.seriesCount) : intersection(lists)) {
      if (tests.length === 0) found.push(series);
      else {
        const symbols = this.symbolsOf(series);
        if (tests.every((test) => this.#holds(test, symbols))) found.push(series);
      }
    }
    return found;
  }

  /** Series with a value that the predicate takes, ascending. */
  #candidates(predicate: MatcherPredicate, name: number): Uint32Array {
    const lists: Uint32Array[] = [];
    let size = 0;
    const add = (page: number, run: LabelRun, i: number): void => {
      const series = this.#decodeList(page, run.listsAt[i]!);
      lists.push(series);
      size += series.length;
    };
    if (predicate.values !== undefined) {
      const wanted = new Set(predicate.values.map((value) => this.findSymbol(value)));
      wanted.delete(-1);
      for (const { page, run } of wanted.size === 0 ? [] : this.#runsOf(name)) {
        for (const value of wanted) {
          const i = lowerBoundFrom(run.values, value, 0);
          if (run.values[i] === value) add(page, run, i);
        }
      }
    } else this.#addMatching(predicate, name, add);
    if (lists.length === 1) return lists[0]!;
    const all = new Uint32Array(size);
    let at = 0;
    for (const list of lists) {
      all.set(list, at);
      at += list.length;
    }
    return all.sort();
  }

  /** Values with the predicate's prefix stand together, since all ascend by text: no other is looked at. */
  #addMatching(
    predicate: MatcherPredicate,
    name: number,
    add: (page: number, run: LabelRun, i: number) => void,
  ): void {
    const { prefix } = predicate;
    const first = prefix === "" ? 0 : this.#firstSymbolFrom(prefix);
    for (const { page, run } of this.#runsOf(name)) {
      for (let i = lowerBoundFrom(run.values, first, 0); i < run.values.length; i++) {
        const text = this.symbol(run.values[i]!);
        if (!text.startsWith(prefix)) return;
        if (predicate.test(text)) add(page, run, i);
      }
    }
  }

  #holds(test: SeriesTest, symbols: Uint32Array): boolean {
    for (let i = 0; i < symbols.length; i += 2) {
      if (symbols[i] !== test.name) continue;
      const value = symbols[i + 1]!;
      let verdict = test.verdicts.get(value);
      if (verdict === undefined)
        test.verdicts.set(value, (verdict = test.predicate.test(this.symbol(value))));
      return verdict;
    }
    return test.predicate.matchesEmpty;
  }

  #seriesPage(series: number): { page: SeriesPage; first: number } {
    const number = this.#file.pageOf("series", series);
    const { firsts } = this.#file.footer.sections.series;
    const first = firsts[number];
    if (first === undefined || series >= this.seriesCount) throw this.#missing(`series ${series}`);
    let page = this.#seriesPages.get(number);
    if (page === undefined) {
      page = this.#decodeSeries(number, (firsts[number + 1] ?? this.seriesCount) - first);
      if (this.#seriesPages.size >= SERIES_PAGES_MAX) this.#seriesPages.clear();
      this.#seriesPages.set(number, page);
    }
    return { page, first };
  }

  #decodeSeries(number: number, count: number): SeriesPage {
    const bounds = this.#file.footer;
    const bytes = this.#file.page("series", number);
    const reader = new ByteReader(bytes, this.#file.place("series", number));
    // Every symbol and every chunk takes a byte or more.
    const symbols = new U32List(bytes.length);
    const chunks = new U32List(bytes.length);
    const symbolEnds = new Uint32Array(count + 1);
    const chunkEnds = new Uint32Array(count + 1);
    const minTimes = new Float64Array(count);
    const maxTimes = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const labelCount = reader.count(LABELS_PER_SERIES_MAX, "labels");
      for (let l = 0; l < labelCount * 2; l++) symbols.push(reader.varint());
      symbolEnds[i + 1] = symbols.length;
      minTimes[i] = bounds.minTimeMs + reader.varint();
      maxTimes[i] = bounds.maxTimeMs - reader.varint();
      const chunkCount = reader.count(reader.length, "chunks");
      const before = i === 0 ? 0 : chunkEnds[i - 1]! * CHUNK_WORDS;
      const beforeEnd = chunkEnds[i]! * CHUNK_WORDS;
      for (let c = 0; c < chunkCount; c++) {
        const last = before + c * CHUNK_WORDS;
        const hasLast = last < beforeEnd;
        chunks.push(reader.u8() === 0 ? 0 : 1);
        for (let field = 1; field <= 3; field++) {
          chunks.push(reader.zigzag() + (hasLast ? chunks.at(last + field) : 0));
        }
        chunks.push(reader.varint());
      }
      chunkEnds[i + 1] = chunkEnds[i]! + chunkCount;
    }
    const kept = { symbols: symbols.view().slice(), chunks: chunks.view().slice() };
    return { ...kept, symbolEnds, chunkEnds, minTimes, maxTimes };
  }

  #symbols(number: number): readonly string[] {
    let symbols = this.#symbolPages.get(number);
    if (symbols === undefined) {
      symbols = this.#decodeSymbols(number);
      if (this.#symbolPages.size >= SYMBOL_PAGES_MAX) this.#symbolPages.clear();
      this.#symbolPages.set(number, symbols);
    }
    return symbols;
  }

  #decodeSymbols(number: number): string[] {
    const reader = new ByteReader(this.#file.page("symbols", number), this.#file.place("symbols", number));
    const symbols: string[] = [];
    let previous = "";
    while (!reader.isAtEnd) {
      const shared = reader.count(previous.length, "shared characters");
      previous = previous.slice(0, shared) + reader.text();
      symbols.push(previous);
    }
    return symbols;
  }

  #labelPage(number: number): LabelPage {
    let page = this.#labelPages.get(number);
    if (page === undefined) {
      page = this.#tellApart(number);
      if (this.#labelPages.size >= LABEL_PAGES_MAX) this.#labelPages.clear();
      this.#labelPages.set(number, page);
    }
    return page;
  }

  #tellApart(number: number): LabelPage {
    const reader = this.#labelReader(number);
    const runs: LabelRun[] = [];
    while (!reader.isAtEnd) {
      const name = reader.varint();
      const count = reader.count(reader.length, "values");
      const values = new Uint32Array(count);
      const listsAt = new Uint32Array(count);
      let value = 0;
      for (let i = 0; i < count; i++) {
        values[i] = value += reader.varint();
        listsAt[i] = reader.at;
        reader.skipVarints(reader.count(this.seriesCount, "series of a value"));
      }
      runs.push({ name, values, listsAt });
    }
    return { runs };
  }

  #decodeList(page: number, at: number): Uint32Array {
    const reader = this.#labelReader(page);
    reader.at = at;
    const series = new Uint32Array(reader.count(this.seriesCount, "series of a value"));
    let id = 0;
    for (let s = 0; s < series.length; s++) series[s] = id += reader.varint();
    return series;
  }

  #labelReader(page: number): ByteReader {
    return new ByteReader(this.#file.page("labels", page), this.#file.place("labels", page));
  }

  #missing(what: string): Error {
    return new RangeError(`BUG: ${this.#file.path} has no ${what}`);
  }
}

interface SeriesTest {
  readonly predicate: MatcherPredicate;
  readonly name: number;
  readonly verdicts: Map<number, boolean>;
}

/**
 * What all lists have; each ascends. The shortest leads, so that the cost is hers and a search in the
 * others.
 */
function intersection(lists: readonly Uint32Array[]): Uint32Array {
  const [shortest, ...others] = lists.toSorted((a, b) => a.length - b.length);
  let found = shortest!;
  for (const other of others) {
    const kept = new U32List(found.length);
    let from = 0;
    for (const series of found) {
      from = lowerBoundFrom(other, series, from);
      if (other[from] === series) kept.push(series);
    }
    found = kept.view();
  }
  return found;
}

/** Index of the first entry from `from` on that is not below `value`: near ones are found first. */
function lowerBoundFrom(list: Uint32Array, value: number, from: number): number {
  let step = 1;
  while (from + step < list.length && list[from + step]! < value) step *= 2;
  let low = from + (step >>> 1);
  let high = Math.min(from + step, list.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* allBelow(count: number): IterableIterator<number> {
  for (let i = 0; i < count; i++) yield i;
}

/** Index of the first text not before `text`; with `after`, of the first past it. */
function lowerBoundText(texts: readonly string[], text: string, after: boolean): number {
  let low = 0;
  let high = texts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareText(texts[middle]!, text);
    if (order < 0 || (after && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
