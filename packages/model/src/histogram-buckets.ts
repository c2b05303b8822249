/** The buckets of a native histogram with their boundaries, from the lowest to the highest. */
import { CUSTOM_BUCKETS_SCHEMA, type Histogram, type Span } from "./histogram.ts";

export interface HistogramBucket {
  readonly lower: number;
  readonly upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

/**
 * All buckets that are written down, the empty ones among them included; the zero bucket only when its count
 * is above zero, as Prometheus lists it (that of a negated histogram is below).
 */
export function bucketsOf(histogram: Histogram): readonly HistogramBucket[] {
  const { schema, customBounds, zeroCount, zeroThreshold } = histogram;
  const positive: HistogramBucket[] = [];
  const negative: HistogramBucket[] = [];
  eachBucket(histogram.positiveSpans, histogram.positiveCounts, (index, count) => {
    const [lower, upper] =
      schema === CUSTOM_BUCKETS_SCHEMA
        ? [customBounds?.[index - 1] ?? -Infinity, customBounds?.[index] ?? Infinity]
        : [exponentialBound(index - 1, schema), exponentialBound(index, schema)];
    // The lowest custom bucket reaches to −Inf, which it includes.
    positive.push({ lower, upper, lowerInclusive: lower === -Infinity, upperInclusive: true, count });
  });
  eachBucket(histogram.negativeSpans, histogram.negativeCounts, (index, count) => {
    const lower = -exponentialBound(index, schema);
    const upper = -exponentialBound(index - 1, schema);
    negative.push({ lower, upper, lowerInclusive: true, upperInclusive: false, count });
  });
  const zero: HistogramBucket[] =
    zeroCount > 0
      ? [
          {
            lower: -zeroThreshold,
            upper: zeroThreshold,
            lowerInclusive: true,
            upperInclusive: true,
            count: zeroCount,
          },
        ]
      : [];
  return [...negative.reverse(), ...zero, ...positive];
}

/** The upper bound of exponential bucket `index` of a schema: 2^(index × 2^−schema). */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) return 2 ** (index * 2 ** -schema);
  const perOctave = 2 ** schema;
  const octave = Math.floor(index / perOctave);
  // Taken apart so that whole powers of two are exact, whatever the machine's pow makes of fractions.
  return 2 ** ((index - octave * perOctave) / perOctave) * 2 ** octave;
}

function eachBucket(
  spans: readonly Span[],
  counts: Float64Array,
  visit: (index: number, count: number) => void,
): void {
  let index = 0;
  let at = 0;
  for (const span of spans) {
    index += span.offset;
    for (let i = 0; i < span.length; i++) visit(index++, counts[at++] ?? 0);
  }
}
