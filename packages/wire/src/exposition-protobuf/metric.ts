/**
 * One metric of Prometheus's protobuf exposition, message io.prometheus.client.Metric:
 * https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */
import { type CounterResetHint, type Histogram, Labels, type Span } from "@binnacle/model";
import { histogramProblem } from "../native-histogram/check.ts";
import { readPair } from "../protobuf/pair.ts";
import type { ProtobufReader } from "../protobuf/reader.ts";
import { readSpan } from "../remote-write/histogram.ts";

export interface ProtobufExemplar {
  readonly labels: Labels;
  readonly value: number;
  /** Unix ms, or NaN where none is given. */
  readonly timeMs: number;
}

export interface ProtobufMetric {
  /** name, value, name, value, … */
  readonly labels: readonly string[];
  /** Unix ms, or NaN where none is given. */
  readonly timeMs: number;
  readonly value:
    | { readonly kind: "number"; readonly value: number; readonly exemplar: ProtobufExemplar | undefined }
    | {
        readonly kind: "summary";
        readonly count: number;
        readonly sum: number;
        readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
      }
    | ({ readonly kind: "histogram" } & ProtobufHistogram)
    | undefined;
  /** Unix ms, 0 = unknown. */
  readonly startTimeMs: number;
}

export interface ProtobufHistogram {
  readonly count: number;
  readonly sum: number;
  readonly isFloat: boolean;
  readonly buckets: readonly ProtobufBucket[];
  /** Undefined where the metric has classic buckets only. */
  readonly native: Histogram | undefined;
  readonly exemplars: readonly ProtobufExemplar[];
}

export interface ProtobufBucket {
  /** Upper bound, inclusive. */
  readonly bound: number;
  /** Of all buckets up to this one. */
  readonly cumulative: number;
  readonly exemplar: ProtobufExemplar | undefined;
}

/**
 * Reads the metric that is the value of the field. `hint` is what the family's type says of native
 * histograms.
 */
export function readMetric(reader: ProtobufReader, hint: CounterResetHint): ProtobufMetric {
  const labels: string[] = [];
  let timeMs = Number.NaN;
  let startTimeMs = 0;
  let value: ProtobufMetric["value"];
  inside(reader, (field) => {
    if (field === 1) readPair(reader, labels);
    else if (field === 2 || field === 5) value = readNumber(reader).value;
    else if (field === 3) ({ value, startTimeMs } = readNumber(reader));
    else if (field === 4) ({ value, startTimeMs } = readSummary(reader));
    else if (field === 6) timeMs = reader.int64();
    else if (field === 7) ({ value, startTimeMs } = readHistogram(reader, hint));
    else reader.skip();
  });
  return { labels, timeMs, value, startTimeMs };
}

interface Started {
  readonly value: ProtobufMetric["value"];
  readonly startTimeMs: number;
}

/** Counter, gauge and untyped: the latter have but the value. */
function readNumber(reader: ProtobufReader): Started {
  let value = 0;
  let exemplar: ProtobufExemplar | undefined;
  let startTimeMs = 0;
  inside(reader, (field) => {
    if (field === 1) value = reader.double();
    else if (field === 2) exemplar = readExemplar(reader);
    else if (field === 3) startTimeMs = readTimestamp(reader);
    else reader.skip();
  });
  return { value: { kind: "number", value, exemplar }, startTimeMs };
}

function readSummary(reader: ProtobufReader): Started {
  let count = 0;
  let sum = 0;
  let startTimeMs = 0;
  const quantiles: { quantile: number; value: number }[] = [];
  inside(reader, (field) => {
    if (field === 1) count = reader.uint64();
    else if (field === 2) sum = reader.double();
    else if (field === 3) {
      const at = { quantile: 0, value: 0 };
      inside(reader, (inner) => {
        if (inner === 1) at.quantile = reader.double();
        else if (inner === 2) at.value = reader.double();
        else reader.skip();
      });
      quantiles.push(at);
    } else if (field === 4) startTimeMs = readTimestamp(reader);
    else reader.skip();
  });
  return { value: { kind: "summary", count, sum, quantiles }, startTimeMs };
}

interface Side {
  readonly spans: Span[];
  readonly deltas: number[];
  readonly counts: number[];
}

function readHistogram(reader: ProtobufReader, hint: CounterResetHint): Started {
  const buckets: ProtobufBucket[] = [];
  const exemplars: ProtobufExemplar[] = [];
  const negative: Side = { spans: [], deltas: [], counts: [] };
  const positive: Side = { spans: [], deltas: [], counts: [] };
  let count = 0;
  let countFloat = 0;
  let sum = 0;
  let schema = 0;
  let zeroThreshold = 0;
  let zeroCount = 0;
  let zeroCountFloat = 0;
  let startTimeMs = 0;
  inside(reader, (field) => {
    if (field === 1) count = reader.uint64();
    else if (field === 2) sum = reader.double();
    else if (field === 3) buckets.push(readBucket(reader));
    else if (field === 4) countFloat = reader.double();
    else if (field === 5) schema = reader.sint32();
    else if (field === 6) zeroThreshold = reader.double();
    else if (field === 7) zeroCount = reader.uint64();
    else if (field === 8) zeroCountFloat = reader.double();
    else if (field === 9) negative.spans.push(readSpan(reader));
    else if (field === 10) reader.repeated(negative.deltas, "sint64");
    else if (field === 11) reader.repeated(negative.counts, "double");
    else if (field === 12) positive.spans.push(readSpan(reader));
    else if (field === 13) reader.repeated(positive.deltas, "sint64");
    else if (field === 14) reader.repeated(positive.counts, "double");
    else if (field === 15) startTimeMs = readTimestamp(reader);
    else if (field === 16) exemplars.push(readExemplar(reader));
    else reader.skip();
  });
  const isFloat = countFloat > 0 || zeroCountFloat > 0;
  const isNative = zeroThreshold > 0 || zeroCount > 0 || positive.spans.length + negative.spans.length > 0;
  const total = isFloat ? countFloat : count;
  const native: Histogram | undefined = isNative
    ? {
        schema,
        isInteger: !isFloat,
        counterResetHint: hint,
        count: total,
        sum,
        zeroThreshold,
        zeroCount: isFloat ? zeroCountFloat : zeroCount,
        // An empty histogram shows that it is native by a span of no buckets.
        positiveSpans: positive.spans.filter(({ length }) => length > 0 || positive.spans.length > 1),
        positiveCounts: countsOf(positive, isFloat),
        negativeSpans: negative.spans.filter(({ length }) => length > 0 || negative.spans.length > 1),
        negativeCounts: countsOf(negative, isFloat),
        customBounds: undefined,
      }
    : undefined;
  const problem = native === undefined ? undefined : histogramProblem(native);
  if (problem !== undefined) reader.fail(problem);
  return {
    value: { kind: "histogram", count: total, sum, isFloat, buckets, native, exemplars },
    startTimeMs,
  };
}

function countsOf({ deltas, counts }: Side, isFloat: boolean): Float64Array {
  if (isFloat) return Float64Array.from(counts);
  let count = 0;
  return Float64Array.from(deltas, (delta) => (count += delta));
}

function readBucket(reader: ProtobufReader): ProtobufBucket {
  let cumulative = 0;
  let bound = 0;
  let exemplar: ProtobufExemplar | undefined;
  inside(reader, (field) => {
    if (field === 1) cumulative = Math.max(cumulative, reader.uint64());
    else if (field === 2) bound = reader.double();
    else if (field === 3) exemplar = readExemplar(reader);
    else if (field === 4) cumulative = Math.max(cumulative, reader.double());
    else reader.skip();
  });
  return { bound, cumulative, exemplar };
}

function readExemplar(reader: ProtobufReader): ProtobufExemplar {
  const pairs: string[] = [];
  let value = 0;
  let timeMs = Number.NaN;
  inside(reader, (field) => {
    if (field === 1) readPair(reader, pairs);
    else if (field === 2) value = reader.double();
    else if (field === 3) timeMs = readTimestamp(reader);
    else reader.skip();
  });
  const entries: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i]!, pairs[i + 1]!]);
  return { labels: Labels.from(entries), value, timeMs };
}

/** google.protobuf.Timestamp, in Unix ms. */
function readTimestamp(reader: ProtobufReader): number {
  let seconds = 0;
  let nanos = 0;
  inside(reader, (field) => {
    if (field === 1) seconds = reader.int64();
    else if (field === 2) nanos = reader.int64();
    else reader.skip();
  });
  return seconds * 1000 + Math.trunc(nanos / 1_000_000);
}

/** Reads the message that is the value of the field, field by field. */
function inside(reader: ProtobufReader, take: (field: number) => void): void {
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) take(field);
  reader.leave(outerEnd);
}
