/**
 * The order of series in a block: metric name first, since series of one metric pack best beside each other.
 */
import { compareLabels, compareText, METRIC_NAME, type Labels } from "@binnacle/model";

export function compareSeries(a: Labels, b: Labels): number {
  return compareText(a.get(METRIC_NAME), b.get(METRIC_NAME)) || compareLabels(a, b);
}
