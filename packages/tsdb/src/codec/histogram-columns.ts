/**
 * The native histograms of one chunk as columns: what does not change over time is written once, and each
 * bucket is a column of its own, so that a sample costs what its buckets changed by.
 *
 *     layouts    varint count │ layout: u8 flags (bit 0 integer, bit 1 custom bounds) │ zigzag schema
 *                │ 8 bytes zero threshold │ positive spans │ negative spans │ varint bounds, 8 bytes …
 *     spans      varint count │ zigzag offset, varint length …
 *     runs       varint count │ varint layout, varint samples …       which layout samples have
 *     hints      varint count │ u8 hint, varint samples …
 *     form       u8: 0, or 1 where counts are written as they are
 *     columns    sum │ zero count │ count │ bucket …                   codec/values.ts
 *
 * A bucket is told by schema, side and index; its column has the samples whose layout has that bucket, and
 * columns stand in the order in which the layouts name their buckets first. In form 0 the count of an integer
 * histogram is written less its zero count and all its buckets: that is 0, unless some observations were NaN.
 */
import { wordsOf, type Histogram, type Span } from "@binnacle/model";
import type { ByteReader, ByteWriter } from "../bytes.ts";
import { HISTOGRAM_BUCKETS_MAX } from "../limits.ts";
import { HINTS } from "./histogram.ts";
import { decodeValues, encodeValues } from "./values.ts";

const INTEGER = 1;
const CUSTOM = 2;
const SIDE_STRIDE = 2 ** 40;

/** What histograms of one shape share. */
interface Layout {
  readonly isInteger: boolean;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly positiveSpans: readonly Span[];
  readonly negativeSpans: readonly Span[];
  readonly customBounds: Float64Array | undefined;
  /** Columns of the buckets, first those of the positive side. */
  readonly columns: Uint32Array;
  readonly positiveCount: number;
}

interface Run {
  readonly what: number;
  length: number;
}

/** Numbers the buckets of layouts as they are first named. */
class BucketNumbers {
  readonly #bySchema = new Map<number, Map<number, number>>();
  count = 0;

  of(schema: number, positiveSpans: readonly Span[], negativeSpans: readonly Span[]): Uint32Array {
    let known = this.#bySchema.get(schema);
    if (known === undefined) this.#bySchema.set(schema, (known = new Map()));
    const columns: number[] = [];
    for (const [side, spans] of [positiveSpans, negativeSpans].entries()) {
      let index = 0;
      for (const { offset, length } of spans) {
        index += offset;
        for (let i = 0; i < length; i++, index++) {
          const bucket = index + side * SIDE_STRIDE;
          let column = known.get(bucket);
          if (column === undefined) known.set(bucket, (column = this.count++));
          columns.push(column);
        }
      }
    }
    return Uint32Array.from(columns);
  }
}

/** Values as they come. */
class Column {
  #values = new Float64Array(64);
  #length = 0;

  /** What was pushed, as a view. */
  view(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  write(writer: ByteWriter): void {
    encodeValues(writer, wordsOf(this.#values), this.#length);
  }
}

/** `histograms` are what histogramToBytes takes; at least one. */
export function encodeHistograms(writer: ByteWriter, histograms: readonly Histogram[]): void {
  const layouts: Layout[] = [];
  const layoutRuns: Run[] = [];
  const hintRuns: Run[] = [];
  const buckets = new BucketNumbers();
  const sums = new Column();
  const zeros = new Column();
  const counts = new Column();
  /** Of each sample, what its buckets add up to, or 0 where its count stands for itself. */
  const foretold = new Column();
  const columns: Column[] = [];
  let isForetold = true;
  let last = -1;
  for (const histogram of histograms) {
    if (last < 0 || !hasLayout(histogram, layouts[last]!)) {
      last = layouts.findIndex((layout) => hasLayout(histogram, layout));
      if (last < 0) last = layouts.push(layoutOf(histogram, buckets)) - 1;
      while (columns.length < buckets.count) columns.push(new Column());
    }
    countRun(layoutRuns, last);
    countRun(hintRuns, HINTS.indexOf(histogram.counterResetHint));
    const layout = layouts[last]!;
    const { positiveCounts, negativeCounts } = histogram;
    let total = histogram.zeroCount;
    for (let i = 0; i < layout.columns.length; i++) {
      const { positiveCount } = layout;
      const value = i < positiveCount ? positiveCounts[i]! : negativeCounts[i - positiveCount]!;
      columns[layout.columns[i]!]!.push(value);
      total += value;
    }
    sums.push(histogram.sum);
    zeros.push(histogram.zeroCount);
    counts.push(histogram.count);
    foretold.push(layout.isInteger ? total : 0);
    // Past it sums are not exact.
    if (layout.isInteger && total > Number.MAX_SAFE_INTEGER) isForetold = false;
  }
  if (isForetold) {
    const values = counts.view();
    for (const [i, total] of foretold.view().entries()) if (total !== 0) values[i]! -= total;
  }
  writer.varint(layouts.length);
  for (const layout of layouts) writeLayout(writer, layout);
  writeRuns(writer, layoutRuns);
  writeRuns(writer, hintRuns);
  writer.u8(isForetold ? 0 : 1);
  for (const column of [sums, zeros, counts, ...columns]) column.write(writer);
}

/** Throws CORRUPT_DATA. */
export function decodeHistograms(reader: ByteReader, count: number): Histogram[] {
  const layoutCount = reader.count(count, "layouts of histograms");
  const buckets = new BucketNumbers();
  const layouts: Layout[] = [];
  for (let i = 0; i < layoutCount; i++) layouts.push(readLayout(reader, buckets));
  const layoutOfSample = readRuns(reader, count, layouts.length);
  const hintOfSample = readRuns(reader, count, HINTS.length);
  const form = reader.u8();
  if (form > 1) reader.fail(`form ${form} of counts`);
  const sums = readColumn(reader, count);
  const zeros = readColumn(reader, count);
  const counts = readColumn(reader, count);
  const lengths = new Uint32Array(buckets.count);
  for (const layout of layoutOfSample) for (const column of layouts[layout]!.columns) lengths[column]!++;
  const columns = Array.from(lengths, (length) => readColumn(reader, length));
  const next = new Uint32Array(buckets.count);
  const histograms: Histogram[] = [];
  for (let i = 0; i < count; i++) {
    const layout = layouts[layoutOfSample[i]!]!;
    const { columns: own, positiveCount } = layout;
    const positiveCounts = new Float64Array(positiveCount);
    const negativeCounts = new Float64Array(own.length - positiveCount);
    const isForetold = form === 0 && layout.isInteger;
    let total = zeros[i]!;
    for (let b = 0; b < own.length; b++) {
      const column = own[b]!;
      const value = columns[column]![next[column]!++]!;
      if (b < positiveCount) positiveCounts[b] = value;
      else negativeCounts[b - positiveCount] = value;
      total += value;
    }
    histograms.push({
      schema: layout.schema,
      isInteger: layout.isInteger,
      counterResetHint: HINTS[hintOfSample[i]!]!,
      count: isForetold ? counts[i]! + total : counts[i]!,
      sum: sums[i]!,
      zeroThreshold: layout.zeroThreshold,
      zeroCount: zeros[i]!,
      positiveSpans: layout.positiveSpans,
      positiveCounts,
      negativeSpans: layout.negativeSpans,
      negativeCounts,
      customBounds: layout.customBounds,
    });
  }
  return histograms;
}

function layoutOf(histogram: Histogram, buckets: BucketNumbers): Layout {
  const { schema, positiveSpans, negativeSpans } = histogram;
  const columns = buckets.of(schema, positiveSpans, negativeSpans);
  return { ...histogram, columns, positiveCount: histogram.positiveCounts.length };
}

function hasLayout(histogram: Histogram, layout: Layout): boolean {
  return (
    histogram.schema === layout.schema &&
    histogram.isInteger === layout.isInteger &&
    Object.is(histogram.zeroThreshold, layout.zeroThreshold) &&
    sameSpans(histogram.positiveSpans, layout.positiveSpans) &&
    sameSpans(histogram.negativeSpans, layout.negativeSpans) &&
    sameBounds(histogram.customBounds, layout.customBounds)
  );
}

function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every((span, i) => span.offset === b[i]!.offset && span.length === b[i]!.length);
}

function sameBounds(a: Float64Array | undefined, b: Float64Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((bound, i) => Object.is(bound, b[i]));
}

function writeLayout(writer: ByteWriter, layout: Layout): void {
  const { customBounds } = layout;
  writer.u8((layout.isInteger ? INTEGER : 0) | (customBounds === undefined ? 0 : CUSTOM));
  writer.zigzag(layout.schema);
  writer.f64(layout.zeroThreshold);
  for (const spans of [layout.positiveSpans, layout.negativeSpans]) {
    writer.varint(spans.length);
    for (const { offset, length } of spans) {
      writer.zigzag(offset);
      writer.varint(length);
    }
  }
  if (customBounds === undefined) return;
  writer.varint(customBounds.length);
  for (const bound of customBounds) writer.f64(bound);
}

function readLayout(reader: ByteReader, buckets: BucketNumbers): Layout {
  const flags = reader.u8();
  if (flags > (INTEGER | CUSTOM)) reader.fail(`layout flags ${flags}`);
  const schema = reader.zigzag();
  const zeroThreshold = reader.f64();
  const [positiveSpans, positiveCount] = readSpans(reader);
  const [negativeSpans] = readSpans(reader);
  let customBounds: Float64Array | undefined;
  if ((flags & CUSTOM) !== 0) {
    customBounds = new Float64Array(reader.count(HISTOGRAM_BUCKETS_MAX, "custom bounds"));
    for (let i = 0; i < customBounds.length; i++) customBounds[i] = reader.f64();
  }
  const columns = buckets.of(schema, positiveSpans, negativeSpans);
  const isInteger = (flags & INTEGER) !== 0;
  return {
    isInteger,
    schema,
    zeroThreshold,
    positiveSpans,
    negativeSpans,
    customBounds,
    columns,
    positiveCount,
  };
}

function readSpans(reader: ByteReader): [spans: Span[], buckets: number] {
  const spans: Span[] = [];
  let buckets = 0;
  const count = reader.count(HISTOGRAM_BUCKETS_MAX, "spans");
  for (let i = 0; i < count; i++) {
    const offset = reader.zigzag();
    const length = reader.count(HISTOGRAM_BUCKETS_MAX - buckets, "buckets");
    spans.push({ offset, length });
    buckets += length;
  }
  return [spans, buckets];
}

function countRun(runs: Run[], what: number): void {
  const last = runs.at(-1);
  if (last !== undefined && last.what === what) last.length++;
  else runs.push({ what, length: 1 });
}

function writeRuns(writer: ByteWriter, runs: readonly Run[]): void {
  writer.varint(runs.length);
  for (const { what, length } of runs) {
    writer.varint(what);
    writer.varint(length);
  }
}

/** What each of `count` samples has, a number below `limit`. */
function readRuns(reader: ByteReader, count: number, limit: number): Uint32Array {
  const all = new Uint32Array(count);
  const runs = reader.count(count, "runs of histograms");
  let at = 0;
  for (let i = 0; i < runs; i++) {
    const what = reader.count(limit - 1, "as a run's kind");
    const length = reader.count(count - at, "histograms in a run");
    all.fill(what, at, at + length);
    at += length;
  }
  if (at !== count) reader.fail(`runs of ${at} histograms, of ${count}`);
  return all;
}

function readColumn(reader: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count);
  decodeValues(reader, count, wordsOf(values), 0);
  return values;
}
