/** Compares what a query gave with what a script expects. */
import {
  CUSTOM_BUCKETS_SCHEMA,
  isStaleAt,
  wordsOf,
  type CounterResetHint,
  type Histogram,
  type Labels,
} from "@binnacle/model";
import { formatHistogram } from "../engine/histogram/format.ts";
import { compact, fromModel, type Buckets } from "../engine/histogram/native-histogram.ts";
import { formatGeneral } from "../parser/index.ts";
import type { SampleValue } from "./memory-source.ts";

/** Relative difference that passes. */
const TOLERANCE = 1e-6;
const SMALLEST_NORMAL = 2.2250738585072014e-308;

export function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (a === b) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < TOLERANCE * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

export function sameValue(expected: SampleValue, got: number | Histogram): boolean {
  if (expected === "stale") return typeof got === "number" && isStale(got);
  if (typeof expected === "number") return typeof got === "number" && almostEqual(expected, got);
  return typeof got === "object" && sameHistogram(expected, got);
}

function isStale(value: number): boolean {
  return isStaleAt(wordsOf(Float64Array.of(value)), 0);
}

/** Empty buckets and the cutting of spans do not matter; a counter reset hint only where one is expected. */
function sameHistogram(expected: Histogram, got: Histogram): boolean {
  const a = compact(fromModel(expected));
  const b = compact(fromModel(got));
  const hint: CounterResetHint = a.hint;
  return (
    a.schema === b.schema &&
    (hint === "unknown" || hint === b.hint) &&
    almostEqual(a.count, b.count) &&
    almostEqual(a.sum, b.sum) &&
    a.zeroThreshold === b.zeroThreshold &&
    almostEqual(a.zeroCount, b.zeroCount) &&
    (a.schema !== CUSTOM_BUCKETS_SCHEMA || sameNumbers(a.customBounds ?? [], b.customBounds ?? [])) &&
    sameBuckets(a.positive, b.positive) &&
    sameBuckets(a.negative, b.negative)
  );
}

function sameBuckets(a: Buckets, b: Buckets): boolean {
  return sameNumbers(a.indexes, b.indexes) && a.counts.every((count, i) => almostEqual(count, b.counts[i]!));
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

export function describeValue(value: SampleValue): string {
  if (value === "stale") return "stale";
  if (typeof value === "number") return formatGeneral(value);
  const { schema, counterResetHint: hint, zeroThreshold } = value;
  return `${formatHistogram(fromModel(value))} (schema ${schema}, ${hint}, zero ±${zeroThreshold})`;
}

export function describeSeries(labels: Labels, values: readonly string[]): string {
  return `${labels.toString()} ${values.join(" ")}`;
}
