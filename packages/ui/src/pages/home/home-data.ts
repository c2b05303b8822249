/** From answers to what Home draws. */
import type { QueryData, VectorSample } from "@binnacle/api";
import { sampleValue } from "../../api/sample-value.ts";
import type { RangeAnswer } from "../../api/metrics-api.ts";
import { alignSeries, firstFilledIndex, gridTimes, type Grid } from "../../charts/align.ts";
import type { ChartData, ChartSeries, Values } from "../../charts/chart-data.ts";
import { seriesColor } from "../../charts/palette.ts";
import type { HomePanel } from "./home-panels.ts";

/** A window narrower than this shows too little to be moved by. */
const WINDOW_MS_MIN = 60_000;

/** One chart of a panel's answers, which stand in the order of its queries. */
export function panelChart(panel: HomePanel, answers: readonly RangeAnswer[]): ChartData {
  const grid = answers[0]?.question;
  if (grid === undefined) return { times: [], series: [] };
  const named: { name: string; values: Values }[] = [];
  panel.queries.forEach(({ name, isMirrored }, index) => {
    for (const one of answers[index]?.series ?? []) {
      const row = alignSeries(one, grid);
      named.push({
        name: typeof name === "string" ? name : (one.metric[name.label] ?? "other"),
        values: isMirrored === true ? row.map((value) => (value === null ? null : -value)) : row,
      });
    }
  });
  const order = Object.keys(panel.colors);
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  named.sort((a, b) => place(a.name) - place(b.name) || (a.name < b.name ? -1 : 1));
  const series = named
    // A mode that is never used is a row of ink for nothing.
    .filter(({ name, values }) => place(name) < 2 || values.some((value) => value !== null && value !== 0))
    .map(({ name, values }, index): ChartSeries => {
      return { key: name, name, labels: {}, color: panel.colors[name] ?? seriesColor(index), values };
    });
  return { times: gridTimes(grid), series };
}

/** The window to draw: it begins with the first data where the store is younger than the range asked for. */
export function drawnWindow(charts: readonly ChartData[], grid: Grid): { fromMs: number; toMs: number } {
  let firstMs = Infinity;
  for (const { times, series } of charts) {
    if (series.length === 0) continue;
    const index = firstFilledIndex(series.map((one) => one.values));
    const seconds = times[index];
    if (seconds !== undefined) firstMs = Math.min(firstMs, seconds * 1000);
  }
  if (firstMs === Infinity) return grid;
  return { fromMs: Math.max(grid.fromMs, Math.min(firstMs, grid.toMs - WINDOW_MS_MIN)), toMs: grid.toMs };
}

/**
 * The newest value of each series. A series that has ended has none, though a lagging one has still its last
 * but one.
 */
export function lastValue(values: Values): number | undefined {
  for (let index = values.length - 1; index >= Math.max(0, values.length - 4); index--) {
    const value = values[index];
    if (value !== null && value !== undefined) return value;
  }
  return undefined;
}

export function sumOfLast(data: ChartData): number | undefined {
  let sum: number | undefined;
  for (const { values } of data.series) {
    const last = lastValue(values);
    if (last !== undefined) sum = (sum ?? 0) + Math.abs(last);
  }
  return sum;
}

/** The samples of an instant query that answers with them; none otherwise. */
export function vectorOf(data: QueryData | undefined): readonly VectorSample[] {
  return data?.resultType === "vector" ? data.result : [];
}

export function valueOf(sample: VectorSample): number {
  return sampleValue(sample.value?.[1] ?? "");
}
