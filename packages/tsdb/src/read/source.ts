/** MetricSource over anything that gives snapshots: the store in its own thread, a port in another. */
import {
  compareText,
  type Labels,
  type ListSelection,
  type Matcher,
  type MetricSource,
  type QueryContext,
  type SeriesSelection,
  type SeriesSet,
  type SourceChanges,
  type TimeRange,
} from "@binnacle/model";
import type { BlockReader } from "../block/block-reader.ts";
import { SealedSelections } from "./sealed-series.ts";
import { FoundSeries, SelectedSeries, type OpenSnapshot } from "./selection.ts";

/** What a snapshot is made for. */
export interface SnapshotRequest extends TimeRange {
  /** Lists of matchers; a series of the head is in the snapshot if it satisfies one of them. */
  readonly selectors: readonly (readonly Matcher[])[];
}

/** Names or values of the head's labels, which the index of the head answers without a snapshot. */
export interface HeadNamesRequest extends TimeRange {
  /** Values of this label; undefined for the names of all labels. */
  readonly label: string | undefined;
}

export interface SnapshotProvider {
  open(request: SnapshotRequest): Promise<OpenSnapshot>;
  headNames(request: HeadNamesRequest): Promise<readonly string[]>;
  /** As MetricSource says of it. */
  changesSince(
    moment: number | undefined,
    selectors: readonly (readonly Matcher[])[],
  ): Promise<SourceChanges>;
}

export class SnapshotSource implements MetricSource {
  readonly #provider: SnapshotProvider;
  readonly #sealed = new SealedSelections();

  constructor(provider: SnapshotProvider) {
    this.#provider = provider;
  }

  async select(selection: SeriesSelection, context: QueryContext): Promise<SeriesSet> {
    const { startMs, endMs } = selection;
    const selectors = [selection.matchers];
    const snapshot = await this.#provider.open({ selectors, startMs, endMs });
    try {
      return new SelectedSeries(snapshot, this.#find(snapshot, selectors, { startMs, endMs }, context));
    } catch (error) {
      snapshot[Symbol.dispose]();
      throw error;
    }
  }

  changesSince(
    moment: number | undefined,
    selectors: readonly (readonly Matcher[])[],
  ): Promise<SourceChanges> {
    return this.#provider.changesSince(moment, selectors);
  }

  async listSeries(selection: ListSelection, context: QueryContext): Promise<readonly Labels[]> {
    const { startMs, endMs, limit } = selection;
    const selectors = selection.selectors.length === 0 ? [[]] : selection.selectors;
    using snapshot = await this.#provider.open({ selectors, startMs, endMs });
    const found = this.#find(snapshot, selectors, { startMs, endMs }, context);
    const listed: Labels[] = [];
    for (let series = 0; series < found.count; series++) {
      if (limit !== undefined && listed.length >= limit) break;
      if (found.hasSamples(series)) listed.push(found.labels(series));
    }
    return listed;
  }

  #find(
    snapshot: OpenSnapshot,
    selectors: readonly (readonly Matcher[])[],
    range: TimeRange,
    context: QueryContext,
  ): FoundSeries {
    return new FoundSeries(snapshot, this.#sealed.find(readersOf(snapshot), selectors, context), range);
  }

  async labelNames(selection: ListSelection, context: QueryContext): Promise<readonly string[]> {
    const names = new Set<string>();
    using snapshot = await this.#provider.open({ ...rangeOf(selection), selectors: [] });
    if (needsSeries(selection, snapshot)) {
      for (const labels of await this.listSeries({ ...selection, limit: undefined }, context)) {
        for (const [name] of labels.entries()) names.add(name);
      }
      return firstSorted(names, selection.limit);
    }
    for (const name of await this.#provider.headNames({ ...rangeOf(selection), label: undefined }))
      names.add(name);
    for (const { index } of readersOf(snapshot)) {
      context.check();
      for (const symbol of index.nameSymbols()) names.add(index.symbol(symbol));
    }
    return firstSorted(names, selection.limit);
  }

  async labelValues(
    name: string,
    selection: ListSelection,
    context: QueryContext,
  ): Promise<readonly string[]> {
    const values = new Set<string>();
    using snapshot = await this.#provider.open({ ...rangeOf(selection), selectors: [] });
    if (needsSeries(selection, snapshot)) {
      for (const labels of await this.listSeries({ ...selection, limit: undefined }, context)) {
        if (labels.has(name)) values.add(labels.get(name));
      }
      return firstSorted(values, selection.limit);
    }
    for (const value of await this.#provider.headNames({ ...rangeOf(selection), label: name }))
      values.add(value);
    for (const { index } of readersOf(snapshot)) {
      context.check();
      const symbol = index.findSymbol(name);
      if (symbol < 0) continue;
      for (const value of index.values(symbol)) values.add(index.symbol(value));
    }
    return firstSorted(values, selection.limit);
  }
}

/**
 * Whether names and values must be those of single series: the indexes alone do not know which series were
 * asked for, nor which of theirs is deleted.
 */
function needsSeries({ selectors }: ListSelection, { deletions }: OpenSnapshot): boolean {
  return selectors.length > 0 || !deletions.isEmpty;
}

function readersOf(snapshot: OpenSnapshot): readonly BlockReader[] {
  return snapshot.blocks.map(({ reader }) => reader);
}

function rangeOf({ startMs, endMs }: TimeRange): TimeRange {
  return { startMs, endMs };
}

function firstSorted(texts: ReadonlySet<string>, limit: number | undefined): string[] {
  const sorted = [...texts].sort(compareText);
  return limit === undefined ? sorted : sorted.slice(0, limit);
}
