/** What the Logs page asks. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { nanoseconds, queryLines, queryLogMatrix, type LinesQuestion } from "../../api/logs-api.ts";
import type { RangeAnswer } from "../../api/metrics-api.ts";
import type { ChartData } from "../../charts/chart-data.ts";
import { LOG_LINES_MAX } from "../../limits.ts";
import { resolveRange, spanOf } from "../../time/range.ts";
import { refreshIntervalMs } from "../../time/refresh.ts";
import { alignWindow, niceStepMs } from "../../time/step.ts";
import { entriesOf, joinPages, nextPage, type LogEntry } from "./entries.ts";
import { isLineQuery, volumeQuery } from "./log-query.ts";
import type { LogsState } from "./logs-state.ts";
import { volumeChart } from "./volume-chart.ts";

const POINTS = 250;
const BARS = 72;

interface LinesPage {
  readonly question: LinesQuestion;
  readonly entries: readonly LogEntry[];
  /** Of a metric query: its series instead of lines. */
  readonly matrix: RangeAnswer | undefined;
  readonly durationMs: number;
}

export function useLines(query: string, state: LogsState) {
  const { range, limit, direction } = state;
  const stepMs = niceStepMs(spanOf(range), POINTS);
  const result = useInfiniteQuery({
    queryKey: ["logs", "lines", query, range, limit, direction],
    enabled: query !== "" && !state.isLive,
    initialPageParam: undefined as LinesQuestion | undefined,
    queryFn: async ({ pageParam, signal }): Promise<LinesPage> => {
      const window = resolveRange(range, Date.now());
      const aligned = isLineQuery(query) ? window : alignWindow(window.fromMs, window.toMs, stepMs);
      const question = pageParam ?? {
        query,
        startNs: nanoseconds(aligned.fromMs),
        endNs: nanoseconds(aligned.toMs),
        limit,
        direction,
      };
      const answer = await queryLines({ ...question, stepMs }, signal);
      const { durationMs } = answer;
      if (answer.kind === "lines") {
        return { question, entries: entriesOf(answer.streams, direction), matrix: undefined, durationMs };
      }
      const matrix = {
        series: answer.series,
        question: { query, ...aligned, stepMs },
        warnings: [],
        infos: [],
        durationMs,
      };
      return { question, entries: [], matrix, durationMs };
    },
    getNextPageParam: ({ question, entries }, pages) =>
      pages.length * limit >= LOG_LINES_MAX ? undefined : nextPage(question, entries),
    refetchInterval: refreshIntervalMs(state.refresh, { isMoving: range.kind === "last", stepMs: 5000 }),
    placeholderData: keepPreviousData,
  });
  const pages = result.data?.pages;
  const entries = useMemo(() => joinPages((pages ?? []).map((page) => page.entries)), [pages]);
  return { ...result, entries, matrix: pages?.[0]?.matrix, durationMs: pages?.[0]?.durationMs };
}

export interface Volume {
  readonly data: ChartData;
  readonly window: { readonly fromMs: number; readonly toMs: number };
}

export function useVolume(query: string, by: string, state: LogsState) {
  const { range } = state;
  const stepMs = niceStepMs(spanOf(range), BARS);
  return useQuery({
    queryKey: ["logs", "volume", query, by, range],
    enabled: query !== "" && isLineQuery(query),
    queryFn: async ({ signal }): Promise<Volume> => {
      const window = resolveRange(range, Date.now());
      const fromMs = Math.floor(window.fromMs / stepMs) * stepMs;
      const toMs = Math.ceil(window.toMs / stepMs) * stepMs;
      // A bar ends at its time and covers the step before it.
      const grid = { fromMs: fromMs + stepMs, toMs, stepMs };
      const series = await queryLogMatrix({ query: volumeQuery(query, by, stepMs), ...grid }, signal);
      return { data: volumeChart(series, grid, by), window: { fromMs, toMs } };
    },
    refetchInterval: state.isLive
      ? Math.max(5000, stepMs / 2)
      : refreshIntervalMs(state.refresh, { isMoving: range.kind === "last", stepMs: 5000 }),
    placeholderData: keepPreviousData,
  });
}
