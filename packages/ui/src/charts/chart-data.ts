/** What a chart draws: series over one row of times. */
import type { LabelSet } from "../labels/selector.ts";

/** null is a gap; it is not zero. */
export type Values = readonly (number | null)[];

export interface ChartSeries {
  /** Distinct within a chart, and the same from one answer to the next. */
  readonly key: string;
  readonly name: string;
  readonly labels: LabelSet;
  /** A CSS custom property, `--series-1`: the theme decides what it looks like. */
  readonly color: string;
  readonly values: Values;
}

export interface ChartData {
  /** Unix seconds, ascending, evenly spaced by the step. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
}
