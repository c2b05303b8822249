/** load_with_nhcb: classic histograms once more as native ones with custom buckets. */
import { CUSTOM_BUCKETS_SCHEMA, METRIC_NAME, type Histogram, type Labels } from "@binnacle/model";
import { parseNumber } from "../parser/index.ts";
import type { MemorySample } from "./memory-source.ts";

interface ClassicParts {
  readonly labels: Labels;
  readonly byTime: Map<
    number,
    { buckets: Map<number, number>; count: number | undefined; sum: number | undefined }
  >;
}

const SUFFIX = /_(?:bucket|count|sum)$/;

/** The series to add, of the float samples of `_bucket`, `_count` and `_sum` series. */
export function customBucketSeries(
  series: Iterable<{ readonly labels: Labels; readonly samples: readonly MemorySample[] }>,
): readonly { readonly labels: Labels; readonly samples: readonly MemorySample[] }[] {
  const groups = new Map<string, ClassicParts>();
  for (const { labels, samples } of series) {
    const name = labels.get(METRIC_NAME);
    const suffix = SUFFIX.exec(name)?.[0];
    const upper = parseNumber(labels.get("le"));
    if (suffix === undefined || (suffix === "_bucket" && upper === undefined)) continue;
    const base = labels.with({ [METRIC_NAME]: name.slice(0, -suffix.length), le: "" });
    let group = groups.get(base.key());
    if (group === undefined) {
      group = { labels: base, byTime: new Map() };
      groups.set(base.key(), group);
    }
    for (const { timeMs, value } of samples) {
      if (typeof value !== "number") continue;
      let parts = group.byTime.get(timeMs);
      if (parts === undefined) {
        parts = { buckets: new Map(), count: undefined, sum: undefined };
        group.byTime.set(timeMs, parts);
      }
      if (suffix === "_bucket") parts.buckets.set(upper!, value);
      else if (suffix === "_count") parts.count = value;
      else parts.sum = value;
    }
  }
  return [...groups.values()]
    .map(({ labels, byTime }) => ({
      labels,
      samples: [...byTime].flatMap(([timeMs, parts]) => {
        const value = toHistogram(parts.buckets, parts.count, parts.sum);
        return value === undefined ? [] : [{ timeMs, value, startMs: 0 }];
      }),
    }))
    .filter(({ samples }) => samples.length > 0);
}

function toHistogram(
  buckets: ReadonlyMap<number, number>,
  count: number | undefined,
  sum: number | undefined,
): Histogram | undefined {
  if (buckets.size === 0) return undefined;
  const bounds = [...buckets.keys()].sort((a, b) => a - b);
  const total = count ?? buckets.get(Infinity) ?? buckets.get(bounds.at(-1))!;
  const finite = bounds.filter((bound) => bound !== Infinity);
  const cumulative = [...finite.map((bound) => buckets.get(bound)!), buckets.get(Infinity) ?? total];
  const counts = cumulative.map((value, i) => value - (cumulative[i - 1] ?? 0));
  // Counts that fall from a bucket to the next are no histogram.
  if (counts.some((value) => value < 0)) return undefined;
  return {
    schema: CUSTOM_BUCKETS_SCHEMA,
    isInteger: false,
    counterResetHint: "unknown",
    count: total,
    sum: sum ?? 0,
    zeroThreshold: 0,
    zeroCount: 0,
    positiveSpans: [{ offset: 0, length: counts.length }],
    positiveCounts: Float64Array.from(counts),
    negativeSpans: [],
    negativeCounts: new Float64Array(0),
    customBounds: Float64Array.from(finite),
  };
}
