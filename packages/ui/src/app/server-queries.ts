/** What several parts of the page ask the server, with one key each, so that it is asked once. */
import { alerts, buildInfo, rules, targets } from "@binnacle/api";
import { queryOptions } from "@tanstack/react-query";
import { logLabelNames } from "../api/logs-api.ts";
import { request } from "../api/request.ts";

const STATE_REFRESH_MS = 5000;
const BUILD_REFRESH_MS = 15_000;
const LABELS_STALE_MS = 60_000;
/**
 * Label names are asked for over this much, whatever range is shown: links must not vanish when one zooms.
 */
const LABELS_SPAN_MS = 6 * 3_600_000;

export const buildInfoQuery = queryOptions({
  queryKey: ["buildinfo"],
  queryFn: async ({ signal }) => (await request(buildInfo, {}, { signal })).data,
  refetchInterval: BUILD_REFRESH_MS,
});

export const alertsQuery = queryOptions({
  queryKey: ["alerts"],
  queryFn: async ({ signal }) => (await request(alerts, {}, { signal })).data.alerts,
  refetchInterval: STATE_REFRESH_MS,
});

export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: async ({ signal }) => (await request(rules, {}, { signal })).data.groups,
  refetchInterval: STATE_REFRESH_MS,
});

export const targetsQuery = queryOptions({
  queryKey: ["targets"],
  queryFn: async ({ signal }) => (await request(targets, { state: "active" }, { signal })).data.activeTargets,
  refetchInterval: STATE_REFRESH_MS,
});

export const logLabelsQuery = queryOptions({
  queryKey: ["log-labels"],
  queryFn: async ({ signal }) => {
    const toMs = Date.now();
    return await logLabelNames({ fromMs: toMs - LABELS_SPAN_MS, toMs }, signal);
  },
  staleTime: LABELS_STALE_MS,
});
