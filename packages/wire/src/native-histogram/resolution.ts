/** Makes a native histogram coarser: each step down in schema merges buckets in pairs. */
import type { Histogram, Span } from "@binnacle/model";

/** Bucket counts by their index, without gaps of zeros that are longer than a span is worth. */
export interface SparseCounts {
  readonly spans: Span[];
  readonly counts: Float64Array;
}

/** Zeros that cost less than the span which would leave them out. */
const GAP_MAX = 2;

/** Spans for counts at ascending indexes; zeros are left out but for short gaps. */
export function sparse(indexes: readonly number[], counts: readonly number[]): SparseCounts {
  const spans: { offset: number; length: number }[] = [];
  const kept: number[] = [];
  let next = 0;
  for (const [i, index] of indexes.entries()) {
    const count = counts[i]!;
    if (count === 0) continue;
    const last = spans.at(-1);
    const gap = index - next;
    if (last !== undefined && gap <= GAP_MAX) {
      for (let zero = 0; zero < gap; zero++) kept.push(0);
      last.length += gap + 1;
    } else spans.push({ offset: gap, length: 1 });
    kept.push(count);
    next = index + 1;
  }
  return { spans, counts: Float64Array.from(kept) };
}

/**
 * The histogram at a schema that is not finer than its own. Bucket i of a schema reaches up to base^i, so
 * that it lies in bucket ceil(i / 2^steps) of one that is coarser by so many steps.
 */
export function withSchema(histogram: Histogram, schema: number): Histogram {
  const steps = histogram.schema - schema;
  if (steps <= 0) return histogram;
  const positive = merge(histogram.positiveSpans, histogram.positiveCounts, steps);
  const negative = merge(histogram.negativeSpans, histogram.negativeCounts, steps);
  return {
    ...histogram,
    schema,
    positiveSpans: positive.spans,
    positiveCounts: positive.counts,
    negativeSpans: negative.spans,
    negativeCounts: negative.counts,
  };
}

function merge(spans: readonly Span[], counts: Float64Array, steps: number): SparseCounts {
  const indexes: number[] = [];
  const sums: number[] = [];
  let index = 0;
  let at = 0;
  for (const span of spans) {
    index += span.offset;
    for (let i = 0; i < span.length; i++, index++) {
      const merged = Math.ceil(index / 2 ** steps);
      const count = counts[at++] ?? 0;
      if (indexes.at(-1) === merged) sums[sums.length - 1]! += count;
      else {
        indexes.push(merged);
        sums.push(count);
      }
    }
  }
  return sparse(indexes, sums);
}

export function bucketCount({ positiveCounts, negativeCounts }: Histogram): number {
  return positiveCounts.length + negativeCounts.length;
}
