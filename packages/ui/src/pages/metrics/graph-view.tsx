/** A query's answer over the range, drawn. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { queryRange, type RangeAnswer } from "../../api/metrics-api.ts";
import { LazyTimeChart } from "../../charts/lazy-time-chart.tsx";
import { guessUnit } from "../../charts/units.ts";
import { Button } from "../../components/button.tsx";
import { Select } from "../../components/choice.tsx";
import { Empty, ErrorNotice, Loading, Notes } from "../../components/notice.tsx";
import { formatDuration } from "../../time/duration.ts";
import { resolveRange, spanOf, type TimeRange } from "../../time/range.ts";
import { refreshIntervalMs } from "../../time/refresh.ts";
import { alignWindow, niceStepMs, POINTS_MAX } from "../../time/step.ts";
import { matrixChart } from "./matrix-chart.ts";
import type { Resolution } from "./metrics-state.ts";
import type { PanelViewProps } from "./panel-props.ts";
import { hiddenAfterPick } from "./legend-pick.ts";
import { SeriesLegend } from "./series-legend.tsx";

const POINTS = { low: 100, medium: 250, high: 800 };
const FIXED_STEPS: readonly number[] = [1000, 5000, 15_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];
/** A single graph takes more of the screen than one of several. */
const HEIGHT = 300;
const HEIGHT_ALONE = 420;

export function GraphView(props: PanelViewProps): ReactNode {
  const { panel, range, refresh, onChange, onError } = props;
  const spanMs = spanOf(range);
  const stepMs = stepOf(panel.resolution, spanMs);
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    queryKey: ["metrics", "range", panel.expr, range, stepMs],
    queryFn: async ({ signal }) => await ask(panel.expr, range, { stepMs, signal }),
    refetchInterval: refreshIntervalMs(refresh, { isMoving: range.kind === "last", stepMs }),
    placeholderData: keepPreviousData,
  });
  useEffect(() => onError(error), [error, onError]);

  const matrix = useMemo(() => (data === undefined ? undefined : matrixChart(data)), [data]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [focusKey, setFocusKey] = useState<string | undefined>(undefined);
  const [hoverIndex, setHoverIndex] = useState<number | undefined>(undefined);
  const shown = useMemo(
    () =>
      matrix === undefined || hidden.size === 0
        ? matrix?.chart
        : { ...matrix.chart, series: matrix.chart.series.filter(({ key }) => !hidden.has(key)) },
    [matrix, hidden],
  );
  const unit = guessUnit(panel.expr);
  const isEmpty = matrix !== undefined && matrix.chart.series.length === 0;

  return (
    <>
      <div className="query-bar">
        {props.tabs}
        <Button
          look="outline"
          aria-pressed={panel.isStacked}
          onClick={() => onChange({ isStacked: !panel.isStacked })}
        >
          Stacked
        </Button>
        <Select
          label="Resolution"
          value={resolutionText(panel.resolution)}
          options={resolutionOptions(panel.resolution, spanMs)}
          onChoose={(text) => onChange({ resolution: resolutionOf(text) })}
        />
        <span className="grow" />
        {data === undefined ? null : (
          <p className="query-stats">
            {data.series.length} series · step {formatDuration(data.question.stepMs)} ·{" "}
            {Math.round(data.durationMs)} ms
          </p>
        )}
      </div>
      <div className="query-loading">
        {isFetching && (isPlaceholderData || data === undefined) ? <Loading what="the graph" /> : null}
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
      <Notes title="Warnings" notes={[...(data?.warnings ?? []), ...(data?.infos ?? [])]} />
      {error !== null ||
      data === undefined ||
      shown === undefined ||
      matrix === undefined ? null : isEmpty ? (
        <Empty
          title={
            matrix.histograms > 0
              ? "Only native histograms, which a line cannot show."
              : "No series in this range."
          }
        >
          {matrix.histograms > 0 ? "Wrap them, as in histogram_quantile(0.9, …)." : null}
        </Empty>
      ) : (
        <div className="query-graph" data-stale={isPlaceholderData}>
          <LazyTimeChart
            data={shown}
            kind={panel.isStacked ? "stacked" : "lines"}
            unit={unit}
            window={data.question}
            height={props.isAlone ? Math.max(HEIGHT, Math.min(HEIGHT_ALONE, innerHeight - 520)) : HEIGHT}
            isFilled={shown.series.length === 1}
            focusKey={focusKey}
            label={`Graph of ${panel.expr}: ${shown.series.length} series`}
            syncKey="metrics"
            onZoom={props.onZoom}
            onHover={setHoverIndex}
          />
          {matrix.leftOut > 0 ? (
            <p className="query-left-out">
              {matrix.leftOut} more series are not drawn; aggregate or narrow the query to see them.
            </p>
          ) : null}
          <SeriesLegend
            series={matrix.chart.series}
            distinct={matrix.distinct}
            hidden={hidden}
            unit={unit}
            hoverIndex={hoverIndex}
            onFocus={setFocusKey}
            onPick={(key, adds) => {
              const keys = matrix.chart.series.map((series) => series.key);
              setHidden(hiddenAfterPick(keys, hidden, { key, adds }));
              setFocusKey(undefined);
            }}
            logsRange={range}
          />
        </div>
      )}
    </>
  );
}

async function ask(
  query: string,
  range: TimeRange,
  options: { stepMs: number; signal: AbortSignal },
): Promise<RangeAnswer> {
  const { fromMs, toMs } = resolveRange(range, Date.now());
  const window = alignWindow(fromMs, toMs, options.stepMs);
  return await queryRange({ query, ...window, stepMs: options.stepMs }, options.signal);
}

function stepOf(resolution: Resolution, spanMs: number): number {
  if (resolution.kind === "auto") return niceStepMs(spanMs, POINTS[resolution.density]);
  // A step chosen for an hour would be refused for a month.
  return Math.max(resolution.stepMs, niceStepMs(spanMs, POINTS_MAX));
}

function resolutionText(resolution: Resolution): string {
  return resolution.kind === "auto" ? resolution.density : String(resolution.stepMs);
}

function resolutionOf(text: string): Resolution {
  if (text === "low" || text === "medium" || text === "high") return { kind: "auto", density: text };
  return { kind: "fixed", stepMs: Number(text) };
}

function resolutionOptions(current: Resolution, spanMs: number): { value: string; text: string }[] {
  const steps = new Set(FIXED_STEPS.filter((stepMs) => spanMs / stepMs <= POINTS_MAX));
  if (current.kind === "fixed") steps.add(current.stepMs);
  return [
    { value: "low", text: "Coarse" },
    { value: "medium", text: "Medium" },
    { value: "high", text: "Fine" },
    ...[...steps]
      .sort((a, b) => a - b)
      .map((stepMs) => ({ value: String(stepMs), text: `Step ${formatDuration(stepMs)}` })),
  ];
}
