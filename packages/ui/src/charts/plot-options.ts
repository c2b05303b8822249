/**
 * From a chart's data to uPlot's options and columns. No state: the chart is built anew when its shape
 * changes.
 */
import uPlot from "uplot";
import { timeTicks, tickIncrements, valueTicks } from "./axis.ts";
import type { ChartData, Values } from "./chart-data.ts";
import { withAlpha } from "./palette.ts";
import { stackRows } from "./stack.ts";
import type { Unit } from "./units.ts";

/**
 * lines: beside each other. stacked: areas on each other. bars: stacked columns, each for the step that it
 * ends.
 */
export type ChartKind = "lines" | "stacked" | "bars";

export interface PlotShape {
  readonly kind: ChartKind;
  readonly unit: Unit;
  readonly colors: readonly string[];
  readonly height: number;
  readonly width: number;
  /** Fills under lines; for small charts of few series. */
  readonly isFilled: boolean;
  readonly yMin: number | undefined;
  readonly yMax: number | undefined;
  readonly syncKey: string | undefined;
  readonly ink: { readonly text: string; readonly grid: string; readonly font: string };
  readonly xRange: () => [fromS: number, toS: number];
  /** Two decimals of the grid are enough on a narrow chart. */
  readonly hasAxes: boolean;
}

/**
 * Columns for uPlot. Bars are drawn from the tallest sum to the smallest, so each hides the next one's foot.
 */
export function plotColumns(data: ChartData, kind: ChartKind): uPlot.AlignedData {
  const rows = data.series.map((series) => series.values);
  const drawn: readonly Values[] = kind === "lines" ? rows : stackRows(rows);
  const ordered = kind === "bars" ? drawn.toReversed() : drawn;
  return [data.times, ...ordered] as uPlot.AlignedData;
}

export function plotOptions(shape: PlotShape, hooks: uPlot.Hooks.Arrays): uPlot.Options {
  const { kind, ink } = shape;
  const colors = kind === "bars" ? shape.colors.toReversed() : shape.colors;
  const yRange: uPlot.Scale.Range = (_plot, dataMin, dataMax) => {
    const min = dataMin ?? 0;
    const max = dataMax ?? 1;
    const [low, high] = uPlot.rangeNum(
      kind === "lines" ? min : Math.min(0, min),
      max === min ? min + 1 : max,
      {
        min: { pad: 0.08, soft: 0, mode: 3 },
        max: { pad: 0.08, soft: 0, mode: 3 },
      },
    );
    return [shape.yMin ?? low ?? 0, Math.max(shape.yMax ?? Number.NEGATIVE_INFINITY, high ?? 1)];
  };
  const increments = tickIncrements(shape.unit);
  const options: uPlot.Options = {
    width: shape.width,
    height: shape.height,
    legend: { show: false },
    // A finger scrolls the page; only a mouse draws a box.
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 6, width: 1.5, show: kind !== "bars" },
      focus: { prox: kind === "lines" ? 24 : -1 },
      ...(shape.syncKey === undefined ? {} : { sync: { key: shape.syncKey, setSeries: false } }),
    },
    focus: { alpha: 0.18 },
    padding: shape.hasAxes ? [8, 22, 0, 0] : [2, 0, 2, 0],
    scales: { x: { time: true, range: shape.xRange }, y: { range: yRange } },
    axes: shape.hasAxes
      ? [
          {
            stroke: ink.text,
            font: ink.font,
            size: 26,
            space: 64,
            gap: 6,
            grid: { show: false },
            ticks: { stroke: ink.grid, width: 1, size: 4 },
            border: { show: true, stroke: ink.grid, width: 1 },
            values: (_plot, splits, _axis, _space, incrementS) => timeTicks(splits, incrementS),
          },
          {
            stroke: ink.text,
            font: ink.font,
            size: axisWidth,
            space: 30,
            gap: 6,
            grid: { stroke: ink.grid, width: 1 },
            ticks: { show: false },
            values: (_plot, splits) => valueTicks(splits, shape.unit),
            ...(increments === undefined ? {} : { incrs: increments }),
          },
        ]
      : [{ show: false }, { show: false }],
    series: [{}, ...colors.map((color) => plotSeries(shape, color))],
    hooks,
  };
  // A band clips a series' fill to what lies above the series below it.
  if (kind === "stacked") {
    options.bands = colors
      .slice(1)
      .map((_, index) => ({ series: [index + 2, index + 1] as [number, number] }));
  }
  return options;
}

function plotSeries(shape: PlotShape, color: string): uPlot.Series {
  if (shape.kind === "bars") {
    const paths = uPlot.paths.bars!({ size: [0.86, 60, 1], align: -1 });
    return { stroke: color, fill: color, width: 0, paths, points: { show: false } };
  }
  const fillAlpha = shape.kind === "stacked" ? 0.55 : shape.isFilled ? 0.12 : 0;
  return {
    stroke: color,
    width: shape.kind === "stacked" ? 1 : 1.4,
    ...(fillAlpha > 0 ? { fill: withAlpha(color, fillAlpha) } : {}),
    points: { show: false, filter: lonePoints, size: 4, fill: color, width: 0 },
    spanGaps: false,
  };
}

/**
 * A sample between two gaps makes no line; without a point it would not be seen. null where there is none.
 */
const lonePoints: uPlot.Series.Points.Filter = (plot, seriesIndex) => {
  const indexes = loneIndexes(plot.data[seriesIndex]!);
  return indexes.length === 0 ? null : indexes;
};

export function loneIndexes(column: ArrayLike<number | null | undefined>): number[] {
  const indexes: number[] = [];
  for (let index = 0; index < column.length; index++) {
    if (isFilled(column[index]) && !isFilled(column[index - 1]) && !isFilled(column[index + 1]))
      indexes.push(index);
  }
  return indexes;
}

function isFilled(value: number | null | undefined): boolean {
  return value !== null && value !== undefined;
}

const axisWidth: uPlot.Axis.Size = (plot, values, axisIndex, cycle) => {
  const axis = plot.axes[axisIndex] as uPlot.Axis & { _size?: number };
  // From the second cycle on the width stands, or it would swing between two label lengths.
  if (cycle > 1) return axis._size ?? 48;
  const longest = (values ?? []).reduce((text, value) => (value.length > text.length ? value : text), "");
  plot.ctx.font = axis.font?.[0] ?? "";
  return Math.max(34, Math.ceil(plot.ctx.measureText(longest).width / devicePixelRatio) + 12);
};
