/**
 * The layout of a histogram's buckets, and bringing histograms to a common one: the coarser schema, the wider
 * zero bucket, the custom bounds that both have.
 */
import { CUSTOM_BUCKETS_SCHEMA, exponentialBound } from "@binnacle/model";
import { NO_BUCKETS, type Buckets, type NativeHistogram } from "./native-histogram.ts";

export interface Layout {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly customBounds: readonly number[] | undefined;
}

/** A layout both can be brought to; undefined where one has custom buckets and the other exponential ones. */
export function commonLayout(
  a: NativeHistogram,
  b: NativeHistogram,
): (Layout & { readonly isReconciled: boolean }) | undefined {
  const isCustom = a.schema === CUSTOM_BUCKETS_SCHEMA;
  if (isCustom !== (b.schema === CUSTOM_BUCKETS_SCHEMA)) return undefined;
  if (isCustom) {
    const [boundsA, boundsB] = [a.customBounds ?? [], b.customBounds ?? []];
    const isReconciled = !equalBounds(boundsA, boundsB);
    const customBounds = isReconciled ? boundsA.filter((bound) => boundsB.includes(bound)) : boundsA;
    return { schema: CUSTOM_BUCKETS_SCHEMA, zeroThreshold: 0, customBounds, isReconciled };
  }
  let zeroThreshold = Math.max(a.zeroThreshold, b.zeroThreshold);
  // A populated bucket that the threshold cuts widens it, which may cut a bucket of the other histogram.
  for (let widened = 0; widened !== zeroThreshold;) {
    widened = zeroThreshold;
    zeroThreshold = Math.max(widenedThreshold(a, zeroThreshold), widenedThreshold(b, zeroThreshold));
  }
  const schema = Math.min(a.schema, b.schema);
  return { schema, zeroThreshold, customBounds: undefined, isReconciled: false };
}

export function equalBounds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i]);
}

/** The end of the populated bucket that a zero threshold falls into, or the threshold itself. */
export function widenedThreshold(histogram: NativeHistogram, threshold: number): number {
  if (threshold <= histogram.zeroThreshold) return threshold;
  let widened = threshold;
  for (const { indexes, counts } of [histogram.positive, histogram.negative]) {
    for (const [i, index] of indexes.entries()) {
      if (exponentialBound(index - 1, histogram.schema) >= widened) break;
      if (counts[i] !== 0) widened = Math.max(widened, exponentialBound(index, histogram.schema));
    }
  }
  // Widening on the negative side may reach into buckets of the positive one.
  return widened === threshold ? threshold : widenedThreshold(histogram, widened);
}

/** The same observations in a layout that `commonLayout` gave for it and another. */
export function toLayout(histogram: NativeHistogram, layout: Layout): NativeHistogram {
  let { positive, negative, zeroCount } = histogram;
  if (layout.customBounds !== undefined) {
    positive = toBounds(positive, histogram.customBounds ?? [], layout.customBounds);
    return { ...histogram, customBounds: layout.customBounds, positive };
  }
  if (layout.zeroThreshold > histogram.zeroThreshold) {
    const above = splitAt(positive, histogram.schema, layout.zeroThreshold);
    const below = splitAt(negative, histogram.schema, layout.zeroThreshold);
    zeroCount += above.swallowed + below.swallowed;
    positive = above.rest;
    negative = below.rest;
  }
  const steps = histogram.schema - layout.schema;
  if (steps > 0) {
    positive = coarser(positive, steps);
    negative = coarser(negative, steps);
  }
  return {
    ...histogram,
    schema: layout.schema,
    zeroThreshold: layout.zeroThreshold,
    zeroCount,
    positive,
    negative,
  };
}

function splitAt(
  buckets: Buckets,
  schema: number,
  threshold: number,
): { readonly swallowed: number; readonly rest: Buckets } {
  let first = 0;
  let swallowed = 0;
  for (; first < buckets.indexes.length; first++) {
    if (exponentialBound(buckets.indexes[first]! - 1, schema) >= threshold) break;
    swallowed += buckets.counts[first]!;
  }
  if (first === 0) return { swallowed: 0, rest: buckets };
  return {
    swallowed,
    rest: { indexes: buckets.indexes.slice(first), counts: buckets.counts.slice(first) },
  };
}

/** Merges 2^steps neighbouring buckets into one, as a schema that many lower has them. */
function coarser(buckets: Buckets, steps: number): Buckets {
  const divisor = 2 ** steps;
  return mapIndexes(buckets, (index) => Math.floor((index - 1) / divisor) + 1);
}

function toBounds(buckets: Buckets, from: readonly number[], to: readonly number[]): Buckets {
  if (from === to || equalBounds(from, to)) return buckets;
  return mapIndexes(buckets, (index) => {
    const upper = index < from.length ? from[index]! : Infinity;
    const target = to.findIndex((bound) => bound >= upper);
    return target < 0 ? to.length : target;
  });
}

/** The mapping must not change the order of indexes; buckets of one index are added up. */
function mapIndexes(buckets: Buckets, map: (index: number) => number): Buckets {
  if (buckets.indexes.length === 0) return NO_BUCKETS;
  const indexes: number[] = [];
  const counts: number[] = [];
  for (const [i, index] of buckets.indexes.entries()) {
    const target = map(index);
    if (indexes.at(-1) === target) counts[counts.length - 1] = counts.at(-1) + buckets.counts[i]!;
    else {
      indexes.push(target);
      counts.push(buckets.counts[i]!);
    }
  }
  return { indexes, counts };
}
