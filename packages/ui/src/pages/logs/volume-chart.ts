/** The histogram over the lines: how many, of what level or from where. */
import type { MatrixSeries } from "@binnacle/api";
import { alignSeries, gridTimes, type Grid } from "../../charts/align.ts";
import type { ChartData, ChartSeries, Values } from "../../charts/chart-data.ts";
import { seriesColor } from "../../charts/palette.ts";
import { isLevelLabel } from "./log-query.ts";
import { levelNamed, LEVELS } from "./level.ts";

/** More sources than this cannot be told apart by colour; the smallest are drawn as one. */
const SOURCES_MAX = 8;

/** A count of nothing is nothing to see: absent steps are zeros here. */
export function volumeChart(series: readonly MatrixSeries[], grid: Grid, by: string): ChartData {
  const rows = series.map((one) => ({
    name: one.metric[by] ?? "",
    values: zeroFilled(alignSeries(one, grid)),
  }));
  const drawn = isLevelLabel(by) ? byLevel(rows) : bySource(rows);
  return { times: gridTimes(grid), series: drawn };
}

interface Row {
  readonly name: string;
  readonly values: readonly number[];
}

function byLevel(rows: readonly Row[]): ChartSeries[] {
  return LEVELS.flatMap((level) => {
    const merged = addRows(rows.filter(({ name }) => levelNamed(name) === level));
    return merged === undefined ? [] : [chartSeries(level, merged, `--level-${level}`)];
  });
}

function bySource(rows: readonly Row[]): ChartSeries[] {
  const sorted = rows.toSorted((a, b) => total(b.values) - total(a.values));
  const shown = sorted
    .slice(0, SOURCES_MAX)
    .map(({ name, values }, index) => chartSeries(name === "" ? "(none)" : name, values, seriesColor(index)));
  const rest = addRows(sorted.slice(SOURCES_MAX));
  return rest === undefined ? shown : [...shown, chartSeries("others", rest, "--level-unknown")];
}

function chartSeries(name: string, values: Values, color: string): ChartSeries {
  return { key: name, name, labels: {}, color, values };
}

function zeroFilled(values: Values): readonly number[] {
  return values.map((value) => value ?? 0);
}

function addRows(rows: readonly Row[]): readonly number[] | undefined {
  const [first, ...others] = rows;
  if (first === undefined) return undefined;
  return others.reduce((sum, { values }) => sum.map((value, index) => value + values[index]!), first.values);
}

export function total(values: Values): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
