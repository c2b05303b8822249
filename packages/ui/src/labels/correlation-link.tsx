/**
 * Links between a series and the lines of the same thing. There is none where the other side knows nothing of
 * it.
 */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { encodeMetricsState, panelOf } from "../pages/metrics/metrics-state.ts";
import { encodeRange, type TimeRange } from "../time/range.ts";
import { correlatedSelector, metricsOfQuery } from "./correlate.ts";
import { logIdentitiesQuery, metricIdentitiesQuery } from "./identities.ts";
import type { LabelSet } from "./selector.ts";

interface CorrelationLinkProps {
  readonly labels: LabelSet;
  readonly range: TimeRange;
}

export function LogsLink({ labels, range }: CorrelationLinkProps): ReactNode {
  const { data: identities } = useQuery(logIdentitiesQuery);
  const selector = identities === undefined ? undefined : correlatedSelector(labels, identities);
  if (selector === undefined) return null;
  return (
    <Link to="/logs" search={{ q: selector, ...encodeRange(range) }} title={`Logs of ${selector}`}>
      logs
    </Link>
  );
}

/** Leads to a table of the metrics that carry a stream's labels. */
export function MetricsLink({ labels, range }: CorrelationLinkProps): ReactNode {
  const { data: identities } = useQuery(metricIdentitiesQuery);
  const selector = identities === undefined ? undefined : correlatedSelector(labels, identities);
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
