/**
 * What the pointer is over: the time, and the series nearest to it. Names are text, whatever they contain.
 */
import type { ReactNode } from "react";
import { formatDateTime } from "../time/format.ts";
import type { ChartData } from "./chart-data.ts";
import type { ChartKind } from "./plot-options.ts";
import { countFilled, nearestRows, type Hover } from "./tooltip-rows.ts";
import { formatValue, type Unit } from "./units.ts";

interface ChartTooltipProps {
  readonly data: ChartData;
  readonly hover: Hover;
  readonly unit: Unit;
  readonly kind: ChartKind;
}

export function ChartTooltip({ data, hover, unit, kind }: ChartTooltipProps): ReactNode {
  const time = data.times[hover.index];
  const rows = nearestRows(data.series, hover, kind);
  if (time === undefined || rows.length === 0) return null;
  const hidden = countFilled(data.series, hover.index) - rows.length;
  const isRight = hover.left > hover.width / 2;
  const side = isRight ? { right: hover.width - hover.left + 14 } : { left: hover.left + 14 };
  return (
    <div className="chart-tooltip" style={{ ...side, top: 6 }} aria-hidden="true">
      <div className="chart-tooltip-time">{formatDateTime(time * 1000)}</div>
      <ul>
        {rows.map((series, place) => (
          <li key={series.key} data-nearest={kind === "lines" && place === 0 && rows.length > 1}>
            <i className="swatch" style={{ background: `var(${series.color})` }} />
            <span className="chart-tooltip-name">{series.name}</span>
            <b>{formatValue(series.values[hover.index], unit)}</b>
          </li>
        ))}
      </ul>
      {hidden > 0 ? <div className="chart-tooltip-more">and {hidden} more</div> : null}
    </div>
  );
}
