/**
 * How query engines read metrics. The store implements it, promql and alerting consume it; neither imports
 * the other.
 *
 * A query first selects, which may wait (another thread, another machine); what it gets is then read
 * synchronously.
 */
import type { Histogram } from "./histogram.ts";
import type { Labels } from "./labels.ts";
import type { Matcher } from "./matcher.ts";
import type { QueryContext } from "./query-context.ts";

/** A range of time, both ends included, Unix ms. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

export interface SeriesSelection extends TimeRange {
  /** All must hold. At least one must not match the empty text, unless the source says otherwise. */
  readonly matchers: readonly Matcher[];
}

/**
 * The samples of one series in a range, as columns. `times` ascends strictly within a column; the two columns
 * have no time in common. Stale markers are among the values (values.ts says how to see them). Columns are
 * views that several series may share (the times of a scrape group) and that nobody may write to; they stay
 * valid until the SeriesSet that gave them is disposed.
 */
export interface SeriesColumns {
  readonly labels: Labels;
  /** Unix ms of float samples. The same array object for series that share their times. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Start timestamps (Unix ms, 0 = unknown) of float samples, where any is known. */
  readonly startTimes: Float64Array | undefined;
  readonly histograms: HistogramColumn | undefined;
  /**
   * None of the values is a stale marker, and they are to be used for nothing else: they may be anything.
   * Only where "presence" was asked for.
   */
  readonly isPresenceOnly?: boolean;
}

export interface HistogramColumn {
  readonly times: Float64Array;
  readonly values: readonly Histogram[];
  readonly startTimes: Float64Array | undefined;
}

export const NO_SAMPLES: Float64Array = new Float64Array(0);

export type SeriesUse = "keep" | "pass" | "presence";

/**
 * The series of one selection, in no order that is promised; series without a sample in the range may be left
 * out.
 */
export interface SeriesSet extends Disposable {
  readonly seriesCount: number;
  /**
   * Reads series by series: each is charged to the context before it is unpacked. With "pass" a series is
   * given up, and given back to the context, when the next one is asked for; otherwise ("keep") all stay.
   * "presence" is "pass" for whoever asks only when there are samples: values need not be read.
   */
  read(context: QueryContext, use?: SeriesUse): Iterable<SeriesColumns>;
}

/**
 * What a listing of names may be narrowed by. Several selectors are alternatives: a series need match only
 * one.
 */
export interface ListSelection extends TimeRange {
  readonly selectors: readonly (readonly Matcher[])[];
  /** Most entries to answer with; undefined for all. */
  readonly limit: number | undefined;
}

/** What may have changed in a source since a moment. */
export interface SourceChanges {
  /** When this was said: samples that come or go later are not among it. Moments ascend. */
  readonly moment: number;
  /** Where samples may have come or gone. `endMs` may be Infinity, `startMs` -Infinity. */
  readonly ranges: readonly TimeRange[];
}

export interface MetricSource {
  select(selection: SeriesSelection, context: QueryContext): Promise<SeriesSet>;
  /** Label sets of the series that match and have a sample in the range. */
  listSeries(selection: ListSelection, context: QueryContext): Promise<readonly Labels[]>;
  /** Names ascending as compareText orders them. */
  labelNames(selection: ListSelection, context: QueryContext): Promise<readonly string[]>;
  /** Values ascending as compareText orders them. */
  labelValues(name: string, selection: ListSelection, context: QueryContext): Promise<readonly string[]>;
  /**
   * Where series that satisfy one of the selectors may have changed after a moment; undefined: only the
   * moment is asked for. Its moment is not later than that of any selection that is made after the call, even
   * one made before it is answered. A source without it cannot tell.
   */
  changesSince?(
    moment: number | undefined,
    selectors: readonly (readonly Matcher[])[],
  ): Promise<SourceChanges>;
}
