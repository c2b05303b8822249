/**
 * What a store knows about counter resets as histograms come in, one after the other: Prometheus's says it
 * with the samples it gives back, and queries rely on it. A sample that plainly goes on counting says so; one
 * that does not says nothing, and the query compares the two itself.
 */
import { isStaleAt, wordsOf, type CounterResetHint, type Histogram } from "@binnacle/model";
import { equalBounds } from "../engine/histogram/layout.ts";
import { detectReset } from "../engine/histogram/arithmetic.ts";
import { fromModel } from "../engine/histogram/native-histogram.ts";

/** `previous` is the sample directly before; undefined for none, or where a float stands between. */
export function resetHintOf(current: Histogram, previous: Histogram | undefined): CounterResetHint {
  if (current.counterResetHint === "gauge") return "gauge";
  if (current.counterResetHint === "reset") return "reset";
  if (previous === undefined || previous.counterResetHint === "gauge") return "unknown";
  if (isStale(previous) || isStale(current)) return "unknown";
  const now = { ...fromModel(current), hint: "unknown" as const };
  const before = fromModel(previous);
  const hasSameLayout =
    now.schema === before.schema &&
    now.zeroThreshold === before.zeroThreshold &&
    equalBounds(now.customBounds ?? [], before.customBounds ?? []);
  return hasSameLayout && !detectReset(now, before) ? "not_reset" : "unknown";
}

function isStale(histogram: Histogram): boolean {
  return isStaleAt(wordsOf(Float64Array.of(histogram.sum)), 0);
}
