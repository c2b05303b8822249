import { BinnacleError, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { limitBuckets } from "../native-histogram/limit-buckets.ts";
import { ProtobufWriter } from "../protobuf/writer.ts";
import { type ProtobufScrapeOptions, ProtobufScrapeParser } from "./protobuf-scrape-parser.ts";

const CLASSIC: ProtobufScrapeOptions = { takesNative: false, keepsClassic: false, convertsClassic: false };
const NATIVE: ProtobufScrapeOptions = { ...CLASSIC, takesNative: true };

type Fields = (writer: ProtobufWriter) => void;

/** Families behind their lengths, each with one metric of one label. */
function exposition(families: readonly { name: string; type: number; metric: Fields }[]): Uint8Array {
  const parts = families.map(({ name, type, metric }) => {
    const writer = new ProtobufWriter();
    writer.string(1, name);
    writer.string(2, `Help of ${name}.`);
    writer.uint32(3, type);
    writer.message(4, () => {
      writer.message(1, () => {
        writer.string(1, "x");
        writer.string(2, "1");
      });
      metric(writer);
    });
    const outer = new ProtobufWriter();
    // A field's tag of one byte, cut off, leaves length and message.
    outer.bytes(1, writer.written);
    return outer.written.slice(1);
  });
  return Buffer.concat(parts);
}

function timestamp(writer: ProtobufWriter, field: number, seconds: number): void {
  writer.message(field, () => writer.int64(1, seconds));
}

const COUNTER = {
  name: "c_total",
  type: 0,
  metric: (writer: ProtobufWriter): void =>
    writer.message(3, () => {
      writer.double(1, 41);
      writer.message(2, () => {
        writer.message(1, () => {
          writer.string(1, "trace_id");
          writer.string(2, "abc");
        });
        writer.double(2, 1);
        timestamp(writer, 3, 5);
      });
      timestamp(writer, 3, 2);
    }),
};
const GAUGE = {
  name: "g",
  type: 1,
  metric: (writer: ProtobufWriter): void => {
    writer.message(2, () => writer.double(1, -0.5));
    writer.int64(6, 7000);
  },
};
const SUMMARY = {
  name: "s",
  type: 2,
  metric: (writer: ProtobufWriter): void =>
    writer.message(4, () => {
      writer.int64(1, 3);
      writer.double(2, 4.5);
      writer.message(3, () => {
        writer.double(1, 1);
        writer.double(2, 2);
      });
    }),
};
const HISTOGRAM = {
  name: "h",
  type: 4,
  metric: (writer: ProtobufWriter): void =>
    writer.message(7, () => {
      writer.int64(1, 6);
      writer.double(2, 11.5);
      for (const [count, bound] of [
        [1, 0.5],
        [3, 1],
      ] as const) {
        writer.message(3, () => {
          writer.int64(1, count);
          writer.double(2, bound);
        });
      }
      writer.sint32(5, 3);
      writer.double(6, 0.001);
      writer.int64(7, 1);
      writer.message(12, () => {
        writer.sint32(1, -1);
        writer.uint32(2, 2);
      });
      writer.packedSint64(13, [2, 1]);
      timestamp(writer, 15, 1);
    }),
};
const ALL = exposition([COUNTER, GAUGE, SUMMARY, HISTOGRAM]);

const at = (timeMs: number, startMs: number): string =>
  `${Number.isNaN(timeMs) ? "" : ` @ ${timeMs}`}${startMs === 0 ? "" : ` from ${startMs}`}`;

/** Samples as `series value`, histograms as `series {…}`. */
function linesOf(parser: ProtobufScrapeParser, bytes: Uint8Array, options: ProtobufScrapeOptions): string[] {
  const parsed = parser.parse(bytes, options);
  const names = new Map(parsed.newSeries.map(({ slot, labels }) => [slot, labels.toString()]));
  return [
    ...parsed.slots.map(
      (slot, i) => `${names.get(slot)} ${parsed.values[i]}${at(parsed.times[i]!, parsed.startTimes[i]!)}`,
    ),
    ...parsed.histograms.map(
      ({ slot, value, timeMs, startTimeMs }) =>
        `${names.get(slot)} {schema ${value.schema}, count ${value.count}, [${[...value.positiveCounts].join(" ")}]}` +
        at(timeMs, startTimeMs),
    ),
  ];
}

const SIMPLE = [
  'c_total{x="1"} 41 from 2000',
  'g{x="1"} -0.5 @ 7000',
  's_count{x="1"} 3',
  's_sum{x="1"} 4.5',
  's{quantile="1.0", x="1"} 2',
];
const BUCKETS = [
  'h_count{x="1"} 6 from 1000',
  'h_sum{x="1"} 11.5 from 1000',
  'h_bucket{le="0.5", x="1"} 1 from 1000',
  'h_bucket{le="1.0", x="1"} 3 from 1000',
  'h_bucket{le="+Inf", x="1"} 6 from 1000',
];
const SPARSE = 'h{x="1"} {schema 3, count 6, [2 3]} from 1000';

test.each<[string, ProtobufScrapeOptions, string[]]>([
  ["classic buckets", CLASSIC, [...SIMPLE, ...BUCKETS]],
  ["native histograms", NATIVE, [...SIMPLE, SPARSE]],
  ["both", { ...NATIVE, keepsClassic: true }, [...SIMPLE, ...BUCKETS, SPARSE]],
  [
    "custom buckets of classic ones",
    { ...CLASSIC, convertsClassic: true },
    [...SIMPLE, 'h{x="1"} {schema -53, count 6, [1 2 3]} from 1000'],
  ],
])("families are read as %s", (_name, options, lines) => {
  expect(linesOf(new ProtobufScrapeParser(), ALL, options)).toEqual(lines);
});

test("series keep their slots; exemplars and metadata come along", () => {
  const parser = new ProtobufScrapeParser();
  const first = parser.parse(ALL, NATIVE);
  expect(first.exemplars.map(({ labels, value, timeMs }) => [labels.toObject(), value, timeMs])).toEqual([
    [{ trace_id: "abc" }, 1, 5000],
  ]);
  expect(first.metadata.map(({ metric, type, help }) => [metric, type, help])).toEqual([
    ["c_total", "counter", "Help of c_total."],
    ["g", "gauge", "Help of g."],
    ["s", "summary", "Help of s."],
    ["h", "histogram", "Help of h."],
  ]);
  const second = parser.parse(ALL, NATIVE);
  expect([second.slots, second.newSeries, second.metadata]).toEqual([first.slots, [], []]);
});

test("a histogram is made as coarse as the bounds want it", () => {
  const [histogram] = new ProtobufScrapeParser().parse(ALL, NATIVE).histograms;
  const limited = limitBuckets(histogram!.value, { bucketsMax: 1, bucketFactorMin: 0 });
  // Buckets −1 and 0 of schema 3 share bucket 0 of schema 2.
  expect([limited!.schema, [...limited!.positiveCounts]]).toEqual([2, [5]]);
  const wide = limitBuckets(histogram!.value, { bucketsMax: 0, bucketFactorMin: 1.9 });
  expect(wide!.schema).toBe(0);
  expect(
    limitBuckets({ ...histogram!.value, schema: -53 }, { bucketsMax: 1, bucketFactorMin: 0 }),
  ).toBeUndefined();
});

test.each([
  ["a family without a name", exposition([{ ...GAUGE, name: "" }]), "a metric family has no name"],
  ["a length past the end", Uint8Array.of(100, 1), "reaches over its message's end"],
  ["text", Buffer.from("a 1\n"), "malformed"],
])("%s is refused", (_name, bytes, problem) => {
  expect(() => new ProtobufScrapeParser().parse(bytes, NATIVE)).toThrow(problem);
});

test("an exposition cut off or changed at any byte is read or refused, and harms no later one", () => {
  const parser = new ProtobufScrapeParser();
  const whole = parser.parse(ALL, NATIVE).slots.length;
  const seed = 4711;
  const random = seededRandom(seed);
  const check = (bytes: Uint8Array): void => {
    try {
      parser.parse(bytes, NATIVE);
    } catch (error) {
      const isRefusal = error instanceof BinnacleError && error.code === "BAD_EXPOSITION";
      if (!isRefusal) throw new Error(`seed ${seed}`, { cause: error });
    }
  };
  for (let end = 0; end < ALL.length; end++) check(ALL.subarray(0, end));
  for (let i = 0; i < 3000; i++) {
    const changed = Uint8Array.from(ALL);
    for (let n = random.below(3); n >= 0; n--) changed[random.below(changed.length)] = random.below(256);
    check(changed);
  }
  expect(parser.parse(ALL, NATIVE).slots.length).toBe(whole);
});
