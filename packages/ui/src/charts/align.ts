/** From a matrix answer to columns over one grid of times. */
import type { MatrixSeries } from "@binnacle/api";
import { sampleValue } from "../api/sample-value.ts";
import type { Values } from "./chart-data.ts";

export interface Grid {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** Unix seconds of the grid's points, both ends included. */
export function gridTimes({ fromMs, toMs, stepMs }: Grid): number[] {
  const times: number[] = [];
  for (let ms = fromMs; ms <= toMs; ms += stepMs) times.push(ms / 1000);
  return times;
}

/**
 * Puts each sample where it stands in the grid. Where a step has no sample there is a gap, so that a line
 * never bridges a time of which nothing is known; NaN and the infinities have no place on an axis and are
 * gaps too.
 */
export function alignSeries(series: Pick<MatrixSeries, "values">, grid: Grid): Values {
  const length = Math.floor((grid.toMs - grid.fromMs) / grid.stepMs) + 1;
  const row = Array.from<number | null>({ length: Math.max(0, length) }).fill(null);
  for (const [seconds, text] of series.values ?? []) {
    const index = Math.round((seconds * 1000 - grid.fromMs) / grid.stepMs);
    const value = sampleValue(text);
    if (index >= 0 && index < row.length && Number.isFinite(value)) row[index] = value;
  }
  return row;
}

export interface RowStatistics {
  readonly last: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly mean: number | undefined;
}

export function rowStatistics(values: Values): RowStatistics {
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  let last: number | undefined;
  for (const value of values) {
    if (value === null) continue;
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
    last = value;
  }
  return count === 0
    ? { last: undefined, min: undefined, max: undefined, mean: undefined }
    : { last, min, max, mean: sum / count };
}

/** The first point at which any series has a value; the rows' length where none has. */
export function firstFilledIndex(rows: readonly Values[]): number {
  let first = rows[0]?.length ?? 0;
  for (const row of rows) {
    for (let index = 0; index < first; index++) if (row[index] !== null) first = index;
  }
  return first;
}
