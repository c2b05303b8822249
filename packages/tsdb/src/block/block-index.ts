/** Looks things up in the index of one block: symbols, series, label values, and which series match. */
import { compareText, Labels, type Matcher } from "@binnacle/model";
import { compileMatcher, type MatcherPredicate } from "@binnacle/re2";
import { ByteReader } from "../bytes.ts";
import { LABEL_CACHE_ENTRIES_MAX, LABELS_PER_SERIES_MAX } from "../limits.ts";
import type { BlockFile } from "./block-file.ts";
import type { ChunkEntry, SeriesEntry } from "./index-writer.ts";
import { compareSeries } from "./series-order.ts";

interface SeriesPage {
  /** Symbols of the labels of each series: name, value, …. */
  readonly symbols: readonly (readonly number[])[];
  readonly entries: readonly SeriesEntry[];
}

/** Decoded pages of series kept for one block; they are what a query touches again and again. */
const SERIES_PAGES_MAX = 64;
const SYMBOL_PAGES_MAX = 64;

export class BlockIndex {
  readonly #file: BlockFile;
  readonly #symbolPages = new Map<number, readonly string[]>();
  readonly #seriesPages = new Map<number, SeriesPage>();
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
    const pairs = this.#symbolsOf(series).map((symbol) => this.symbol(symbol));
    const labels = Labels.fromSortedPairs(pairs);
    if (this.#labels.size >= LABEL_CACHE_ENTRIES_MAX) this.#labels.clear();
    this.#labels.set(series, labels);
    return labels;
  }

  entry(series: number): SeriesEntry {
    const { page, first } = this.#seriesPage(series);
    return page.entries[series - first]!;
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

  /** Symbols of all label names, ascending. */
  nameSymbols(): number[] {
    const names = new Set<number>();
    for (let page = 0; page < this.#file.footer.sections.labels.offsets.length; page++) {
      for (const { name } of this.#runs(page)) names.add(name);
    }
    return [...names];
  }

  /** Symbols of a label's values with the series that have each, ascending. */
  *values(name: number): IterableIterator<{ value: number; series: Uint32Array }> {
    const { firsts } = this.#file.footer.sections.labels;
    // A name's runs may begin in the page before the first that begins with it.
    let page = Math.max(0, this.#file.pageOf("labels", name - 1));
    for (; page < firsts.length && firsts[page]! <= name; page++) {
      for (const run of this.#runs(page)) if (run.name === name) yield* run.values;
    }
  }

  /** Series that satisfy all matchers, ascending. Throws BAD_REGEXP. */
  select(matchers: readonly Matcher[]): number[] {
    const tests: SeriesTest[] = [];
    let best: { size: number; series: number[] } | undefined;
    for (const predicate of matchers.map(compileMatcher)) {
      const name = this.findSymbol(predicate.matcher.name);
      if (name < 0) {
        if (predicate.matchesEmpty) continue;
        return [];
      }
      tests.push({ predicate, name, verdicts: new Map() });
      if (predicate.matchesEmpty) continue;
      const candidates = this.#candidates(predicate, name);
      if (best === undefined || candidates.size < best.size) best = candidates;
    }
    const found: number[] = [];
    const candidates = best === undefined ? allBelow(this.seriesCount) : best.series.sort((a, b) => a - b);
    for (const series of candidates) {
      const symbols = this.#symbolsOf(series);
      if (tests.every((test) => this.#holds(test, symbols))) found.push(series);
    }
    return found;
  }

  #candidates(predicate: MatcherPredicate, name: number): { size: number; series: number[] } {
    const wanted =
      predicate.values === undefined ? undefined : new Set(predicate.values.map((v) => this.findSymbol(v)));
    const all: number[] = [];
    for (const { value, series } of this.values(name)) {
      const isWanted = wanted === undefined ? predicate.test(this.symbol(value)) : wanted.has(value);
      if (isWanted) for (const id of series) all.push(id);
    }
    return { size: all.length, series: all };
  }

  #holds(test: SeriesTest, symbols: readonly number[]): boolean {
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

  #symbolsOf(series: number): readonly number[] {
    const { page, first } = this.#seriesPage(series);
    return page.symbols[series - first]!;
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
    const { minTimeMs, maxTimeMs } = this.#file.footer;
    const reader = new ByteReader(this.#file.page("series", number), this.#file.place("series", number));
    const symbols: number[][] = [];
    const entries: SeriesEntry[] = [];
    let before: readonly ChunkEntry[] = [];
    for (let i = 0; i < count; i++) {
      const texts: number[] = [];
      const labelCount = reader.count(LABELS_PER_SERIES_MAX, "labels");
      for (let l = 0; l < labelCount * 2; l++) texts.push(reader.varint());
      symbols.push(texts);
      const min = minTimeMs + reader.varint();
      const max = maxTimeMs - reader.varint();
      const chunks: ChunkEntry[] = [];
      const chunkCount = reader.count(reader.length, "chunks");
      for (let c = 0; c < chunkCount; c++) {
        const last = before[c];
        const kind = reader.u8() === 0 ? "float" : "histogram";
        const column = reader.zigzag() + (last?.column ?? 0);
        const page = reader.zigzag() + (last?.page ?? 0);
        const slot = reader.zigzag() + (last?.slot ?? 0);
        chunks.push({ kind, column, page, slot, count: reader.varint() });
      }
      entries.push({ minTimeMs: min, maxTimeMs: max, chunks });
      before = chunks;
    }
    return { symbols, entries };
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

  *#runs(page: number): IterableIterator<{ name: number; values: { value: number; series: Uint32Array }[] }> {
    const reader = new ByteReader(this.#file.page("labels", page), this.#file.place("labels", page));
    while (!reader.isAtEnd) {
      const name = reader.varint();
      const count = reader.count(reader.length, "values");
      const values: { value: number; series: Uint32Array }[] = [];
      let value = 0;
      for (let i = 0; i < count; i++) {
        value += reader.varint();
        const series = new Uint32Array(reader.count(this.seriesCount, "series of a value"));
        let id = 0;
        for (let s = 0; s < series.length; s++) series[s] = id += reader.varint();
        values.push({ value, series });
      }
      yield { name, values };
    }
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
