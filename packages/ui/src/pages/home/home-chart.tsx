/** One chart of Home: title, its newest values as the legend, the drawing. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { FlatSearch } from "../../app/flat-search.ts";
import type { ChartData } from "../../charts/chart-data.ts";
import { LazyTimeChart } from "../../charts/lazy-time-chart.tsx";
import type { ChartKind } from "../../charts/plot-options.ts";
import { formatValue, type Unit } from "../../charts/units.ts";
import { messageOf } from "../../api/api-error.ts";
import { lastValue } from "./home-data.ts";

interface HomeChartProps {
  readonly title: string;
  readonly data: ChartData;
  readonly kind: ChartKind;
  readonly unit: Unit;
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly error: unknown;
  readonly to: "/query" | "/logs";
  readonly search: FlatSearch;
  readonly yMin?: number | undefined;
  readonly yMax?: number | undefined;
  /** Volumes are summed, courses have a newest value. */
  readonly legendValue?: (data: ChartData, index: number) => string;
  readonly emptyText: string;
  readonly height: number;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

const LEGEND_MAX = 3;

export function HomeChart(props: HomeChartProps): ReactNode {
  const { title, data, unit } = props;
  const valueOf =
    props.legendValue ??
    ((chart: ChartData, index: number) => {
      const last = lastValue(chart.series[index]!.values);
      return formatValue(last === undefined ? undefined : Math.abs(last), unit);
    });
  return (
    <section className="home-chart" aria-label={title}>
      <header>
        <h2>
          <Link to={props.to} search={props.search}>
            {title}
          </Link>
        </h2>
        <ul className="chart-keys">
          {data.series.slice(0, LEGEND_MAX).map((series, index) => (
            <li key={series.key}>
              <i className="swatch" style={{ background: `var(${series.color})` }} />
              {series.name} <b>{valueOf(data, index)}</b>
            </li>
          ))}
        </ul>
      </header>
      {data.series.length > 0 ? (
        <LazyTimeChart
          data={data}
          kind={props.kind}
          unit={unit}
          window={props.window}
          height={props.height}
          isFilled={props.kind === "lines" && data.series.length < 3}
          syncKey="home"
          yMin={props.yMin}
          yMax={props.yMax}
          label={`${title} over time`}
          onZoom={props.onZoom}
        />
      ) : (
        <p className="home-chart-empty" style={{ height: props.height }}>
          {props.error === null || props.error === undefined ? props.emptyText : messageOf(props.error)}
        </p>
      )}
    </section>
  );
}
