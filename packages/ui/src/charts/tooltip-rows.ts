/** Which series a tooltip lists. */
import { TOOLTIP_ROWS } from "../limits.ts";
import type { ChartSeries } from "./chart-data.ts";
import type { ChartKind } from "./plot-options.ts";

export interface Hover {
  readonly index: number;
  /** px within the chart. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  /** The value at the pointer's height. */
  readonly valueAtPointer: number;
}

/** In lines the nearest to the pointer come first; stacks keep their order, from the top one down. */
export function nearestRows(
  series: readonly ChartSeries[],
  hover: Pick<Hover, "index" | "valueAtPointer">,
  kind: ChartKind,
): readonly ChartSeries[] {
  const filled = series.filter((one) => (one.values[hover.index] ?? null) !== null);
  if (kind !== "lines") {
    return filled
      .filter((one) => one.values[hover.index] !== 0)
      .slice(-TOOLTIP_ROWS)
      .toReversed();
  }
  const distance = (one: ChartSeries): number => Math.abs(one.values[hover.index]! - hover.valueAtPointer);
  return filled.toSorted((a, b) => distance(a) - distance(b)).slice(0, TOOLTIP_ROWS);
}

/** Series that have a value at a point. */
export function countFilled(series: readonly ChartSeries[], index: number): number {
  return series.reduce((count, one) => count + ((one.values[index] ?? null) === null ? 0 : 1), 0);
}
