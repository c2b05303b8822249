/** Remote write, there and back, and everything that is not it. */
import {
  BinnacleError,
  type Histogram,
  isStaleAt,
  Labels,
  type Random,
  seededRandom,
  setStaleAt,
  wordsOf,
} from "@binnacle/model";
import { expect, test } from "vitest";
import { ENTRY_ERRORS_MAX } from "../limits.ts";
import { ProtobufWriter } from "../protobuf/writer.ts";
import { snappyCompress, snappyDecompress } from "../snappy.ts";
import { WriteRequestDecoder } from "./decode-v1.ts";
import { decodeWriteMessageV2, decodeWriteRequestV2 } from "./decode-v2.ts";
import { WriteRequestEncoder } from "./encode.ts";
import { writeHistogram } from "./histogram.ts";
import { NO_SERIES_NUMBER, type WriteRequest } from "./write-request.ts";

const NOTHING = { sampleStartTimes: undefined, histograms: [], exemplars: [], metadata: [] };
const labels = (object: Record<string, string>): Labels => Labels.fromObject(object);

/** A message that `write` writes. */
function message(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter();
  write(writer);
  return writer.written.slice();
}

function writeLabel(writer: ProtobufWriter, name: string, value: string): void {
  writer.message(1, () => {
    writer.string(1, name);
    writer.string(2, value);
  });
}

function writeSample(writer: ProtobufWriter, value: number, timeMs: number): void {
  writer.message(2, () => {
    writer.double(1, value);
    writer.int64(2, timeMs);
  });
}

const INTEGER_HISTOGRAM: Histogram = {
  schema: 3,
  isInteger: true,
  counterResetHint: "not_reset",
  count: 12,
  sum: 18.4,
  zeroThreshold: 0.001,
  zeroCount: 2,
  positiveSpans: [
    { offset: -3, length: 2 },
    { offset: 1, length: 1 },
  ],
  positiveCounts: Float64Array.of(5, 1, 3),
  negativeSpans: [{ offset: 0, length: 1 }],
  negativeCounts: Float64Array.of(1),
  customBounds: undefined,
};
const FLOAT_HISTOGRAM: Histogram = {
  ...INTEGER_HISTOGRAM,
  schema: -53,
  isInteger: false,
  counterResetHint: "gauge",
  count: 1.5,
  zeroCount: 0,
  positiveCounts: Float64Array.of(0.25, 0.5, 0.75),
  negativeSpans: [],
  negativeCounts: Float64Array.of(),
  customBounds: Float64Array.of(-1, 0, 0.5, 9),
};

function randomRequest(random: Random): WriteRequest {
  const count = random.below(8);
  const offsets = [0];
  const times: number[] = [];
  const values: number[] = [];
  const series = Array.from({ length: count }, (_, i) => {
    for (let samples = random.below(4); samples > 0; samples--) {
      times.push(random.below(2) === 0 ? 1_700_000_000_000 + random.below(1e9) : -random.below(1e6));
      values.push((random.next() - 0.5) * 10 ** (random.below(600) - 300));
    }
    offsets.push(times.length);
    const long = random.below(5) === 0 ? "ü".repeat(random.below(300)) : "";
    return labels({ __name__: `m${i}`, l: `${random.below(5)}${long}` });
  });
  const sampleValues = Float64Array.from(values);
  if (values.length > 0) setStaleAt(wordsOf(sampleValues), random.below(values.length));
  return {
    labels: series,
    sampleOffsets: Uint32Array.from(offsets),
    sampleTimes: Float64Array.from(times),
    sampleValues,
    sampleStartTimes: undefined,
    histograms:
      count === 0
        ? []
        : [
            { series: 0, timeMs: 5, startTimeMs: 0, value: INTEGER_HISTOGRAM },
            { series: count - 1, timeMs: -7, startTimeMs: 0, value: FLOAT_HISTOGRAM },
          ],
    exemplars:
      count === 0 ? [] : [{ series: count - 1, timeMs: 9, labels: labels({ trace_id: "x" }), value: -0.5 }],
    metadata: [{ metric: "m0", type: "counter", help: "h", unit: random.below(2) === 0 ? "" : "seconds" }],
  };
}

test("what is encoded is decoded, bit for bit", () => {
  const encoder = new WriteRequestEncoder();
  const decoder = new WriteRequestDecoder();
  for (let seed = 1; seed <= 200; seed++) {
    const request = randomRequest(seededRandom(seed));
    const decoded = decoder.decode(encoder.encode(request));
    expect(decoded, `seed ${seed}`).toMatchObject({ ...request, errors: [], errorCount: 0 });
    expect(wordsOf(decoded.sampleValues), `seed ${seed}`).toEqual(wordsOf(request.sampleValues));
  }
});

test("the same labels have the same number from request to request", () => {
  const encoder = new WriteRequestEncoder();
  const decoder = new WriteRequestDecoder();
  const request = { ...randomRequest(seededRandom(3)), ...NOTHING };
  const first = decoder.decode(encoder.encode(request));
  const reversed = { ...request, labels: request.labels.toReversed() };
  const second = decoder.decode(encoder.encode(reversed));
  expect(first.labels.length).toBeGreaterThan(1);
  expect(new Set(first.seriesNumbers).size).toBe(first.labels.length);
  expect([...second.seriesNumbers]).toEqual([...first.seriesNumbers].toReversed());
  expect(second.labels).toEqual(first.labels.toReversed());
  expect(second.numbersEpoch).toBe(first.numbersEpoch);
});

test("what the kernel leaves to plain script is numbered and read all the same", () => {
  const encoder = new WriteRequestEncoder();
  const decoder = new WriteRequestDecoder();
  for (let seed = 1; seed <= 100; seed++) {
    const random = seededRandom(seed);
    const request = randomRequest(random);
    const plain = decoder.decode(encoder.encode({ ...request, histograms: [], exemplars: [] }));
    const odd = decoder.decode(encoder.encode(request));
    expect(odd.seriesNumbers, `seed ${seed}`).toEqual(plain.seriesNumbers);
    expect(odd.labels, `seed ${seed}`).toEqual(plain.labels);
    expect(odd, `seed ${seed}`).toMatchObject(request);
  }
});

test("a request longer than the kernel's window and columns is read whole", () => {
  const count = 30_000;
  const request: WriteRequest = {
    labels: Array.from({ length: count }, (_, i) => labels({ __name__: "m", i: String(i) })),
    sampleOffsets: Uint32Array.from({ length: count + 1 }, (_, i) => (i < count ? i : count + 20_000)),
    sampleTimes: Float64Array.from({ length: count + 20_000 }, (_, i) => 1000 + i),
    sampleValues: Float64Array.from({ length: count + 20_000 }, (_, i) => i / 8),
    sampleStartTimes: undefined,
    histograms: [],
    exemplars: [],
    metadata: [],
  };
  const decoder = new WriteRequestDecoder();
  for (let round = 0; round < 2; round++) {
    const decoded = decoder.decodeMessage(new WriteRequestEncoder().encodeMessage(request).slice());
    expect(decoded.sampleOffsets).toEqual(request.sampleOffsets);
    expect(decoded.sampleTimes).toEqual(request.sampleTimes);
    expect(decoded.sampleValues).toEqual(request.sampleValues);
    expect(decoded.labels.every((set, i) => set.get("i") === String(i))).toBe(true);
    // The last one alone is longer than the window, and is not remembered.
    const numbers = Uint32Array.from({ length: count }, (_, i) => (i < count - 1 ? i : NO_SERIES_NUMBER));
    expect(decoded.seriesNumbers).toEqual(numbers);
  }
});

test("bad series are named and their neighbours kept", () => {
  const block = message((writer) => {
    for (const pairs of [
      [["__name__", "good"]],
      [["job", "x"]],
      [
        ["__name__", "a"],
        ["x", "1"],
        ["x", "2"],
      ],
      [
        ["__name__", "b"],
        ["", "v"],
      ],
      [["__name__", "last"]],
    ]) {
      writer.message(1, () => {
        for (const [name, value] of pairs) writeLabel(writer, name!, value!);
        writeSample(writer, 1, 1000);
        writeSample(writer, 2, 2000);
        writer.message(3, () => writer.double(2, 1));
      });
    }
  });
  const decoded = new WriteRequestDecoder().decodeMessage(block);
  expect(decoded.labels.map(String)).toEqual(["good", "last"]);
  expect([...decoded.sampleOffsets]).toEqual([0, 2, 4]);
  expect(decoded.exemplars.map(({ series }) => series)).toEqual([0, 1]);
  expect(decoded.errors).toEqual([
    { series: 1, message: 'the series {job="x"} has no metric name' },
    { series: 2, message: 'label name "x" is not unique' },
    { series: 3, message: "a label has no name" },
  ]);
});

test("of very many bad series only the first are described, all are counted", () => {
  const block = message((writer) => {
    for (let i = 0; i < 100; i++) writer.message(1, () => writeLabel(writer, "job", String(i)));
  });
  const { errors, errorCount } = new WriteRequestDecoder().decodeMessage(block);
  expect([errors.length, errorCount]).toEqual([ENTRY_ERRORS_MAX, 100]);
});

test("labels behind samples, unknown fields and unpacked numbers are read", () => {
  const block = message((writer) => {
    writer.message(1, () => {
      writer.uint32(99, 7);
      writeLabel(writer, "__name__", "a");
      writeSample(writer, 1, 5);
      writeLabel(writer, "z", "1");
      writer.message(4, () => {
        writer.int64(1, 3);
        writer.message(11, () => writer.uint32(2, 2));
        // Zigzag 2 and 1, one field each: deltas 1 and −1… and so counts 1 and 0.
        writer.uint32(12, 2);
        writer.uint32(12, 1);
        writer.int64(15, 9);
      });
    });
    writer.string(50, "ignored");
  });
  const decoded = new WriteRequestDecoder().decodeMessage(block);
  expect(decoded.labels.map(String)).toEqual(['a{z="1"}']);
  expect(decoded.histograms).toMatchObject([{ timeMs: 9, value: { positiveCounts: Float64Array.of(1, 0) } }]);
});

test("a stale histogram becomes a stale sample", () => {
  const stale = new Float64Array(1);
  setStaleAt(wordsOf(stale), 0);
  const block = message((writer) => {
    writer.message(1, () => {
      writeLabel(writer, "__name__", "h");
      writer.message(4, () => {
        writer.doubleFrom(3, wordsOf(stale), 0);
        writer.int64(15, 77);
      });
    });
  });
  const decoded = new WriteRequestDecoder().decodeMessage(block);
  expect(decoded.histograms).toEqual([]);
  expect([...decoded.sampleTimes]).toEqual([77]);
  expect(isStaleAt(wordsOf(decoded.sampleValues), 0)).toBe(true);
});

test.each<[string, Partial<Histogram>, string]>([
  ["schema", { schema: 9 }, "has schema 9; known are -4 to 8 and -53"],
  ["spans", { positiveSpans: [{ offset: 0, length: 2 }] }, "positive spans have 2 buckets, its counts are 3"],
  ["huge span", { positiveSpans: [{ offset: 0, length: 4_000_000_000 }] }, "have 4000000000 buckets"],
  [
    "overlap",
    {
      positiveSpans: [
        { offset: 0, length: 2 },
        { offset: -1, length: 1 },
      ],
    },
    "begins inside",
  ],
  ["negative", { positiveCounts: Float64Array.of(1, -1, 0) }, "a bucket count below 0"],
  ["bounds", { schema: -53, customBounds: Float64Array.of(1, 1) }, "custom bounds do not ascend: 1, 1"],
])("a histogram with bad %s is left out with its reason", (_, change, problem) => {
  const block = message((writer) => {
    writer.message(1, () => {
      writeLabel(writer, "__name__", "h");
      writer.message(4, () =>
        writeHistogram(writer, { ...INTEGER_HISTOGRAM, ...change }, { timeMs: 1, startTimeMs: 0 }),
      );
      writeSample(writer, 1, 1);
    });
  });
  const decoded = new WriteRequestDecoder().decodeMessage(block);
  expect(decoded.histograms).toEqual([]);
  expect([...decoded.sampleValues]).toEqual([1]);
  expect(decoded.errors[0]?.message).toContain(problem);
});

/** A request of version 2 with one of everything. */
function messageV2(refs: readonly number[] = [1, 2, 3, 4]): Uint8Array {
  return message((writer) => {
    writer.message(5, () => {
      for (const ref of refs) writer.uint32(1, ref);
      writer.message(2, () => {
        writer.double(1, 1.5);
        writer.int64(2, 1000);
        writer.int64(3, 500);
      });
      writeSample(writer, 2.5, 2000);
      writer.message(3, () => writeHistogram(writer, INTEGER_HISTOGRAM, { timeMs: 3000, startTimeMs: 400 }));
      writer.message(4, () => {
        writer.packedSint64(1, []);
        writer.double(2, 7);
        writer.int64(3, 1500);
      });
      writer.message(5, () => {
        writer.uint32(1, 1);
        writer.uint32(3, 5);
        writer.uint32(4, 0);
      });
      writer.int64(6, 300);
    });
    for (const symbol of ["", "__name__", "a_total", "job", "x", "the help"]) writer.string(4, symbol);
  });
}

test("version 2: symbols, start times, metadata in the series", () => {
  const decoded = decodeWriteRequestV2(snappyCompress(messageV2()));
  expect(decoded.labels.map(String)).toEqual(['a_total{job="x"}']);
  expect([...decoded.sampleTimes]).toEqual([1000, 2000]);
  expect([...(decoded.sampleStartTimes ?? [])]).toEqual([500, 300]);
  expect(decoded.histograms).toEqual([
    { series: 0, timeMs: 3000, startTimeMs: 400, value: INTEGER_HISTOGRAM },
  ]);
  expect(decoded.exemplars).toEqual([{ series: 0, labels: Labels.EMPTY, value: 7, timeMs: 1500 }]);
  expect(decoded.metadata).toEqual([{ metric: "a_total", type: "counter", help: "the help", unit: "" }]);
});

test.each([
  [[1, 2, 3], "3 label references: each name needs a value"],
  [[1, 2, 3, 99], "label reference 99 is past the 6 symbols"],
  [[3, 4], "has no metric name"],
])("version 2: references %j", (refs, problem) => {
  const decoded = decodeWriteMessageV2(messageV2(refs));
  expect(decoded.labels).toEqual([]);
  expect(decoded.sampleTimes).toHaveLength(0);
  expect(decoded.errors[0]?.message).toContain(problem);
});

test("a message cut off or changed at any byte is decoded or refused, never worse", () => {
  const good = new WriteRequestEncoder().encodeMessage(randomRequest(seededRandom(5))).slice();
  const random = seededRandom(11);
  for (const [bytes, decode] of [
    [good, (cut: Uint8Array) => new WriteRequestDecoder().decodeMessage(cut)],
    [messageV2(), decodeWriteMessageV2],
  ] as const) {
    let refused = 0;
    for (let length = 0; length < bytes.length; length++)
      refused += attempt(() => decode(bytes.subarray(0, length)));
    for (let i = 0; i < 4000; i++) {
      const changed = bytes.slice();
      for (let edits = 0; edits <= random.below(3); edits++) {
        changed[random.below(changed.length)] = random.below(256);
      }
      refused += attempt(() => decode(changed));
    }
    expect(refused).toBeGreaterThan(bytes.length / 2);
  }
});

function attempt(decode: () => unknown): number {
  try {
    decode();
    return 0;
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    expect(error.code).toBe("BAD_BODY");
    expect(error.message).toMatch(/malformed at byte \d+: /);
    return 1;
  }
}

test.each([
  ["nothing", Uint8Array.of(), "it begins with no length"],
  ["an endless length", Uint8Array.of(255, 255, 255, 255, 255), "it begins with no length"],
  ["text", Buffer.from("hello, this is no snappy"), "not a snappy block"],
  ["a cut block", snappyCompress(Buffer.alloc(1000, "ab")).subarray(0, 8), "not a snappy block"],
])("%s is no snappy block", (_, block, problem) => {
  expect(() => snappyDecompress(block)).toThrow(problem);
  expect(() => snappyDecompress(block)).toThrow(expect.objectContaining({ code: "BAD_BODY" }) as Error);
});

test("a block that would become too long is refused before it is decompressed", () => {
  const block = snappyCompress(new Uint8Array(1_000_000));
  expect(() => snappyDecompress(block, { bytesMax: 999_999 })).toThrow(
    "a body of 1000000 bytes after decompression is over the limit of 999999",
  );
  expect(snappyDecompress(block, { bytesMax: 1_000_000 })).toHaveLength(1_000_000);
  // It claims 4 GiB and holds nothing.
  const bomb = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0);
  expect(() => snappyDecompress(bomb)).toThrow(expect.objectContaining({ code: "BODY_TOO_LARGE" }) as Error);
});
