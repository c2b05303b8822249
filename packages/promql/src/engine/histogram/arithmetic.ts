/** Sums, differences, multiples and comparison of native histograms. */
import type { CounterResetHint } from "@binnacle/model";
import { commonLayout, equalBounds, toLayout, widenedThreshold } from "./layout.ts";
import { compact, hasCustomBuckets, type Buckets, type NativeHistogram } from "./native-histogram.ts";

export interface Combined {
  readonly histogram: NativeHistogram;
  /** One came after a counter reset and the other did not. */
  readonly hasResetCollision: boolean;
  /** Custom bounds differed, and only the common ones are left. */
  readonly isReconciled: boolean;
}

export function addHistograms(a: NativeHistogram, b: NativeHistogram): Combined | undefined {
  return combineWith(a, b, (x, y) => x + y);
}

export function subtractHistograms(a: NativeHistogram, b: NativeHistogram): Combined | undefined {
  return combineWith(a, b, (x, y) => x - y);
}

/** Undefined where the two have kinds of buckets that do not mix. */
function combineWith(
  a: NativeHistogram,
  b: NativeHistogram,
  operate: (x: number, y: number) => number,
): Combined | undefined {
  const layout = commonLayout(a, b);
  if (layout === undefined) return undefined;
  const left = toLayout(a, layout);
  const right = toLayout(b, layout);
  const { hint, collides } = combinedHint(a.hint, b.hint);
  const histogram: NativeHistogram = {
    schema: layout.schema,
    hint,
    count: operate(a.count, b.count),
    sum: operate(a.sum, b.sum),
    zeroThreshold: layout.zeroThreshold,
    zeroCount: operate(left.zeroCount, right.zeroCount),
    positive: zip(left.positive, right.positive, operate),
    negative: zip(left.negative, right.negative, operate),
    customBounds: layout.customBounds,
  };
  return { histogram: compact(histogram), hasResetCollision: collides, isReconciled: layout.isReconciled };
}

/** What is known of counter resets after two histograms are combined. */
export function combinedHint(
  a: CounterResetHint,
  b: CounterResetHint,
): { readonly hint: CounterResetHint; readonly collides: boolean } {
  if (a === b) return { hint: a, collides: false };
  if (a === "gauge" || b === "gauge") return { hint: "gauge", collides: false };
  return { hint: "unknown", collides: a !== "unknown" && b !== "unknown" };
}

function zip(a: Buckets, b: Buckets, operate: (x: number, y: number) => number): Buckets {
  const indexes: number[] = [];
  const counts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.indexes.length || j < b.indexes.length) {
    const x = a.indexes[i] ?? Infinity;
    const y = b.indexes[j] ?? Infinity;
    indexes.push(Math.min(x, y));
    counts.push(operate(x <= y ? a.counts[i++]! : 0, y <= x ? b.counts[j++]! : 0));
  }
  return { indexes, counts };
}

/**
 * Multiplied or divided by a number. A negative factor makes a gauge of it; division by zero leaves no
 * buckets.
 */
export function scaleHistogram(
  histogram: NativeHistogram,
  factor: number,
  how: "multiply" | "divide" = "multiply",
): NativeHistogram {
  const scale = how === "multiply" ? (x: number) => x * factor : (x: number) => x / factor;
  const isRemoved = how === "divide" && factor === 0;
  const scaled = (buckets: Buckets): Buckets =>
    isRemoved ? { indexes: [], counts: [] } : { indexes: buckets.indexes, counts: buckets.counts.map(scale) };
  return {
    ...histogram,
    hint: factor < 0 ? "gauge" : histogram.hint,
    count: scale(histogram.count),
    sum: scale(histogram.sum),
    zeroCount: scale(histogram.zeroCount),
    positive: scaled(histogram.positive),
    negative: scaled(histogram.negative),
  };
}

/** Equal in all but counter resets, empty buckets not looked at. */
export function equalHistograms(a: NativeHistogram, b: NativeHistogram): boolean {
  if (a.schema !== b.schema || !Object.is(a.count, b.count) || !Object.is(a.sum, b.sum)) return false;
  if (hasCustomBuckets(a) && !equalBounds(a.customBounds ?? [], b.customBounds ?? [])) return false;
  if (a.zeroThreshold !== b.zeroThreshold || !Object.is(a.zeroCount, b.zeroCount)) return false;
  const x = compact(a);
  const y = compact(b);
  return equalBuckets(x.positive, y.positive) && equalBuckets(x.negative, y.negative);
}

function equalBuckets(a: Buckets, b: Buckets): boolean {
  return (
    a.indexes.length === b.indexes.length &&
    a.indexes.every((index, i) => index === b.indexes[i] && Object.is(a.counts[i], b.counts[i]))
  );
}

/** Whether the counter was reset between two samples, the second of them first. */
export function detectReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (current.hint === "reset") return true;
  if (current.hint === "not_reset") return false;
  if (current.count < previous.count) return true;
  if (hasCustomBuckets(current) !== hasCustomBuckets(previous)) return true;
  if (!hasCustomBuckets(current)) {
    if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
    if (widenedThreshold(previous, current.zeroThreshold) !== current.zeroThreshold) return true;
  }
  const layout = commonLayout(current, previous);
  if (layout === undefined) return true;
  const now = toLayout(current, layout);
  const before = toLayout(previous, layout);
  if (now.zeroCount < before.zeroCount) return true;
  return hasShrunk(now.positive, before.positive) || hasShrunk(now.negative, before.negative);
}

function hasShrunk(now: Buckets, before: Buckets): boolean {
  let i = 0;
  for (const [j, index] of before.indexes.entries()) {
    while (i < now.indexes.length && now.indexes[i]! < index) i++;
    const count = now.indexes[i] === index ? now.counts[i]! : 0;
    if (count < before.counts[j]!) return true;
  }
  return false;
}

/** An empty histogram of a layout, for what is taken to start from nothing. */
export function emptyLike(histogram: NativeHistogram): NativeHistogram {
  return {
    schema: histogram.schema,
    hint: "unknown",
    count: 0,
    sum: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: { indexes: [], counts: [] },
    negative: { indexes: [], counts: [] },
    customBounds: histogram.customBounds,
  };
}
