/** A query's answer at the end of the range, as a table. */
import type { QueryData } from "@binnacle/api";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { queryInstant } from "../../api/metrics-api.ts";
import { guessUnit, formatValue, type Unit } from "../../charts/units.ts";
import { Empty, ErrorNotice, Loading, Notes } from "../../components/notice.tsx";
import { SeriesName } from "../../components/label-list.tsx";
import { LogsLink } from "../../labels/correlation-link.tsx";
import { seriesSelector, type LabelSet } from "../../labels/selector.ts";
import { TABLE_ROWS_MAX } from "../../limits.ts";
import { formatDateTime } from "../../time/format.ts";
import { resolveRange, type TimeRange } from "../../time/range.ts";
import { refreshIntervalMs } from "../../time/refresh.ts";
import { encodeMetricsState, panelOf } from "./metrics-state.ts";
import type { PanelViewProps } from "./panel-props.ts";
import { sortRows, tableRows, type SortBy, type TableRow } from "./table-rows.ts";

const REFRESH_STEP_MS = 5000;

export function TableView(props: PanelViewProps): ReactNode {
  const { panel, range, refresh, onError } = props;
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    queryKey: ["metrics", "instant", panel.expr, range],
    queryFn: async ({ signal }) => {
      const timeMs = resolveRange(range, Date.now()).toMs;
      return { ...(await queryInstant(panel.expr, timeMs, signal)), timeMs };
    },
    refetchInterval: refreshIntervalMs(refresh, { isMoving: range.kind === "last", stepMs: REFRESH_STEP_MS }),
    placeholderData: keepPreviousData,
  });
  useEffect(() => onError(error), [error, onError]);
  return (
    <>
      <div className="query-bar">
        {props.tabs}
        <span className="grow" />
        {data === undefined ? null : (
          <p className="query-stats">
            {countText(data.data)} · at {formatDateTime(data.timeMs)} · {Math.round(data.durationMs)} ms
          </p>
        )}
      </div>
      <div className="query-loading">
        {isFetching && (isPlaceholderData || data === undefined) ? <Loading what="the table" /> : null}
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
      <Notes title="Warnings" notes={[...(data?.warnings ?? []), ...(data?.infos ?? [])]} />
      {error !== null || data === undefined ? null : (
        <Rows data={data.data} unit={guessUnit(panel.expr)} range={range} />
      )}
    </>
  );
}

function Rows({
  data,
  unit,
  range,
}: {
  readonly data: QueryData;
  readonly unit: Unit;
  readonly range: TimeRange;
}): ReactNode {
  const [sortBy, setSortBy] = useState<SortBy>("answer");
  const all = useMemo(() => tableRows(data), [data]);
  const rows = useMemo(() => sortRows(all, sortBy).slice(0, TABLE_ROWS_MAX), [all, sortBy]);
  if (all.length === 0) return <Empty title="No series at this time." />;
  const sortButton = (column: "name" | "value", text: string): ReactNode => {
    const next =
      column === "name"
        ? sortBy === "name"
          ? "answer"
          : "name"
        : sortBy === "value-desc"
          ? "value-asc"
          : "value-desc";
    const mark =
      column === "name"
        ? sortBy === "name"
          ? "▴"
          : ""
        : sortBy === "value-desc"
          ? "▾"
          : sortBy === "value-asc"
            ? "▴"
            : "";
    return (
      <button type="button" onClick={() => setSortBy(next)}>
        {text} <span aria-hidden="true">{mark}</span>
      </button>
    );
  };
  return (
    <div className="result-table">
      <table>
        <thead>
          <tr>
            <th scope="col">{sortButton("name", "Series")}</th>
            <th scope="col" className="result-value">
              {sortButton("value", "Value")}
            </th>
            <th scope="col">
              <span className="visually-hidden">Links</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <td>
                <SeriesName labels={row.labels} />
              </td>
              <td className="result-value" title={row.text}>
                {row.samples.length > 0 ? <Samples row={row} /> : <Value row={row} unit={unit} />}
              </td>
              <td className="result-links">
                <GraphLink labels={row.labels} range={range} /> <LogsLink labels={row.labels} range={range} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {all.length > rows.length ? (
        <p className="query-left-out">{all.length - rows.length} more rows are not shown.</p>
      ) : null}
    </div>
  );
}

/** The value as it came; where a unit makes it easier to read, that too. */
function Value({ row, unit }: { readonly row: TableRow; readonly unit: Unit }): ReactNode {
  if (unit === "number" || Number.isNaN(row.value)) return <span className="mono">{row.text}</span>;
  return (
    <>
      <small>{formatValue(row.value, unit)}</small> <span className="mono">{row.text}</span>
    </>
  );
}

function Samples({ row }: { readonly row: TableRow }): ReactNode {
  return (
    <ul className="result-samples mono">
      {row.samples.map(([seconds, text]) => (
        <li key={seconds}>
          {text} <small>@{formatDateTime(seconds * 1000)}</small>
        </li>
      ))}
    </ul>
  );
}

function GraphLink({ labels, range }: { readonly labels: LabelSet; readonly range: TimeRange }): ReactNode {
  if (Object.keys(labels).length === 0) return null;
  const search = encodeMetricsState({ panels: [panelOf(seriesSelector(labels))], range, refresh: "auto" });
  return (
    <Link to="/query" search={search} title="Only this, as a graph">
      graph
    </Link>
  );
}

function countText(data: QueryData): string {
  if (data.resultType === "scalar" || data.resultType === "string") return data.resultType;
  return `${data.result.length} series`;
}
