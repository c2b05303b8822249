/** Which series of two vectors belong together: the labels they are matched by. */
import { METRIC_NAME, type Labels } from "@binnacle/model";
import type { VectorMatching } from "../../parser/index.ts";

/** Gives the part of a label set that is compared. */
export function signatureOf(matching: VectorMatching): (labels: Labels) => Labels {
  if (matching.on) {
    const only = new Set(matching.labels);
    return (labels) => labels.only(only);
  }
  const without = new Set([METRIC_NAME, ...matching.labels]);
  return (labels) => labels.without(without);
}

/** A text that is equal for label sets that are compared as equal, and for no others. */
export function signatureKeyOf(matching: VectorMatching): (labels: Labels) => string {
  const [first, ...others] = matching.labels;
  if (matching.on && first !== undefined && others.length === 0) return (labels) => labels.get(first);
  const signature = signatureOf(matching);
  return (labels) => signature(labels).key();
}

export function groupBySignature<T extends { readonly labels: Labels }>(
  series: readonly T[],
  keyOf: (labels: Labels) => string,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of series) {
    const key = keyOf(one.labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
