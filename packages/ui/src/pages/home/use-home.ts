/** What Home asks, and how often. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { logLabelsQuery } from "../../app/server-queries.ts";
import { queryInstant, queryRange } from "../../api/metrics-api.ts";
import { queryLogMatrix } from "../../api/logs-api.ts";
import type { ChartData } from "../../charts/chart-data.ts";
import { formatDuration } from "../../time/duration.ts";
import { alignWindow, niceStepMs } from "../../time/step.ts";
import { everyStream, pickVolumeLabel, volumeQuery } from "../logs/log-query.ts";
import { volumeChart } from "../logs/volume-chart.ts";
import { panelChart } from "./home-data.ts";
import { homeFacts, homePanels, type HomePanel } from "./home-panels.ts";

const POINTS = 180;
const BARS = 45;
const REFRESH_MS_MIN = 2000;
const REFRESH_MS_MAX = 15_000;
const FACTS_REFRESH_MS = 10_000;
/** A rate needs two scrapes; at the usual fifteen seconds between them a minute holds four. */
const RATE_WINDOW_MS_MIN = 60_000;

export interface PanelState {
  readonly panel: HomePanel;
  readonly data: ChartData;
  readonly error: unknown;
}

export interface HomeState {
  readonly panels: readonly PanelState[];
  readonly grid: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number };
}

export function useHomePanels(instance: string | undefined, spanMs: number): HomeState {
  const stepMs = niceStepMs(spanMs, POINTS);
  const panels = useMemo(
    () => homePanels(instance, formatDuration(Math.max(RATE_WINDOW_MS_MIN, 2 * stepMs))),
    [instance, stepMs],
  );
  const results = useQueries({
    queries: panels.map((panel) => ({
      queryKey: ["home", panel.id, instance ?? "", spanMs],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const nowMs = Date.now();
        const window = alignWindow(nowMs - spanMs, nowMs, stepMs);
        const answers = await Promise.all(
          panel.queries.map(({ query }) => queryRange({ query, ...window, stepMs }, signal)),
        );
        return { data: panelChart(panel, answers), window };
      },
      refetchInterval: Math.min(REFRESH_MS_MAX, Math.max(REFRESH_MS_MIN, stepMs)),
      placeholderData: (before: { data: ChartData; window: { fromMs: number; toMs: number } } | undefined) =>
        before,
    })),
  });
  const newest = results.reduce((max, { data }) => Math.max(max, data?.window.toMs ?? 0), 0);
  const [openedMs] = useState(() => Date.now());
  const toMs = newest === 0 ? openedMs : newest;
  return {
    panels: panels.map((panel, index) => ({
      panel,
      data: results[index]!.data?.data ?? { times: [], series: [] },
      error: results[index]!.error,
    })),
    grid: { fromMs: toMs - spanMs, toMs, stepMs },
  };
}

export function useHomeFact(fact: keyof ReturnType<typeof homeFacts>, instance: string | undefined) {
  const query = homeFacts(instance)[fact];
  return useQuery({
    queryKey: ["home-fact", query],
    queryFn: async ({ signal }) => (await queryInstant(query, Date.now(), signal)).data,
    refetchInterval: FACTS_REFRESH_MS,
  });
}

export interface LogVolume {
  readonly data: ChartData;
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly stepMs: number;
}

export function useLogVolume(spanMs: number): { volume: LogVolume | undefined; error: unknown } {
  const { data: names } = useQuery(logLabelsQuery);
  const stepMs = niceStepMs(spanMs, BARS);
  const by = pickVolumeLabel(names ?? []);
  const selector = everyStream(names ?? []);
  const { data, error } = useQuery({
    queryKey: ["home-logs", by, selector, spanMs],
    enabled: names !== undefined && selector !== undefined,
    queryFn: async ({ signal }) => {
      const nowMs = Date.now();
      const toMs = Math.ceil(nowMs / stepMs) * stepMs;
      const fromMs = toMs - Math.ceil(spanMs / stepMs) * stepMs;
      const query = volumeQuery(selector ?? "", by, stepMs);
      // A bar ends at its time and covers the step before it.
      const grid = { fromMs: fromMs + stepMs, toMs, stepMs };
      const series = await queryLogMatrix({ query, ...grid }, signal);
      return { data: volumeChart(series, grid, by), window: { fromMs, toMs }, stepMs };
    },
    refetchInterval: Math.min(REFRESH_MS_MAX, Math.max(REFRESH_MS_MIN, stepMs / 2)),
    placeholderData: (before) => before,
  });
  return { volume: data, error };
}
