/** Where no query stands yet: the metrics there are, to be searched by name and help. */
import { labelValues, metadata } from "@binnacle/api";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState, type ReactNode } from "react";
import { request } from "../../api/request.ts";
import { Icon } from "../../components/icon.tsx";
import { ErrorNotice, Loading } from "../../components/notice.tsx";
import { firstQuery, matchingMetrics, wholeName, type MetricHelp } from "./metric-list.ts";

const STALE_MS = 60_000;
const ROWS = 150;

export function MetricStart({ onPick }: { readonly onPick: (query: string) => void }): ReactNode {
  const [text, setText] = useState("");
  const { data: names, error } = useQuery({
    queryKey: ["metric-names"],
    queryFn: async ({ signal }) => (await request(labelValues, {}, { signal, names: ["__name__"] })).data,
    staleTime: STALE_MS,
  });
  const { data: help } = useQuery({
    queryKey: ["metadata"],
    queryFn: async ({ signal }) => (await request(metadata, {}, { signal })).data,
    staleTime: STALE_MS,
    // Names without their help are of use already.
    retry: false,
  });
  const metrics = useMemo(
    () =>
      (names ?? []).map((name): MetricHelp => {
        // A histogram's parts are told of under the name of the whole.
        const known = (help?.[name] ?? help?.[wholeName(name)])?.[0];
        return { name, type: known?.type ?? "", help: known?.help ?? "" };
      }),
    [names, help],
  );
  const found = useMemo(() => matchingMetrics(metrics, text), [metrics, text]);
  return (
    <div className="metric-start">
      <label className="search">
        <Icon name="search" />
        <input
          className="input"
          type="search"
          aria-label="Find a metric by name or help"
          placeholder="Find a metric by name or help"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      {error === null ? null : <ErrorNotice error={error} />}
      {names === undefined && error === null ? <Loading what="metric names" /> : null}
      {names === undefined ? null : (
        <p className="query-stats">
          {found.length} of {metrics.length} metrics
        </p>
      )}
      <ul>
        {found.slice(0, ROWS).map((metric) => (
          <li key={metric.name}>
            <button type="button" onClick={() => onPick(firstQuery(metric))}>
              <span className="mono">{metric.name}</span>
              <span className="metric-type">{metric.type}</span>
              <span className="metric-help">{metric.help}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > ROWS ? <p className="query-stats">and {found.length - ROWS} more</p> : null}
    </div>
  );
}
