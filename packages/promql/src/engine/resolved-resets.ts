/**
 * Counter resets told outright. Where only counts and sums of histograms are asked for (histogram_count and
 * its kin), Prometheus reads samples without their buckets, and so must say of each whether the counter was
 * reset before it; elsewhere that is left open. Aggregations warn of samples that disagree, so it is part of
 * an answer.
 */
import { children, type Expr, type VectorSelector } from "../parser/index.ts";
import { detectReset } from "./histogram/arithmetic.ts";
import type { LoadedSeries } from "./loaded-series.ts";

const STATISTICS: ReadonlySet<string> = new Set(["histogram_count", "histogram_sum", "histogram_avg"]);
const NEEDS_BUCKETS: ReadonlySet<string> = new Set([
  "histogram_quantile",
  "histogram_quantiles",
  "histogram_fraction",
  "histogram_stddev",
  "histogram_stdvar",
]);

/** The selectors of which only counts and sums are asked for: what stands nearest above them decides. */
export function statisticsSelectors(root: Expr): ReadonlySet<VectorSelector> {
  const found = new Set<VectorSelector>();
  const visit = (expr: Expr, isStatistics: boolean): void => {
    if (expr.kind === "selector") {
      if (isStatistics) found.add(expr);
      return;
    }
    let below = isStatistics;
    if (expr.kind === "call" && STATISTICS.has(expr.func)) below = true;
    if (expr.kind === "call" && NEEDS_BUCKETS.has(expr.func)) below = false;
    if (expr.kind === "binary" || expr.kind === "subquery") below = false;
    for (const child of children(expr)) visit(child, below);
  };
  visit(root, false);
  return found;
}

export function withResolvedResets(series: LoadedSeries): LoadedSeries {
  const { histograms } = series;
  if (histograms.values.length < 2) return series;
  const values = histograms.values.map((histogram, i) => {
    const previous = histograms.values[i - 1];
    const isOpen = histogram.hint === "unknown" && previous !== undefined;
    if (!isOpen || histograms.stale?.[i] === 1 || histograms.stale?.[i - 1] === 1) return histogram;
    return {
      ...histogram,
      hint: detectReset(histogram, previous) ? ("reset" as const) : ("not_reset" as const),
    };
  });
  return { ...series, histograms: { ...histograms, values } };
}
