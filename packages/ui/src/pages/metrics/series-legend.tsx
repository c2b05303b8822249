/** The series of a chart with their values: at the pointer while it is over the chart, else the newest. */
import { useMemo, useState, type ReactNode } from "react";
import { rowStatistics } from "../../charts/align.ts";
import type { ChartSeries } from "../../charts/chart-data.ts";
import { formatValue, type Unit } from "../../charts/units.ts";
import { SeriesName } from "../../components/label-list.tsx";
import { LogsLink } from "../../labels/correlation-link.tsx";
import { LEGEND_ROWS } from "../../limits.ts";
import type { TimeRange } from "../../time/range.ts";

interface SeriesLegendProps {
  readonly series: readonly ChartSeries[];
  /** Labels in which the series differ; what they share is said once. */
  readonly distinct: ReadonlySet<string>;
  readonly hidden: ReadonlySet<string>;
  readonly unit: Unit;
  /** Point of the chart under the pointer. */
  readonly hoverIndex: number | undefined;
  readonly onPick: (key: string, adds: boolean) => void;
  readonly onFocus: (key: string | undefined) => void;
  /** Where given, each series links to its logs over it. */
  readonly logsRange?: TimeRange;
}

export function SeriesLegend(props: SeriesLegendProps): ReactNode {
  const { series, unit, hoverIndex } = props;
  const [showsAll, setShowsAll] = useState(false);
  const statistics = useMemo(() => series.map(({ values }) => rowStatistics(values)), [series]);
  const shared = useMemo(() => sharedLabels(series, props.distinct), [series, props.distinct]);
  const rows = showsAll ? series : series.slice(0, LEGEND_ROWS);
  return (
    <div className="legend">
      <table>
        <thead>
          <tr>
            <th scope="col" className="legend-shared">
              {shared.length === 0 ? (
                <span className="visually-hidden">Series</span>
              ) : (
                <SeriesName labels={Object.fromEntries(shared)} />
              )}
            </th>
            <th scope="col" className="legend-value">
              {hoverIndex === undefined ? "last" : "here"}
            </th>
            <th scope="col" className="legend-value legend-extra">
              min
            </th>
            <th scope="col" className="legend-value legend-extra">
              mean
            </th>
            <th scope="col" className="legend-value legend-extra">
              max
            </th>
            <th scope="col">
              <span className="visually-hidden">Links</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one, index) => {
            const { last, min, max, mean } = statistics[index]!;
            const isHidden = props.hidden.has(one.key);
            return (
              <tr
                key={one.key}
                data-hidden={isHidden}
                onMouseEnter={() => props.onFocus(isHidden ? undefined : one.key)}
                onMouseLeave={() => props.onFocus(undefined)}
              >
                <td className="legend-name">
                  <button
                    type="button"
                    aria-pressed={!isHidden}
                    onClick={(event) => props.onPick(one.key, event.ctrlKey || event.metaKey)}
                  >
                    <i
                      className="swatch"
                      style={{ background: isHidden ? "var(--rule-strong)" : `var(${one.color})` }}
                    />
                    <SeriesName
                      labels={one.labels}
                      {...(shared.length > 0 ? { only: props.distinct } : {})}
                    />
                  </button>
                </td>
                <td className="legend-value">
                  {formatValue(hoverIndex === undefined ? last : one.values[hoverIndex], unit)}
                </td>
                <td className="legend-value legend-extra">{formatValue(min, unit)}</td>
                <td className="legend-value legend-extra">{formatValue(mean, unit)}</td>
                <td className="legend-value legend-extra">{formatValue(max, unit)}</td>
                <td className="legend-links">
                  {props.logsRange === undefined ? null : (
                    <LogsLink labels={one.labels} range={props.logsRange} />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {series.length > LEGEND_ROWS ? (
        <button type="button" className="button button-plain" onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? "Show fewer" : `Show all ${series.length} series`}
        </button>
      ) : null}
    </div>
  );
}

/** What every series has alike; nothing to say for a single one. */
function sharedLabels(
  series: readonly ChartSeries[],
  distinct: ReadonlySet<string>,
): readonly (readonly [string, string])[] {
  const [first] = series;
  if (first === undefined || series.length < 2) return [];
  return Object.entries(first.labels).filter(([name]) => !distinct.has(name));
}
