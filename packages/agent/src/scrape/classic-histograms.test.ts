import { CUSTOM_BUCKETS_SCHEMA } from "@binnacle/model";
import { ScrapeParser } from "@binnacle/wire";
import { expect, test } from "vitest";
import { ClassicHistograms } from "./classic-histograms.ts";

/** What each histogram of a text becomes: its labels, counts by bucket, count and sum; or that it stays. */
function converted(...texts: readonly string[]): string[] {
  const parser = new ScrapeParser();
  const classic = new ClassicHistograms();
  let said: string[] = [];
  for (const text of texts) {
    const { slots, values, times, newSeries, metadata } = parser.parse(Buffer.from(text), {
      dialect: "text",
    });
    classic.describe(metadata);
    for (const { slot, labels } of newSeries) classic.see(slot, labels);
    const timeOf = (i: number): number | undefined =>
      times === undefined || Number.isNaN(times[i]) ? undefined : times[i];
    said = classic.convert(slots, values, timeOf).map(({ of, value, timeMs, samples }) => {
      const at = timeMs === undefined ? "" : ` @${timeMs}`;
      if (value === undefined) return `${of.labels.toString()} stays (${samples.length})${at}`;
      expect(value).toMatchObject({ schema: CUSTOM_BUCKETS_SCHEMA, zeroCount: 0, negativeSpans: [] });
      const bounds = value.customBounds!.join();
      const spans = value.positiveSpans.map(({ offset, length }) => `${offset}+${length}`).join();
      return `${of.labels.toString()} [${bounds}] ${spans}: ${value.positiveCounts.join()} of ${value.count}, ${value.sum}${at}`;
    });
  }
  return said;
}

const TYPE = "# TYPE h histogram\n";

test.for<[what: string, texts: readonly string[], expected: readonly string[]]>([
  [
    "buckets in any order",
    [
      `${TYPE}h_bucket{a="x",le="+Inf"} 6\nh_bucket{a="x",le="2"} 5\nh_bucket{a="x",le="0.5"} 2\nh_count{a="x"} 6\nh_sum{a="x"} 7.5\n`,
    ],
    ['h{a="x"} [0.5,2] 0+3: 2,3,1 of 6, 7.5'],
  ],
  [
    "two series, one of which lacks its count",
    [
      `${TYPE}h_bucket{a="x",le="1"} 1\nh_bucket{a="x",le="+Inf"} 1\nh_sum{a="x"} 1\nh_bucket{a="y",le="1"} 0\nh_bucket{a="y",le="+Inf"} 3\nh_count{a="y"} 3\nh_sum{a="y"} 9\n`,
    ],
    ['h{a="x"} [1] 0+1: 1 of 1, 1', 'h{a="y"} [1] 1+1: 3 of 3, 9'],
  ],
  ["no buckets", [`${TYPE}h_count 3\nh_sum 9\n`], ["h stays (2)"]],
  [
    "buckets that go down",
    [`${TYPE}h_bucket{le="1"} 5\nh_bucket{le="2"} 4\nh_count 5\nh_sum 1\n`],
    ["h stays (4)"],
  ],
  ["what is no histogram", ['# TYPE h counter\nh_bucket{le="1"} 5\nh_count 5\n'], []],
  ["without a type", ['h_bucket{le="1"} 5\nh_count 5\n'], []],
  [
    "a bound that is none",
    [`${TYPE}h_bucket{le="many"} 5\nh_bucket{le="1"} 5\nh_count 5\nh_sum 2\n`],
    ["h [1] 0+1: 5 of 5, 2"],
  ],
  [
    "times of their own",
    [
      `${TYPE}h_bucket{le="1"} 1 1000\nh_count 1 1000\nh_sum 1 1000\nh_bucket{le="1"} 2 2000\nh_count 2 2000\nh_sum 2 2000\n`,
    ],
    ["h [1] 0+1: 1 of 1, 1 @1000", "h [1] 0+1: 2 of 2, 2 @2000"],
  ],
  [
    "the second scrape, whose type was said in the first",
    [`${TYPE}h_bucket{le="1"} 1\nh_count 1\nh_sum 1\n`, `${TYPE}h_bucket{le="1"} 4\nh_count 5\nh_sum 6\n`],
    ["h [1] 0+2: 4,1 of 5, 6"],
  ],
])("%s", ([, texts, expected]) => {
  expect(converted(...texts)).toEqual(expected);
});
