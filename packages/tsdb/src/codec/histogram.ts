/**
 * Native histograms as bytes, in full: each can be read by itself.
 *
 *     u8 flags (bit 0 integer, bits 1-2 reset hint, bit 3 custom bounds)  zigzag schema
 *     f64 sum, zeroThreshold
 *     count, zeroCount                      varints when integer, else f64
 *     varint spans: zigzag offset, varint length …    (positive, then negative)
 *     counts: zigzag of the difference to the bucket before when integer, else f64   (positive, negative)
 *     varint bounds, f64 …                  when custom
 */
import { BinnacleError, type CounterResetHint, type Histogram, type Span } from "@binnacle/model";
import { ByteReader, ByteWriter } from "../bytes.ts";
import { HISTOGRAM_BUCKETS_MAX } from "../limits.ts";

export const HINTS: readonly CounterResetHint[] = ["unknown", "reset", "not_reset", "gauge"];

export function encodeHistogram(writer: ByteWriter, histogram: Histogram): void {
  const { isInteger, customBounds } = histogram;
  const hint = HINTS.indexOf(histogram.counterResetHint);
  writer.u8((isInteger ? 1 : 0) | (hint << 1) | (customBounds === undefined ? 0 : 8));
  writer.zigzag(histogram.schema);
  writer.f64(histogram.sum);
  writer.f64(histogram.zeroThreshold);
  for (const count of [histogram.count, histogram.zeroCount]) {
    if (isInteger) writer.varint(count);
    else writer.f64(count);
  }
  writeBuckets(writer, histogram.positiveSpans, histogram.positiveCounts, isInteger);
  writeBuckets(writer, histogram.negativeSpans, histogram.negativeCounts, isInteger);
  if (customBounds === undefined) return;
  writer.varint(customBounds.length);
  for (const bound of customBounds) writer.f64(bound);
}

/** The same histogram as bytes of its own. Throws BAD_BODY when it cannot be one. */
export function histogramToBytes(histogram: Histogram): Uint8Array<ArrayBuffer> {
  const problem = histogramProblem(histogram);
  if (problem !== undefined)
    throw new BinnacleError("BAD_BODY", `a native histogram is malformed: ${problem}`);
  const writer = new ByteWriter(256);
  encodeHistogram(writer, histogram);
  return writer.take();
}

export function decodeHistogram(bytes: Uint8Array): Histogram {
  return readHistogram(new ByteReader(bytes, "a native histogram"));
}

export function readHistogram(reader: ByteReader): Histogram {
  const flags = reader.u8();
  if (flags > 15) reader.fail(`histogram flags ${flags}`);
  const isInteger = (flags & 1) !== 0;
  const schema = reader.zigzag();
  const sum = reader.f64();
  const zeroThreshold = reader.f64();
  const count = isInteger ? reader.varint() : reader.f64();
  const zeroCount = isInteger ? reader.varint() : reader.f64();
  const positive = readBuckets(reader, isInteger);
  const negative = readBuckets(reader, isInteger);
  let customBounds: Float64Array | undefined;
  if ((flags & 8) !== 0) {
    customBounds = new Float64Array(reader.count(HISTOGRAM_BUCKETS_MAX, "custom bounds"));
    for (let i = 0; i < customBounds.length; i++) customBounds[i] = reader.f64();
  }
  return {
    schema,
    isInteger,
    counterResetHint: HINTS[(flags >>> 1) & 3]!,
    count,
    sum,
    zeroThreshold,
    zeroCount,
    positiveSpans: positive.spans,
    positiveCounts: positive.counts,
    negativeSpans: negative.spans,
    negativeCounts: negative.counts,
    customBounds,
  };
}

function writeBuckets(
  writer: ByteWriter,
  spans: readonly Span[],
  counts: Float64Array,
  isInteger: boolean,
): void {
  writer.varint(spans.length);
  for (const span of spans) {
    writer.zigzag(span.offset);
    writer.varint(span.length);
  }
  let previous = 0;
  for (const count of counts) {
    if (isInteger) writer.zigzag(count - previous);
    else writer.f64(count);
    previous = count;
  }
}

function readBuckets(reader: ByteReader, isInteger: boolean): { spans: Span[]; counts: Float64Array } {
  const spans: Span[] = [];
  let buckets = 0;
  const spanCount = reader.count(HISTOGRAM_BUCKETS_MAX, "spans");
  for (let i = 0; i < spanCount; i++) {
    const offset = reader.zigzag();
    const length = reader.count(HISTOGRAM_BUCKETS_MAX, "buckets");
    spans.push({ offset, length });
    buckets += length;
    if (buckets > HISTOGRAM_BUCKETS_MAX) reader.fail(`over ${HISTOGRAM_BUCKETS_MAX} buckets`);
  }
  const counts = new Float64Array(buckets);
  let previous = 0;
  for (let i = 0; i < buckets; i++)
    counts[i] = previous = isInteger ? previous + reader.zigzag() : reader.f64();
  return { spans, counts };
}

/** What keeps a histogram from being stored: its parts must agree with each other. */
function histogramProblem(histogram: Histogram): string | undefined {
  const sides = [
    ["positive", histogram.positiveSpans, histogram.positiveCounts],
    ["negative", histogram.negativeSpans, histogram.negativeCounts],
  ] as const;
  for (const [side, spans, counts] of sides) {
    const length = spans.reduce((sum, span) => sum + span.length, 0);
    if (length !== counts.length) return `${side} spans of ${length} buckets, ${counts.length} counts`;
    if (length > HISTOGRAM_BUCKETS_MAX) return `${length} buckets, at most ${HISTOGRAM_BUCKETS_MAX} are kept`;
    if (histogram.isInteger && !counts.every(isCount)) return `${side} counts that are not whole numbers`;
  }
  if (!histogram.isInteger) return undefined;
  return isCount(histogram.count) && isCount(histogram.zeroCount)
    ? undefined
    : "a count that is not a whole number";
}

function isCount(value: number): boolean {
  // 2^51, since differences of two counts must fit a signed varint.
  return Number.isInteger(value) && value >= 0 && value < 2 ** 51;
}
