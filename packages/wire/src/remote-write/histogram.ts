/** Native histograms as remote write spells them; both versions have the same message. */
import {
  assert,
  type CounterResetHint,
  CUSTOM_BUCKETS_SCHEMA,
  type Histogram,
  type Span,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
} from "@binnacle/model";
import { histogramProblem } from "../native-histogram/check.ts";
import type { ProtobufReader } from "../protobuf/reader.ts";
import type { ProtobufWriter } from "../protobuf/writer.ts";

export interface ReadHistogram {
  readonly timeMs: number;
  /** Unix ms, 0 = unknown. */
  readonly startTimeMs: number;
  /** Undefined for the staleness marker, which a histogram carries in its sum. */
  readonly value: Histogram | undefined;
  /** What is wrong with it, where something is. */
  readonly problem: string | undefined;
}

const HINTS: readonly CounterResetHint[] = ["unknown", "reset", "not_reset", "gauge"];
const NO_COUNTS = new Float64Array(0);

/** Reads the histogram message that the reader has entered. */
export function readHistogram(reader: ProtobufReader): ReadHistogram {
  let timeMs = 0;
  let startTimeMs = 0;
  let isInteger = false;
  let count = 0;
  let schema = 0;
  let zeroThreshold = 0;
  let zeroCount = 0;
  let hint = 0;
  const sumWords = new Uint32Array(2);
  const positive = { spans: [] as Span[], deltas: [] as number[], counts: [] as number[] };
  const negative = { spans: [] as Span[], deltas: [] as number[], counts: [] as number[] };
  const bounds: number[] = [];

  for (let field = reader.field(); field !== 0; field = reader.field()) {
    switch (field) {
      case 1:
        count = reader.uint64();
        isInteger = true;
        break;
      case 2:
        count = reader.double();
        break;
      case 3:
        reader.doubleInto(sumWords, 0);
        break;
      case 4:
        schema = reader.sint32();
        break;
      case 5:
        zeroThreshold = reader.double();
        break;
      case 6:
        zeroCount = reader.uint64();
        break;
      case 7:
        zeroCount = reader.double();
        break;
      case 8:
        negative.spans.push(readSpan(reader));
        break;
      case 9:
        reader.repeated(negative.deltas, "sint64");
        break;
      case 10:
        reader.repeated(negative.counts, "double");
        break;
      case 11:
        positive.spans.push(readSpan(reader));
        break;
      case 12:
        reader.repeated(positive.deltas, "sint64");
        break;
      case 13:
        reader.repeated(positive.counts, "double");
        break;
      case 14:
        hint = reader.uint32();
        break;
      case 15:
        timeMs = reader.int64();
        break;
      case 16:
        reader.repeated(bounds, "double");
        break;
      case 17:
        startTimeMs = reader.int64();
        break;
      default:
        reader.skip();
    }
  }

  if (sumWords[0] === STALE_NAN_LOW && sumWords[1] === STALE_NAN_HIGH) {
    return { timeMs, startTimeMs, value: undefined, problem: undefined };
  }
  const value: Histogram = {
    schema,
    isInteger,
    counterResetHint: HINTS[hint] ?? "unknown",
    count,
    sum: new Float64Array(sumWords.buffer)[0]!,
    zeroThreshold,
    zeroCount,
    positiveSpans: positive.spans,
    positiveCounts: countsOf(isInteger, positive),
    negativeSpans: negative.spans,
    negativeCounts: countsOf(isInteger, negative),
    customBounds: schema === CUSTOM_BUCKETS_SCHEMA ? Float64Array.from(bounds) : undefined,
  };
  return { timeMs, startTimeMs, value, problem: histogramProblem(value) };
}

/** Reads the span that is the value of the field. */
export function readSpan(reader: ProtobufReader): Span {
  const outerEnd = reader.enter();
  let offset = 0;
  let length = 0;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) offset = reader.sint32();
    else if (field === 2) length = reader.uint32();
    else reader.skip();
  }
  reader.leave(outerEnd);
  return { offset, length };
}

function countsOf(isInteger: boolean, side: { deltas: number[]; counts: number[] }): Float64Array {
  if (!isInteger) return side.counts.length === 0 ? NO_COUNTS : Float64Array.from(side.counts);
  let count = 0;
  return Float64Array.from(side.deltas, (delta) => (count += delta));
}

/** Writes a histogram's fields. */
export function writeHistogram(
  writer: ProtobufWriter,
  histogram: Histogram,
  times: { timeMs: number; startTimeMs: number },
): void {
  const { isInteger } = histogram;
  if (isInteger) writer.int64(1, histogram.count);
  else writer.double(2, histogram.count);
  writer.double(3, histogram.sum);
  writer.sint32(4, histogram.schema);
  writer.double(5, histogram.zeroThreshold);
  if (isInteger) writer.int64(6, histogram.zeroCount);
  else writer.double(7, histogram.zeroCount);
  writeSide(writer, { spans: 8, deltas: 9, counts: 10 }, histogram, "negative");
  writeSide(writer, { spans: 11, deltas: 12, counts: 13 }, histogram, "positive");
  const hint = HINTS.indexOf(histogram.counterResetHint);
  assert(hint >= 0, `unknown counter reset hint ${histogram.counterResetHint}`);
  if (hint > 0) writer.uint32(14, hint);
  writer.int64(15, times.timeMs);
  if (histogram.customBounds !== undefined) writer.packedDoubles(16, histogram.customBounds);
  if (times.startTimeMs !== 0) writer.int64(17, times.startTimeMs);
}

function writeSide(
  writer: ProtobufWriter,
  fields: { spans: number; deltas: number; counts: number },
  histogram: Histogram,
  side: "positive" | "negative",
): void {
  const counts = histogram[`${side}Counts`];
  for (const span of histogram[`${side}Spans`]) {
    writer.message(fields.spans, () => {
      if (span.offset !== 0) writer.sint32(1, span.offset);
      if (span.length !== 0) writer.uint32(2, span.length);
    });
  }
  if (counts.length === 0) return;
  if (histogram.isInteger) {
    writer.packedSint64(
      fields.deltas,
      Array.from(counts, (count, i) => count - (counts[i - 1] ?? 0)),
    );
  } else writer.packedDoubles(fields.counts, counts);
}
