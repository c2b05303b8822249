/** Lines: searched, counted, and as they come. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type ReactNode } from "react";
import { ApiError } from "../../api/api-error.ts";
import { logLabelValues } from "../../api/logs-api.ts";
import { logLabelsQuery } from "../../app/server-queries.ts";
import { useDraft } from "../../app/use-draft.ts";
import { useFlatSearch } from "../../app/use-flat-search.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { Choice, Select } from "../../components/choice.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Empty, ErrorNotice, Loading } from "../../components/notice.tsx";
import { LogqlField } from "../../editor/lazy-code-field.tsx";
import type { LogqlNames } from "../../editor/logql-completion.ts";
import { matcher } from "../../labels/selector.ts";
import { draggedRange, resolveRange, type TimeRange } from "../../time/range.ts";
import { TimeControls } from "../../time/time-controls.tsx";
import { LabelBrowser } from "./label-browser.tsx";
import { LogList } from "./log-list.tsx";
import { LogMatrix } from "./log-matrix.tsx";
import {
  everyStream,
  highlightsOf,
  isLineQuery,
  pickVolumeLabel,
  selectorSpan,
  toLogQuery,
  withMatcher,
} from "./log-query.ts";
import { decodeLogsState, encodeLogsState, LINE_LIMITS, type LogsState } from "./logs-state.ts";
import { hasSources } from "./source-label.ts";
import { TailBar } from "./tail-bar.tsx";
import { useLines, useVolume } from "./use-logs.ts";
import { useTail } from "./use-tail.ts";
import { VolumeChart } from "./volume.tsx";
import "./logs.css";

/** On a narrow screen the labels would leave no room for lines. */
const LABELS_OPEN_PX_MIN = 1200;

export default function LogsPage(): ReactNode {
  const [search, setSearch] = useFlatSearch();
  const [openedMs] = useState(() => Date.now());
  const state = useMemo(() => decodeLogsState(search, openedMs), [search, openedMs]);
  const client = useQueryClient();
  const { data: names, error: namesError } = useQuery(logLabelsQuery);
  const [draft, setDraft] = useDraft(state.query);
  const [showsLabels, setShowsLabels] = useState(() => innerWidth >= LABELS_OPEN_PX_MIN);

  const query = names === undefined ? "" : toLogQuery(state.query, everyStream(names));
  const by = state.by === "" ? pickVolumeLabel(names ?? []) : state.by;
  const lines = useLines(query, state);
  const volume = useVolume(query, by, state);
  const tail = useTail(query, state.isLive && isLineQuery(query));
  const entries = useMemo(
    () => (state.isLive ? ordered(tail.snapshot.entries, state.direction) : lines.entries),
    [state.isLive, state.direction, tail.snapshot.entries, lines.entries],
  );
  const highlights = useMemo(() => highlightsOf(query), [query]);
  const showsSource = useMemo(() => hasSources(entries.slice(0, 300).map(({ labels }) => labels)), [entries]);
  const completionNames = useCompletionNames(state.range, names);

  const set = (change: Partial<LogsState>, options?: { replace: boolean }): void =>
    setSearch(encodeLogsState({ ...state, ...change }), options);
  const askAgain = (): void => void client.refetchQueries({ queryKey: ["logs"], type: "active" });
  const run = (text: string): void => {
    if (text === state.query) askAgain();
    else set({ query: text });
  };
  const pick = (name: string, value: string, operator: "=" | "!=" = "="): void => {
    set({ query: withMatcher(state.query === "" ? "{}" : query, name, value, operator) });
  };
  const isPicked = (name: string, value: string): boolean => {
    const span = selectorSpan(query);
    return span !== undefined && query.slice(span.start, span.end).includes(matcher(name, value));
  };
  const error = lines.error ?? namesError;
  const errorAt =
    error instanceof ApiError && draft === state.query && draft === query ? error.position : undefined;

  return (
    <>
      <div className="page-bar">
        <h1>Logs</h1>
        <span className="grow" />
        <Button
          icon={state.isLive ? "pause" : "play"}
          aria-pressed={state.isLive}
          data-shortcut="live"
          title="Live tail (l)"
          disabled={query !== "" && !isLineQuery(query)}
          onClick={() => set({ isLive: !state.isLive })}
        >
          {state.isLive ? "Stop" : "Live"}
        </Button>
        <TimeControls
          range={state.range}
          onRange={(range) => set({ range, isLive: false })}
          refresh={state.refresh}
          onRefresh={(refresh) => set({ refresh })}
          onAskAgain={askAgain}
        />
        <CopyButton label="Copy a link to this view" text={() => location.href} />
      </div>
      <div className="query-editor">
        <button
          type="button"
          className="query-name labels-toggle"
          aria-pressed={showsLabels}
          aria-label="Labels"
          title="Labels"
          onClick={() => setShowsLabels(!showsLabels)}
        >
          <LabelsIcon />
        </button>
        <LogqlField
          value={draft}
          names={completionNames}
          errorAt={errorAt}
          isSearch
          onChange={setDraft}
          onRun={run}
        />
        <div className="query-tools">
          <Button look="primary" onClick={() => run(draft)}>
            Run
          </Button>
        </div>
      </div>
      <div className="logs-body" data-labels={showsLabels}>
        {showsLabels ? <LabelBrowser range={state.range} onPick={pick} isPicked={isPicked} /> : null}
        <div className="logs-main">
          {isLineQuery(query) && error === null ? (
            <VolumeChart
              volume={volume.data}
              error={volume.error}
              by={by}
              names={names ?? []}
              onBy={(label) => set({ by: label })}
              onZoom={(fromMs, toMs) => set({ range: draggedRange(fromMs, toMs), isLive: false })}
            />
          ) : null}
          {state.isLive ? (
            <TailBar tail={tail} />
          ) : (
            <div className="query-bar logs-bar">
              <Choice
                label="Order"
                value={state.direction}
                options={[
                  { value: "backward", text: "Newest first" },
                  { value: "forward", text: "Oldest first" },
                ]}
                onChoose={(direction) => set({ direction })}
              />
              <Select
                label="Lines"
                value={String(state.limit)}
                options={LINE_LIMITS.map((limit) => ({ value: String(limit), text: `${limit} lines` }))}
                onChoose={(limit) => set({ limit: Number(limit) })}
              />
              <IconButton
                icon="wrap"
                label="Wrap lines"
                aria-pressed={state.wraps}
                onClick={() => set({ wraps: !state.wraps }, { replace: true })}
              />
              <span className="grow" />
              <p className="query-stats">
                {lines.matrix === undefined
                  ? `${entries.length} lines`
                  : `${lines.matrix.series.length} series`}
                {lines.durationMs === undefined ? "" : ` · ${Math.round(lines.durationMs)} ms`}
              </p>
            </div>
          )}
          <div className="query-loading">
            {lines.isFetching && !state.isLive ? <Loading what="lines" /> : null}
          </div>
          {error === null ? null : <ErrorNotice error={error} />}
          {lines.matrix !== undefined && !state.isLive && error === null ? (
            <LogMatrix
              answer={lines.matrix}
              onZoom={(fromMs, toMs) => set({ range: draggedRange(fromMs, toMs) })}
            />
          ) : error === null && entries.length === 0 ? (
            <NoLines
              isLive={state.isLive}
              isPending={lines.isPending && query !== ""}
              hasStreams={names?.length !== 0}
            />
          ) : error === null ? (
            <LogList
              entries={entries}
              highlights={highlights}
              showsSource={showsSource}
              wraps={state.wraps}
              range={state.range}
              follows={
                !state.isLive || tail.snapshot.isPaused
                  ? "no"
                  : state.direction === "backward"
                    ? "top"
                    : "bottom"
              }
              onScrolledAway={() => tail.setPaused(true)}
              onPick={pick}
              foot={
                lines.hasNextPage && !state.isLive ? (
                  <div className="log-more">
                    <Button onClick={() => void lines.fetchNextPage()} disabled={lines.isFetchingNextPage}>
                      {state.direction === "backward" ? "Load older lines" : "Load newer lines"}
                    </Button>
                  </div>
                ) : null
              }
            />
          ) : null}
        </div>
      </div>
    </>
  );
}

function NoLines(props: {
  readonly isLive: boolean;
  readonly isPending: boolean;
  readonly hasStreams: boolean;
}): ReactNode {
  if (props.isLive) return <Empty title="Waiting for lines." />;
  if (props.isPending) return null;
  if (!props.hasStreams) {
    return (
      <Empty title="There are no logs yet.">
        The agent tails what it finds under /var/log; others can push to <code>/loki/api/v1/push</code>.
      </Empty>
    );
  }
  return <Empty title="No line in this range matches.">Widen the range, or loosen the filters.</Empty>;
}

function LabelsIcon(): ReactNode {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      aria-hidden="true"
    >
      <path d="M2.5 2.5h11v11h-11zM6.5 2.5v11" />
    </svg>
  );
}

function ordered<T>(entries: readonly T[], direction: LogsState["direction"]): readonly T[] {
  return direction === "backward" ? entries.toReversed() : entries;
}

const NAMES_SIGNAL_MS = 5000;

/** Names for the editor's completion. Where they cannot be had there is none, and typing goes on. */
function useCompletionNames(range: TimeRange, names: readonly string[] | undefined): LogqlNames {
  return useMemo(
    () => ({
      labels: () => Promise.resolve(names ?? []),
      values: async (label, selector) => {
        const options = {
          ...resolveRange(range, Date.now()),
          ...(selector === undefined ? {} : { selector }),
        };
        try {
          return await logLabelValues(label, options, AbortSignal.timeout(NAMES_SIGNAL_MS));
        } catch {
          return [];
        }
      },
    }),
    [range, names],
  );
}
