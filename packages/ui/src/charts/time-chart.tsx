/** A chart over time, drawn by uPlot: hover shows values, dragging chooses a window. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./time-chart.css";
import { useTheme } from "../app/theme.ts";
import type { ChartData } from "./chart-data.ts";
import { ChartTooltip } from "./chart-tooltip.tsx";
import { resolveColors } from "./palette.ts";
import { plotColumns, plotOptions, type ChartKind, type PlotShape } from "./plot-options.ts";
import type { Hover } from "./tooltip-rows.ts";
import type { Unit } from "./units.ts";

export interface TimeChartProps {
  readonly data: ChartData;
  readonly kind: ChartKind;
  readonly unit: Unit;
  /** Said to those who do not see the drawing. */
  readonly label: string;
  /** Unix ms; the axis shows it whole, whatever part has data. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly height: number;
  readonly isFilled?: boolean | undefined;
  readonly yMin?: number | undefined;
  readonly yMax?: number | undefined;
  /** Charts of one key show their cross-hairs at the same time. */
  readonly syncKey?: string | undefined;
  /** Key of a series to bring to the front. */
  readonly focusKey?: string | undefined;
  readonly onZoom?: ((fromMs: number, toMs: number) => void) | undefined;
  readonly onHover?: ((index: number | undefined) => void) | undefined;
}

/** A narrower drag is a click whose hand shook. */
const ZOOM_PX_MIN = 6;

export default function TimeChart(props: TimeChartProps): ReactNode {
  const { data, kind, unit, height, isFilled = false, syncKey } = props;
  const host = useRef<HTMLDivElement>(null);
  const plotRef = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  const theme = useTheme();
  const width = useWidth(host);
  const [hover, setHover] = useState<Hover | undefined>(undefined);
  const colorNames = data.series.map((series) => series.color).join(" ");
  const columns = useMemo(() => plotColumns(data, kind), [data, kind]);
  const hasWidth = width > 0;

  useLayoutEffect(() => {
    latest.current = props;
  });

  // Everything that uPlot fixes at its birth is a dependency; data, size and focus follow below.
  useLayoutEffect(() => {
    const element = host.current;
    if (element === null || !hasWidth) return undefined;
    const [ink, grid] = resolveColors(element, ["--ink-3", "--rule"]);
    const shape: PlotShape = {
      kind,
      unit,
      height,
      width: element.clientWidth,
      isFilled,
      syncKey,
      yMin: props.yMin,
      yMax: props.yMax,
      colors: colorNames === "" ? [] : resolveColors(element, colorNames.split(" ")),
      ink: { text: ink ?? "", grid: grid ?? "", font: `11px ${getComputedStyle(element).fontFamily}` },
      xRange: () => {
        const { fromMs, toMs } = latest.current.window;
        return [fromMs / 1000, toMs / 1000];
      },
      hasAxes: true,
    };
    const plot = new uPlot(
      plotOptions(shape, { setCursor: [moved], setSelect: [selected] }),
      columns,
      element,
    );
    plot.over.addEventListener("mouseenter", () => {
      isInside = true;
    });
    plot.over.addEventListener("mouseleave", () => {
      isInside = false;
      setHover(undefined);
      latest.current.onHover?.(undefined);
    });
    let isInside = false;

    function moved(self: uPlot): void {
      if (!isInside) return;
      const index = self.cursor.idx ?? undefined;
      const left = self.cursor.left ?? -1;
      if (index === undefined || left < 0) return;
      setHover({
        index,
        left: left + self.over.offsetLeft,
        top: (self.cursor.top ?? 0) + self.over.offsetTop,
        width: self.width,
        valueAtPointer: self.posToVal(self.cursor.top ?? 0, "y"),
      });
      latest.current.onHover?.(index);
    }

    function selected(self: uPlot): void {
      const { left, width: boxWidth } = self.select;
      if (boxWidth >= ZOOM_PX_MIN) {
        latest.current.onZoom?.(self.posToVal(left, "x") * 1000, self.posToVal(left + boxWidth, "x") * 1000);
      }
      if (boxWidth > 0) self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    }

    plotRef.current = plot;
    return () => {
      plotRef.current = undefined;
      plot.destroy();
    };
    // The columns of the moment go in; later ones by setData.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [kind, unit, isFilled, syncKey, props.yMin, props.yMax, colorNames, theme, hasWidth]);

  useEffect(() => {
    const plot = plotRef.current;
    if (plot !== undefined && plot.series.length === columns.length) plot.setData(columns);
  }, [columns, props.window.fromMs, props.window.toMs]);

  useEffect(() => {
    if (width > 0) plotRef.current?.setSize({ width, height });
  }, [width, height]);

  useEffect(() => {
    const index = data.series.findIndex((series) => series.key === props.focusKey);
    plotRef.current?.setSeries(
      index === -1 ? null : kind === "bars" ? data.series.length - index : index + 1,
      {
        focus: true,
      },
    );
  }, [props.focusKey, data, kind]);

  return (
    <div className="time-chart" style={{ height }} role="img" aria-label={props.label}>
      <div className="time-chart-host" ref={host} />
      {hover === undefined ? null : <ChartTooltip data={data} hover={hover} unit={unit} kind={kind} />}
    </div>
  );
}

function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(Math.floor(target.clientWidth)));
    // The observer tells the first width too.
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
