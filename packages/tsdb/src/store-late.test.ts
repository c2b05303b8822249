/**
 * Samples that come late, twice, early or in another shape, as words of a script:
 *
 *     a,b@-10=1      one row of series a and b, ten minutes before the beginning, value 1; h5: a histogram
 *     …!too_old      it is refused, all of it, for this reason (else all of it is taken)
 *     /   ~   +60    seals and merges; opens the store again; moves the server's clock by minutes
 */
import type { Histogram, HistogramSample, SampleRow } from "@binnacle/model";
import { expect, test } from "vitest";
import { labels, NOW_MS, openTestStore, readAll, row, TestClock, TestDir } from "./test-store.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

interface Script {
  readonly what: string;
  /** Minutes. */
  readonly window?: number;
  readonly words: string;
  /** By series, ascending. */
  readonly kept: Readonly<Record<string, string>>;
}

const WINDOW = 30;

const SCRIPTS: readonly Script[] = [
  {
    what: "the window is each series' own",
    words: "a@0=1 b@-50=1 a@-30=2 a@-31=3!too_old b@-80=2 b@-81=3!too_old c@-1440=1",
    kept: { a: "-30=2 0=1", b: "-80=2 -50=1", c: "-1440=1" },
  },
  {
    what: "the window is each series' own over seals and restarts",
    words: "a@0=1 b@-50=1 / ~ a@-30=2 a@-31=3!too_old b@-80=2 b@-81=3!too_old / ~ b@-79=4 a@-31=3!too_old",
    kept: { a: "-30=2 0=1", b: "-80=2 -79=4 -50=1" },
  },
  {
    what: "the window is as long as the retention",
    window: DAY_MINUTES,
    words: "a@0=1 a@-1440=2 / a@-1439=3 a@-1441=4!too_old",
    kept: { a: "-1440=2 -1439=3 0=1" },
  },
  {
    what: "without a window what is older is out of order",
    window: 0,
    words: "a@0=1 a@-1=2!out_of_order a@0=1 a@0=2!duplicate_timestamp / a@-1=2!out_of_order a@1=3",
    kept: { a: "0=1 1=3" },
  },
  {
    what: "the same again is dropped, another value refused: newest and late, in memory and sealed",
    words:
      "a@-5=1 a@0=2 a@0=2 a@0=3!duplicate_timestamp a@-5=1 a@-5=2!duplicate_timestamp a@-3=7 a@-3=7 / " +
      "a@-3=7 a@-3=8!duplicate_timestamp a@0=2 a@0=3!duplicate_timestamp ~ a@-5=1 a@-5=2!duplicate_timestamp",
    kept: { a: "-5=1 -3=7 0=2" },
  },
  {
    what: "the same histogram again is dropped, another or a float in its place refused, and the reverse",
    words:
      "a@-5=h1 a@0=h2 a@0=h2 a@0=h3!duplicate_timestamp a@0=2!duplicate_timestamp a@-3=4 " +
      "a@-3=h4!duplicate_timestamp / a@-5=h1 a@-5=h2!duplicate_timestamp a@-5=1!duplicate_timestamp " +
      "a@-3=h4!duplicate_timestamp a@-3=4",
    kept: { a: "-5=h1 -3=4 0=h2" },
  },
  {
    what: "a series flips between float and histogram, in order",
    words: "a@-6=1 a@-5=h2 a@-4=3 / a@-3=h4 a@-2=5 ~ a@-1=h6 a@0=7",
    kept: { a: "-6=1 -5=h2 -4=3 -3=h4 -2=5 -1=h6 0=7" },
  },
  {
    what: "a series flips within its late samples, before and behind a seal",
    words: "a@0=1 a@-6=h2 a@-8=3 a@-7=h4 / a@-9=h5 a@-5=6 a@-10=7 ~ a@-4=h8 / a@-3=9",
    kept: { a: "-10=7 -9=h5 -8=3 -7=h4 -6=h2 -5=6 -4=h8 -3=9 0=1" },
  },
  {
    what: "a group grows and shrinks",
    words: "a,b@-6=1 a,b,c@-5=2 b@-4=3 c,b@-3=4 / a@-2=5 d,a@-1=6 ~ a,b,c,d@0=7",
    kept: {
      a: "-6=1 -5=2 -2=5 -1=6 0=7",
      b: "-6=1 -5=2 -4=3 -3=4 0=7",
      c: "-5=2 -3=4 0=7",
      d: "-1=6 0=7",
    },
  },
  {
    what: "a group that has lost a series gets it back late, beside new rows",
    words: "a,b,c@-6=1 a,c@-5=2 a,b,c@-4=3 b@-5=2 / a,c@-3=4 a,b,c@-2=5 b@-3=4 b@-3=9!duplicate_timestamp",
    kept: {
      a: "-6=1 -5=2 -4=3 -3=4 -2=5",
      b: "-6=1 -5=2 -4=3 -3=4 -2=5",
      c: "-6=1 -5=2 -4=3 -3=4 -2=5",
    },
  },
  {
    what: "ten minutes ahead are taken, and what is on time is late then",
    words: "a@10=1 a@11=2!too_far_in_future a@0=3 a@1=4 / a@10=1 a@10=2!duplicate_timestamp a@2=5",
    kept: { a: "0=3 1=4 2=5 10=1" },
  },
  {
    what: "a target's clock jumps ahead and back: its series wait, others do not",
    words: "a,b@0=1 c@0=1 a,b@60=2!too_far_in_future a,b@9=2 +1 a,b@1=3 c@1=2 +1 a,b@-40=4!too_old a,b@2=5",
    kept: { a: "0=1 1=3 2=5 9=2", b: "0=1 1=3 2=5 9=2", c: "0=1 1=2" },
  },
  {
    what: "the server's clock goes back, by less than the window and by more",
    words:
      "a@0=1 -20 a@-20=2 b@-20=2 -20 a@-40=3!too_old b@-40=3 c@0=4!too_far_in_future +15 a@-25=5 +26 a@1=6",
    kept: { a: "-25=5 -20=2 0=1 1=6", b: "-40=3 -20=2" },
  },
  {
    what: "the server's clock goes ahead, past the retention of what comes then",
    words: "a@0=1 +720 a@720=2 a@0=3!too_old b@0=3 +721 b@1=4 b@0=5!too_old a@1441=5 /",
    kept: { a: "720=2 1441=5", b: "1=4" },
  },
];

test.for(SCRIPTS)("$what", async ({ window = WINDOW, words, kept }) => {
  using dir = new TestDir();
  const clock = new TestClock();
  const options = {
    clock,
    retentionMs: DAY_MINUTES * MINUTE_MS,
    outOfOrderWindowMs: window * MINUTE_MS,
  };
  let store = await openTestStore(dir.path, options);
  try {
    for (const word of words.split(" ")) {
      if (word === "/") await store.compact();
      else if (word === "~") {
        await store.close();
        store = await openTestStore(dir.path, options);
      } else if (/^[-+]\d+$/.test(word)) clock.timeMs += Number(word) * MINUTE_MS;
      else {
        const { names, minute, value, reason } = parseWord(word);
        const refs = names.map((name) => store.series(labels(`__name__=${name}`)));
        const result = await store.append([rowOf(NOW_MS + minute * MINUTE_MS, refs, value)]);
        const reasons = new Set(result.rejections.map((rejection) => rejection.reason));
        expect([...reasons], word).toEqual(reason === undefined ? [] : [reason]);
        expect(result.appended, word).toBe(reason === undefined ? names.length : 0);
        expect(result.rejected, word).toBe(reason === undefined ? 0 : names.length);
      }
    }
    for (const state of ["in memory", "sealed"]) {
      if (state === "sealed") await store.compact();
      expect(scriptText(await readAll(store)), state).toEqual(kept);
    }
  } finally {
    await store.close();
  }
});

function parseWord(word: string): {
  names: string[];
  minute: number;
  value: string;
  reason: string | undefined;
} {
  const match = /^([a-z,]+)@(-?\d+)=(h?\d+)(?:!(\w+))?$/.exec(word);
  if (match === null) throw new Error(`no word of a script: ${word}`);
  const [, names, minute, value, reason] = match;
  return { names: names!.split(","), minute: Number(minute), value: value!, reason };
}

function rowOf(timeMs: number, refs: readonly number[], value: string): SampleRow {
  if (!value.startsWith("h"))
    return row(
      "g",
      timeMs,
      refs.map((ref) => [ref, Number(value)]),
    );
  const histograms = refs.map((series): HistogramSample => ({
    series,
    value: histogramOf(Number(value.slice(1))),
    startTimeMs: 0,
  }));
  return { ...row("g", timeMs, []), histograms };
}

function histogramOf(count: number): Histogram {
  return {
    schema: 0,
    isInteger: true,
    counterResetHint: "unknown",
    count,
    sum: count,
    zeroThreshold: 0,
    zeroCount: 0,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveCounts: Float64Array.of(count),
    negativeSpans: [],
    negativeCounts: new Float64Array(0),
    customBounds: undefined,
  };
}

/** What was read, in the script's words, by time. */
function scriptText(found: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(found).map(([name, samples]) => {
      const each = samples.map((text) => {
        const [ms, value] = text.split(":") as [string, string];
        return { minute: Number(ms) / MINUTE_MS, value: value.replace("histogram of ", "h") };
      });
      each.sort((a, b) => a.minute - b.minute);
      return [name, each.map(({ minute, value }) => `${minute}=${value}`).join(" ")];
    }),
  );
}
