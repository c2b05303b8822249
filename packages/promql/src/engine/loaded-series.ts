/**
 * A series as it was read for a query: stale markers are told from values, histograms are in the engine's
 * form.
 */
import { isStaleAt, NO_SAMPLES, wordsOf, type Labels, type SeriesColumns } from "@binnacle/model";
import { fromModel, type NativeHistogram } from "./histogram/native-histogram.ts";

/** Samples of one kind, times ascending (Unix ms). */
export interface SampleColumn<Values> {
  readonly times: Float64Array;
  readonly values: Values;
  /** 0 where unknown; undefined where none is known. */
  readonly startTimes: Float64Array | undefined;
  /** No value is below the one before it, and none is NaN; false says nothing. */
  readonly ascends: boolean;
  /** 1 where the sample only says that the series ended; undefined where there is none. */
  readonly stale: Uint8Array | undefined;
}

export interface LoadedSeries {
  readonly labels: Labels;
  readonly floats: SampleColumn<Float64Array>;
  readonly histograms: SampleColumn<readonly NativeHistogram[]>;
}

const NO_HISTOGRAMS: SampleColumn<readonly NativeHistogram[]> = {
  times: NO_SAMPLES,
  values: [],
  startTimes: undefined,
  ascends: false,
  stale: undefined,
};

export function toLoadedSeries(columns: SeriesColumns): LoadedSeries {
  const { labels, times, values, startTimes } = columns;
  const isKnown = columns.isPresenceOnly === true;
  const ascends = !isKnown && isAscending(values);
  const floats = {
    times,
    values,
    startTimes,
    ascends,
    stale: isKnown || ascends ? undefined : staleMarks(values),
  };
  if (columns.histograms === undefined) return { labels, floats, histograms: NO_HISTOGRAMS };
  const { histograms } = columns;
  // A histogram says that its series ended by a stale sum.
  const sums = Float64Array.from(histograms.values, () => 0);
  const sumWords = wordsOf(sums);
  let hasStale = false;
  const stale = new Uint8Array(sums.length);
  const converted = histograms.values.map((histogram, i) => {
    sums[i] = histogram.sum;
    if (isStaleAt(sumWords, i)) {
      stale[i] = 1;
      hasStale = true;
    }
    return fromModel(histogram);
  });
  return {
    labels,
    floats,
    histograms: {
      times: histograms.times,
      values: converted,
      startTimes: histograms.startTimes,
      ascends: false,
      stale: hasStale ? stale : undefined,
    },
  };
}

/** Of counters it is nearly always true, and answers both whether they were reset and whether they ended. */
function isAscending(values: Float64Array): boolean {
  let previous = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= previous)) return false;
    previous = value;
  }
  return true;
}

function staleMarks(values: Float64Array): Uint8Array | undefined {
  let marks: Uint8Array | undefined;
  let words: Uint32Array | undefined;
  for (let i = 0; i < values.length; i++) {
    // NaN is the one number that differs from itself: most columns have none and pay only for this
    // comparison.
    const value = values[i]!;
    // oxlint-disable-next-line no-self-compare
    if (value === value) continue;
    words ??= wordsOf(values);
    if (!isStaleAt(words, i)) continue;
    marks ??= new Uint8Array(values.length);
    marks[i] = 1;
  }
  return marks;
}

/** Without the stale markers, which no range sees. */
export function withoutStale(series: LoadedSeries): LoadedSeries {
  const { floats, histograms } = series;
  if (floats.stale === undefined && histograms.stale === undefined) return series;
  return {
    labels: series.labels,
    floats: { ...dropStale(floats), values: keep(floats.values, floats.stale) },
    histograms: {
      ...dropStale(histograms),
      values: histograms.values.filter((_, i) => histograms.stale?.[i] !== 1),
    },
  };
}

function dropStale(column: SampleColumn<unknown>): Omit<SampleColumn<unknown>, "values"> {
  const { times, startTimes, ascends, stale } = column;
  return {
    times: keep(times, stale),
    startTimes: startTimes === undefined ? undefined : keep(startTimes, stale),
    ascends,
    stale: undefined,
  };
}

function keep(column: Float64Array, stale: Uint8Array | undefined): Float64Array {
  return stale === undefined ? column : column.filter((_, i) => stale[i] !== 1);
}
