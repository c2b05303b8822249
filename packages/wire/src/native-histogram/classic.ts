/** A histogram of classic buckets as a native one whose bounds are the buckets' own. */
import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from "@binnacle/model";
import { sparse } from "./resolution.ts";

export interface ClassicBucket {
  /** Upper bound, inclusive. */
  readonly bound: number;
  /** Of all buckets up to this one. */
  readonly cumulative: number;
}

/** `buckets` ascend by bound; the one of +Inf may be left out. Undefined where their counts go down. */
export function classicAsNative(
  buckets: readonly ClassicBucket[],
  { count, sum }: { readonly count: number; readonly sum: number },
): Histogram | undefined {
  const finite = buckets.filter(({ bound }) => bound !== Infinity);
  const ends = [...finite.map(({ cumulative }) => cumulative), count];
  const counts = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  if (counts.some((each) => !(each >= 0))) return undefined;
  for (let i = 1; i < finite.length; i++) if (!(finite[i]!.bound > finite[i - 1]!.bound)) return undefined;
  const { spans, counts: positiveCounts } = sparse([...counts.keys()], counts);
  return {
    schema: CUSTOM_BUCKETS_SCHEMA,
    isInteger: counts.every((each) => Number.isSafeInteger(each)),
    counterResetHint: "unknown",
    count,
    sum,
    zeroThreshold: 0,
    zeroCount: 0,
    positiveSpans: spans,
    positiveCounts,
    negativeSpans: [],
    negativeCounts: new Float64Array(0),
    customBounds: Float64Array.from(finite, ({ bound }) => bound),
  };
}
