/** The streams that have lines, where their lines lie, and postings from label values to streams. */
import { compareLabels, compareText, type Labels, type Matcher } from "@binnacle/model";
import { compileMatcher, type MatcherPredicate } from "@binnacle/re2";
import type { LivePart } from "./part-set.ts";

export interface StreamEntry {
  readonly labels: Labels;
  /** Parts that have lines of it, with its position in their index. */
  readonly inParts: Map<LivePart, number>;
  /** Heads that have lines of it. */
  heads: number;
}

type Postings = Map<string, Set<StreamEntry>>;

export class StreamCatalog {
  readonly #streams = new Map<string, StreamEntry>();
  readonly #postings = new Map<string, Postings>();

  get size(): number {
    return this.#streams.size;
  }

  #enter(labels: Labels): StreamEntry {
    const known = this.#streams.get(labels.key());
    if (known !== undefined) return known;
    const entry: StreamEntry = { labels, inParts: new Map(), heads: 0 };
    this.#streams.set(labels.key(), entry);
    for (const [name, value] of labels.entries()) {
      let values = this.#postings.get(name);
      if (values === undefined) this.#postings.set(name, (values = new Map()));
      const entries = values.get(value);
      if (entries === undefined) values.set(value, new Set([entry]));
      else entries.add(entry);
    }
    return entry;
  }

  #leaveIfUnused(entry: StreamEntry): void {
    if (entry.heads > 0 || entry.inParts.size > 0) return;
    this.#streams.delete(entry.labels.key());
    for (const [name, value] of entry.labels.entries()) {
      const values = this.#postings.get(name)!;
      const entries = values.get(value)!;
      entries.delete(entry);
      if (entries.size === 0) values.delete(value);
      if (values.size === 0) this.#postings.delete(name);
    }
  }

  addToHead(labels: Labels): void {
    this.#enter(labels).heads++;
  }

  removeFromHead(labels: Labels): void {
    const entry = this.#streams.get(labels.key())!;
    entry.heads--;
    this.#leaveIfUnused(entry);
  }

  addPart(part: LivePart): void {
    part.index.streams.forEach((labels, position) => this.#enter(labels).inParts.set(part, position));
  }

  removePart(part: LivePart): void {
    for (const labels of part.index.streams) {
      const entry = this.#streams.get(labels.key())!;
      entry.inParts.delete(part);
      this.#leaveIfUnused(entry);
    }
  }

  /** Streams that satisfy all matchers, in the order of compareLabels. Throws BAD_REGEXP. */
  select(matchers: readonly Matcher[]): StreamEntry[] {
    const predicates = matchers.map(compileMatcher);
    const result: StreamEntry[] = [];
    for (const entry of this.#candidates(predicates)) {
      if (predicates.every((predicate) => predicate.test(entry.labels.get(predicate.matcher.name)))) {
        result.push(entry);
      }
    }
    return result.sort((a, b) => compareLabels(a.labels, b.labels));
  }

  /** Few enough streams to test one by one: those of the matcher that leaves the fewest. */
  #candidates(predicates: readonly MatcherPredicate[]): Iterable<StreamEntry> {
    let best: readonly Set<StreamEntry>[] | undefined;
    let bestSize = this.#streams.size;
    for (const predicate of predicates) {
      // Streams without the label match too, and no posting lists those.
      if (predicate.matchesEmpty) continue;
      const sets = this.#matchingSets(predicate);
      const size = sets.reduce((sum, set) => sum + set.size, 0);
      if (best === undefined || size < bestSize) {
        best = sets;
        bestSize = size;
      }
    }
    return best === undefined ? this.#streams.values() : best.flatMap((set) => Array.from(set));
  }

  #matchingSets(predicate: MatcherPredicate): Set<StreamEntry>[] {
    const values = this.#postings.get(predicate.matcher.name);
    if (values === undefined) return [];
    if (predicate.values !== undefined) {
      return [...new Set(predicate.values)].flatMap((value) => values.get(value) ?? []);
    }
    const sets: Set<StreamEntry>[] = [];
    for (const [value, entries] of values) if (predicate.test(value)) sets.push(entries);
    return sets;
  }

  names(): string[] {
    return [...this.#postings.keys()].sort(compareText);
  }
}
