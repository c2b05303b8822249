/** Links between a series and the lines of the same thing. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { logLabelsQuery } from "../app/server-queries.ts";
import { encodeMetricsState, panelOf } from "../pages/metrics/metrics-state.ts";
import { encodeRange, type TimeRange } from "../time/range.ts";
import { correlatedSelector, metricsOfQuery } from "./correlate.ts";
import type { LabelSet } from "./selector.ts";

interface CorrelationLinkProps {
  readonly labels: LabelSet;
  readonly range: TimeRange;
}

/** Nothing where the logs share no label with the series. */
export function LogsLink({ labels, range }: CorrelationLinkProps): ReactNode {
  const { data: names } = useQuery(logLabelsQuery);
  const selector = correlatedSelector(labels, new Set(names));
  if (selector === undefined) return null;
  return (
    <Link to="/logs" search={{ q: selector, ...encodeRange(range) }} title={`Logs of ${selector}`}>
      logs
    </Link>
  );
}

/** The metrics that carry a stream's labels: a table of their names. */
export function MetricsLink({ labels, range }: CorrelationLinkProps): ReactNode {
  const selector = correlatedSelector(labels, new Set(Object.keys(labels)));
  if (selector === undefined) return null;
  const panels = [panelOf(metricsOfQuery(selector), { tab: "table" })];
  return (
    <Link
      to="/query"
      search={encodeMetricsState({ panels, range, refresh: "auto" })}
      title={`Metrics of ${selector}`}
    >
      metrics
    </Link>
  );
}
