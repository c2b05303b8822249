/** From a range query's answer to a chart. */
import type { RangeAnswer } from "../../api/metrics-api.ts";
import { alignSeries, gridTimes } from "../../charts/align.ts";
import type { ChartData } from "../../charts/chart-data.ts";
import { seriesColor } from "../../charts/palette.ts";
import {
  distinguishingLabels,
  labelEntries,
  quote,
  seriesSelector,
  type LabelSet,
} from "../../labels/selector.ts";
import { CHART_SERIES_MAX } from "../../limits.ts";

export interface MatrixChart {
  readonly chart: ChartData;
  /** Labels in which the series differ. */
  readonly distinct: ReadonlySet<string>;
  /** Series that are in the answer and not in the chart. */
  readonly leftOut: number;
  /** Series that hold only native histograms, which a line cannot show. */
  readonly histograms: number;
}

export function matrixChart(answer: RangeAnswer): MatrixChart {
  const floats = answer.series.filter(({ values }) => (values?.length ?? 0) > 0);
  const shown = floats.slice(0, CHART_SERIES_MAX);
  const distinct = distinguishingLabels(shown.map(({ metric }) => metric));
  const series = shown.map((one, index) => ({
    key: seriesSelector(one.metric),
    name: shortName(one.metric, distinct),
    labels: one.metric,
    color: seriesColor(index),
    values: alignSeries(one, answer.question),
  }));
  return {
    chart: { times: gridTimes(answer.question), series },
    distinct,
    leftOut: floats.length - shown.length,
    histograms: answer.series.length - floats.length,
  };
}

/** What sets a series apart from its neighbours; its whole name where it has none. */
export function shortName(labels: LabelSet, distinct: ReadonlySet<string>): string {
  const parts = labelEntries(labels)
    .filter(([name]) => distinct.has(name))
    .map(([name, value]) => `${name}=${quote(value)}`);
  const metric = distinct.has("__name__") ? (labels["__name__"] ?? "") : "";
  if (metric === "" && parts.length === 0) return seriesSelector(labels);
  return parts.length === 0 ? metric : `${metric}{${parts.join(", ")}}`;
}
