/** What every native histogram from the network must satisfy, whatever it came in. */
import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from "@binnacle/model";

/** What is wrong with a histogram, or undefined. */
export function histogramProblem(histogram: Histogram): string | undefined {
  const { schema, customBounds, isInteger } = histogram;
  if (schema !== CUSTOM_BUCKETS_SCHEMA && (schema < -4 || schema > 8)) {
    return `a native histogram has schema ${schema}; known are -4 to 8 and ${CUSTOM_BUCKETS_SCHEMA}`;
  }
  for (const side of ["positive", "negative"] as const) {
    const spans = histogram[`${side}Spans`];
    const counts = histogram[`${side}Counts`];
    let buckets = 0;
    for (const [i, span] of spans.entries()) {
      if (i > 0 && span.offset < 0)
        return `a native histogram has a span that begins inside the one before it`;
      buckets += span.length;
    }
    if (buckets !== counts.length) {
      return `a native histogram's ${side} spans have ${buckets} buckets, its counts are ${counts.length}`;
    }
    if (counts.some((count) => !isCount(count, isInteger))) {
      return `a native histogram has a bucket count below 0 or past 2^53`;
    }
  }
  if (!isCount(histogram.count, isInteger) || !isCount(histogram.zeroCount, isInteger)) {
    return "a native histogram has a count below 0 or past 2^53";
  }
  if (customBounds !== undefined) {
    for (let i = 1; i < customBounds.length; i++) {
      if (!(customBounds[i]! > customBounds[i - 1]!)) {
        return `a native histogram's custom bounds do not ascend: ${customBounds[i - 1]}, ${customBounds[i]}`;
      }
    }
  }
  return undefined;
}

function isCount(count: number, isInteger: boolean): boolean {
  return count >= 0 && (!isInteger || count <= Number.MAX_SAFE_INTEGER);
}
