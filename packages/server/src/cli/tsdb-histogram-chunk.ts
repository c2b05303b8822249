/**
 * Decodes Prometheus's chunks of native histograms, of integers (encoding 2) and of floats (3). All
 * histograms of a chunk have one layout. A varbit is ones that say how many bits follow.
 *
 *     u16 samples │ u8, its two highest bits the reset hint │ layout │ first │ next …
 *     layout     zero threshold │ varbit schema │ positive spans │ negative spans │ bounds, with schema −53
 *     threshold  u8: 0 none │ 255: f64 │ else 2^(u8 − 244)
 *     spans      varbit count │ varbit length, varbit offset …
 *     bounds     varbit count │ varbit: 0: f64 │ else (varbit − 1) / 1000 …
 *     integers   first: varbit time, count, zero count │ f64 sum │ varbit bucket …
 *                next: varbits, second differences of time, count, zero count │ sum as an exclusive-or
 *                │ varbit second difference of a bucket …   (a bucket is the difference to the one before)
 *     floats     first: varbit time │ f64 count, zero count, sum, bucket …
 *                next: varbit second difference of time │ count, zero count, sum, buckets as exclusive-or
 */
import { BinnacleError, CUSTOM_BUCKETS_SCHEMA, type Histogram, type Span } from "@binnacle/model";
import { BitReader, XorValue } from "./tsdb-bit-reader.ts";

/** More buckets than this are no histogram's. */
const BUCKETS_MAX = 65_536;
const STALE_BITS = 0x7ff0000000000002n;
const HINTS = ["unknown", "not_reset", "reset", "gauge"] as const;
const HEADER_BYTES = 3;

export interface HistogramChunkSample {
  readonly timeMs: number;
  /** Undefined for a staleness marker. */
  readonly value: Histogram | undefined;
}

type Layout = Pick<
  Histogram,
  "schema" | "zeroThreshold" | "positiveSpans" | "negativeSpans" | "customBounds"
> & { readonly positiveCount: number; readonly negativeCount: number };

/** Numbers of one sample, as a chunk has them. */
interface Numbers {
  readonly count: number;
  readonly zeroCount: number;
  readonly counts: Float64Array;
}

/** Throws BAD_BODY that begins with `place` where it is not what it should be. */
export function decodeHistogramChunk(
  data: Buffer,
  isInteger: boolean,
  place: string,
): readonly HistogramChunkSample[] {
  if (data.length < HEADER_BYTES)
    throw new BinnacleError("BAD_BODY", `${place}: a chunk of ${data.length} bytes`);
  const bits = new BitReader(data, HEADER_BYTES, place);
  const count = data.readUInt16BE(0);
  const header = HINTS[data[2]! >>> 6]!;
  if (count === 0) return [];
  const layout = readLayout(bits);
  const sum = new XorValue();
  const numbers = isInteger ? new Integers(layout) : new Floats(layout);
  const samples: HistogramChunkSample[] = [];
  let timeMs = 0n;
  let delta = 0n;
  for (let i = 0; i < count; i++) {
    if (i === 0) timeMs = bits.varbit();
    else timeMs += delta += bits.varbit();
    numbers.readCounts(bits, i === 0);
    if (i === 0) sum.readFirst(bits);
    else sum.readNext(bits);
    const isStale = sum.bits === STALE_BITS;
    if (!isStale) numbers.readBuckets(bits, i === 0);
    // What the first of a chunk follows is in another.
    const hint = header === "gauge" ? header : i > 0 ? "not_reset" : header === "reset" ? header : "unknown";
    const { positiveCount: _, negativeCount: __, ...shape } = layout;
    const { counts, ...totals } = numbers.current;
    const value: Histogram = {
      ...shape,
      ...totals,
      isInteger,
      counterResetHint: hint,
      sum: sum.value,
      positiveCounts: counts.slice(0, layout.positiveCount),
      negativeCounts: counts.slice(layout.positiveCount),
    };
    samples.push({ timeMs: Number(timeMs), value: isStale ? undefined : value });
  }
  return samples;
}

/** A number that is written as its second difference. */
class Steady {
  value = 0n;
  #delta = 0n;

  first(value: bigint): void {
    this.value = value;
  }

  next(secondDifference: bigint): void {
    this.#delta += secondDifference;
    this.value += this.#delta;
  }
}

class Integers {
  readonly #count = new Steady();
  readonly #zeroCount = new Steady();
  readonly #buckets: readonly Steady[];
  readonly #positiveCount: number;

  constructor({ positiveCount, negativeCount }: Layout) {
    this.#positiveCount = positiveCount;
    this.#buckets = Array.from({ length: positiveCount + negativeCount }, () => new Steady());
  }

  readCounts(bits: BitReader, isFirst: boolean): void {
    for (const number of [this.#count, this.#zeroCount]) {
      if (isFirst) number.first(bits.varbitUnsigned());
      else number.next(bits.varbit());
    }
  }

  readBuckets(bits: BitReader, isFirst: boolean): void {
    for (const bucket of this.#buckets) {
      if (isFirst) bucket.first(bits.varbit());
      else bucket.next(bits.varbit());
    }
  }

  get current(): Numbers {
    let count = 0n;
    const counts = Float64Array.from(this.#buckets, ({ value }, i) => {
      count = i === this.#positiveCount ? value : count + value;
      return Number(count);
    });
    return { count: Number(this.#count.value), zeroCount: Number(this.#zeroCount.value), counts };
  }
}

class Floats {
  readonly #count = new XorValue();
  readonly #zeroCount = new XorValue();
  readonly #buckets: readonly XorValue[];

  constructor({ positiveCount, negativeCount }: Layout) {
    this.#buckets = Array.from({ length: positiveCount + negativeCount }, () => new XorValue());
  }

  readCounts(bits: BitReader, isFirst: boolean): void {
    readAll([this.#count, this.#zeroCount], bits, isFirst);
  }

  readBuckets(bits: BitReader, isFirst: boolean): void {
    readAll(this.#buckets, bits, isFirst);
  }

  get current(): Numbers {
    const counts = Float64Array.from(this.#buckets, ({ value }) => value);
    return { count: this.#count.value, zeroCount: this.#zeroCount.value, counts };
  }
}

function readAll(values: readonly XorValue[], bits: BitReader, isFirst: boolean): void {
  for (const value of values) {
    if (isFirst) value.readFirst(bits);
    else value.readNext(bits);
  }
}

function readLayout(bits: BitReader): Layout {
  const zeroThreshold = readThreshold(bits);
  const schema = Number(bits.varbit());
  const isCustom = schema === CUSTOM_BUCKETS_SCHEMA;
  if (!isCustom && (schema < -4 || schema > 8)) bits.fail(`schema ${schema}`);
  const [positiveSpans, positiveCount] = readSpans(bits);
  const [negativeSpans, negativeCount] = readSpans(bits);
  const customBounds = isCustom ? readBounds(bits) : undefined;
  const shape = { schema, zeroThreshold, positiveSpans, negativeSpans, customBounds };
  return { ...shape, positiveCount, negativeCount };
}

function readThreshold(bits: BitReader): number {
  const first = Number(bits.read(8));
  if (first === 0) return 0;
  return first === 255 ? bits.double() : 2 ** (first - 244);
}

function readSpans(bits: BitReader): [spans: Span[], buckets: number] {
  const count = bits.count(BUCKETS_MAX, "spans");
  const spans: Span[] = [];
  let buckets = 0;
  for (let i = 0; i < count; i++) {
    const length = bits.count(BUCKETS_MAX - buckets, "buckets");
    spans.push({ offset: Number(bits.varbit()), length });
    buckets += length;
  }
  return [spans, buckets];
}

function readBounds(bits: BitReader): Float64Array {
  const bounds = new Float64Array(bits.count(BUCKETS_MAX, "bounds"));
  for (let i = 0; i < bounds.length; i++) {
    const thousandths = bits.varbitUnsigned();
    bounds[i] = thousandths === 0n ? bits.double() : Number(thousandths - 1n) / 1000;
  }
  return bounds;
}
