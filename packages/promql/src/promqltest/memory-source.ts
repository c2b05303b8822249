/** A metric store in memory: small, complete, and slow where that is simpler. For scripts and tests. */
import {
  compareLabels,
  compareText,
  type Labels,
  wordsOf,
  type Histogram,
  type ListSelection,
  type Matcher,
  type MetricSource,
  type QueryContext,
  type SeriesColumns,
  type SeriesSelection,
  type SeriesSet,
} from "@binnacle/model";
import { compileMatcher } from "@binnacle/re2";
import { resetHintOf } from "./counter-resets.ts";

/** A float's value, the stale marker, or a histogram. */
export type SampleValue = number | "stale" | Histogram;

export interface MemorySample {
  readonly timeMs: number;
  readonly value: SampleValue;
  /** Unix ms; 0 where unknown. */
  readonly startMs: number;
}

interface MemorySeries {
  readonly labels: Labels;
  readonly samples: Map<number, MemorySample>;
}

const STALE = new Float64Array(1);
wordsOf(STALE).set([0x00000002, 0x7ff00000]);

export class MemorySource implements MetricSource {
  readonly #series = new Map<string, MemorySeries>();

  /** A sample at a time that has one already replaces it. */
  append(labels: Labels, samples: Iterable<MemorySample>): void {
    const key = labels.key();
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels, samples: new Map() };
      this.#series.set(key, series);
    }
    for (const sample of samples) series.samples.set(sample.timeMs, sample);
  }

  select(selection: SeriesSelection, _context: QueryContext): Promise<SeriesSet> {
    const found: SeriesColumns[] = [];
    for (const series of this.#matching(selection.matchers)) {
      const columns = toColumns(series, selection);
      if (columns !== undefined) found.push(columns);
    }
    return Promise.resolve(new MemorySeriesSet(found));
  }

  *#matching(matchers: readonly Matcher[]): Iterable<MemorySeries> {
    const predicates = matchers.map(compileMatcher);
    for (const series of this.#series.values()) {
      if (predicates.every((predicate) => predicate.test(series.labels.get(predicate.matcher.name))))
        yield series;
    }
  }

  listSeries(selection: ListSelection, _context: QueryContext): Promise<readonly Labels[]> {
    const found = new Map<string, Labels>();
    const selectors = selection.selectors.length === 0 ? [[]] : selection.selectors;
    for (const matchers of selectors) {
      for (const series of this.#matching(matchers)) {
        if (toColumns(series, selection) !== undefined) found.set(series.labels.key(), series.labels);
      }
    }
    const labels = [...found.values()].sort(compareLabels);
    return Promise.resolve(labels.slice(0, selection.limit ?? Infinity));
  }

  async labelNames(selection: ListSelection, context: QueryContext): Promise<readonly string[]> {
    const series = await this.listSeries({ ...selection, limit: undefined }, context);
    const names = new Set(series.flatMap((labels) => [...labels.entries()].map(([name]) => name)));
    return [...names].sort(compareText).slice(0, selection.limit ?? Infinity);
  }

  async labelValues(
    name: string,
    selection: ListSelection,
    context: QueryContext,
  ): Promise<readonly string[]> {
    const series = await this.listSeries({ ...selection, limit: undefined }, context);
    const values = new Set(series.map((labels) => labels.get(name)));
    values.delete("");
    return [...values].sort(compareText).slice(0, selection.limit ?? Infinity);
  }
}

class MemorySeriesSet implements SeriesSet {
  readonly #series: readonly SeriesColumns[];

  constructor(series: readonly SeriesColumns[]) {
    this.#series = series;
  }

  get seriesCount(): number {
    return this.#series.length;
  }

  *read(context: QueryContext): Iterable<SeriesColumns> {
    for (const columns of this.#series) {
      context.check();
      context.chargeSamples(columns.times.length + (columns.histograms?.times.length ?? 0));
      yield columns;
    }
  }

  [Symbol.dispose](): void {
    // Nothing is held but memory.
  }
}

function toColumns(
  series: MemorySeries,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): SeriesColumns | undefined {
  const inRange = withResetHints(series).filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs);
  if (inRange.length === 0) return undefined;
  const floats = inRange.filter(({ value }) => typeof value !== "object");
  const histograms = inRange.filter(({ value }) => typeof value === "object");
  const values = new Float64Array(floats.length);
  for (const [i, { value }] of floats.entries()) {
    if (value === "stale") values.set(STALE, i);
    else values[i] = value as number;
  }
  return {
    labels: series.labels,
    times: Float64Array.from(floats, ({ timeMs }) => timeMs),
    values,
    startTimes: startsOf(floats),
    histograms:
      histograms.length === 0
        ? undefined
        : {
            times: Float64Array.from(histograms, ({ timeMs }) => timeMs),
            values: histograms.map(({ value }) => value as Histogram),
            startTimes: startsOf(histograms),
          },
  };
}

/** All samples in order of time, histograms with what their predecessors say of resets. */
function withResetHints(series: MemorySeries): readonly MemorySample[] {
  const samples = [...series.samples.values()].sort((a, b) => a.timeMs - b.timeMs);
  let previous: Histogram | undefined;
  for (const [i, { timeMs, startMs, value }] of samples.entries()) {
    if (typeof value === "object") {
      const counterResetHint = resetHintOf(value, previous);
      samples[i] = { timeMs, startMs, value: { ...value, counterResetHint } };
      previous = value;
    } else previous = undefined;
  }
  return samples;
}

function startsOf(samples: readonly MemorySample[]): Float64Array | undefined {
  if (samples.every(({ startMs }) => startMs === 0)) return undefined;
  return Float64Array.from(samples, ({ startMs }) => startMs);
}
