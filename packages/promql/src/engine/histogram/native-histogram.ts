/**
 * A native histogram as the engine computes with it: the buckets that are written down, by index, ascending.
 * Immutable, so that samples may be shared.
 */
import { CUSTOM_BUCKETS_SCHEMA, type CounterResetHint, type Histogram, type Span } from "@binnacle/model";

/** Parallel columns, indexes ascending. */
export interface Buckets {
  readonly indexes: readonly number[];
  readonly counts: readonly number[];
}

export interface NativeHistogram {
  readonly schema: number;
  readonly hint: CounterResetHint;
  readonly count: number;
  readonly sum: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  /** Upper bounds of custom buckets without +Inf; undefined for exponential ones. */
  readonly customBounds: readonly number[] | undefined;
}

export const NO_BUCKETS: Buckets = { indexes: [], counts: [] };

export function hasCustomBuckets(histogram: NativeHistogram): boolean {
  return histogram.schema === CUSTOM_BUCKETS_SCHEMA;
}

export function fromModel(histogram: Histogram): NativeHistogram {
  return {
    schema: histogram.schema,
    hint: histogram.counterResetHint,
    count: histogram.count,
    sum: histogram.sum,
    zeroThreshold: histogram.zeroThreshold,
    zeroCount: histogram.zeroCount,
    positive: fromSpans(histogram.positiveSpans, histogram.positiveCounts),
    negative: fromSpans(histogram.negativeSpans, histogram.negativeCounts),
    customBounds:
      histogram.schema === CUSTOM_BUCKETS_SCHEMA ? [...(histogram.customBounds ?? [])] : undefined,
  };
}

function fromSpans(spans: readonly Span[], counts: Float64Array): Buckets {
  const indexes: number[] = [];
  let index = 0;
  for (const span of spans) {
    index += span.offset;
    for (let i = 0; i < span.length; i++) indexes.push(index++);
  }
  return { indexes, counts: [...counts].slice(0, indexes.length) };
}

export function toModel(histogram: NativeHistogram): Histogram {
  const positive = toSpans(histogram.positive);
  const negative = toSpans(histogram.negative);
  return {
    schema: histogram.schema,
    isInteger: false,
    counterResetHint: histogram.hint,
    count: histogram.count,
    sum: histogram.sum,
    zeroThreshold: histogram.zeroThreshold,
    zeroCount: histogram.zeroCount,
    positiveSpans: positive.spans,
    positiveCounts: positive.counts,
    negativeSpans: negative.spans,
    negativeCounts: negative.counts,
    customBounds:
      histogram.customBounds === undefined ? undefined : Float64Array.from(histogram.customBounds),
  };
}

function toSpans(buckets: Buckets): { spans: Span[]; counts: Float64Array } {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of buckets.indexes) {
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return { spans, counts: Float64Array.from(buckets.counts) };
}

/** Without the buckets that hold nothing. */
export function compact(histogram: NativeHistogram): NativeHistogram {
  const positive = compactBuckets(histogram.positive);
  const negative = compactBuckets(histogram.negative);
  if (positive === histogram.positive && negative === histogram.negative) return histogram;
  return { ...histogram, positive, negative };
}

function compactBuckets(buckets: Buckets): Buckets {
  if (!buckets.counts.includes(0)) return buckets;
  return {
    indexes: buckets.indexes.filter((_, i) => buckets.counts[i] !== 0),
    counts: buckets.counts.filter((count) => count !== 0),
  };
}
