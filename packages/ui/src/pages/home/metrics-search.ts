/** From a panel of Home to the same queries on the Metrics page. */
import type { TimeRange } from "../../time/range.ts";
import { encodeMetricsState, panelOf } from "../metrics/metrics-state.ts";
import type { HomePanel } from "./home-panels.ts";

export function metricsSearch(panel: HomePanel, range: TimeRange): Record<string, string> {
  return encodeMetricsState({
    panels: panel.queries.map(({ query }) =>
      panelOf(query, { isStacked: panel.kind === "stacked" && panel.queries.length === 1 }),
    ),
    range,
    refresh: "auto",
  });
}
