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
import { withoutRanges } from "../deletion.ts";
import { findSeries, SelectedSeries, type OpenSnapshot, type SeriesPlace } from "./selection.ts";

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

  constructor(provider: SnapshotProvider) {
    this.#provider = provider;
  }

  async select(selection: SeriesSelection, context: QueryContext): Promise<SeriesSet> {
    const { startMs, endMs } = selection;
    const selectors = [selection.matchers];
    const snapshot = await this.#provider.open({ selectors, startMs, endMs });
    try {
      return new SelectedSeries(snapshot, findSeries(snapshot, selectors, selection, context), {
        startMs,
        endMs,
      });
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
    const places = findSeries(snapshot, selectors, selection, context);
    const found: Labels[] = [];
    for (const { labels, blocks, heads } of places) {
      if (limit !== undefined && found.length >= limit) break;
      if (blocks.length > 0 || heads.some(hasSamples)) found.push(labels);
    }
    return found;
  }

  async labelNames(selection: ListSelection, context: QueryContext): Promise<readonly string[]> {
    const names = new Set<string>();
    if (selection.selectors.length > 0) {
      for (const labels of await this.listSeries({ ...selection, limit: undefined }, context)) {
        for (const [name] of labels.entries()) names.add(name);
      }
      return firstSorted(names, selection.limit);
    }
    for (const name of await this.#provider.headNames({ ...rangeOf(selection), label: undefined }))
      names.add(name);
    using snapshot = await this.#provider.open({ ...rangeOf(selection), selectors: [] });
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
    if (selection.selectors.length > 0) {
      for (const labels of await this.listSeries({ ...selection, limit: undefined }, context)) {
        if (labels.has(name)) values.add(labels.get(name));
      }
      return firstSorted(values, selection.limit);
    }
    for (const value of await this.#provider.headNames({ ...rangeOf(selection), label: name }))
      values.add(value);
    using snapshot = await this.#provider.open({ ...rangeOf(selection), selectors: [] });
    for (const { index } of readersOf(snapshot)) {
      context.check();
      const symbol = index.findSymbol(name);
      if (symbol < 0) continue;
      for (const { value } of index.values(symbol)) values.add(index.symbol(value));
    }
    return firstSorted(values, selection.limit);
  }
}

function hasSamples({ reader, index, gone }: SeriesPlace["heads"][number]): boolean {
  if (gone.length === 0) return reader.hasSamples(index);
  const { floats, histograms } = withoutRanges(reader.read(index), gone);
  return [...floats, ...histograms].some(({ times }) => times.length > 0);
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
