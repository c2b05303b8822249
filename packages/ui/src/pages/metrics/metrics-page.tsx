/** PromQL, its graphs and tables. */
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";
import { rememberQuery } from "../../app/query-history.ts";
import { useFlatSearch } from "../../app/use-flat-search.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { PANELS_MAX } from "../../limits.ts";
import { draggedRange } from "../../time/range.ts";
import { TimeControls } from "../../time/time-controls.tsx";
import {
  decodeMetricsState,
  encodeMetricsState,
  panelOf,
  type MetricsState,
  type PanelState,
} from "./metrics-state.ts";
import { QueryPanel } from "./query-panel.tsx";
import "./metrics.css";

export default function MetricsPage(): ReactNode {
  const [search, setSearch] = useFlatSearch();
  const state = useMemo(() => decodeMetricsState(search), [search]);
  const client = useQueryClient();

  const set = (next: Partial<MetricsState>): void => setSearch(encodeMetricsState({ ...state, ...next }));
  const setPanel = (index: number, change: Partial<PanelState>): void => {
    if (change.expr !== undefined) rememberQuery(change.expr);
    set({ panels: state.panels.map((panel, at) => (at === index ? { ...panel, ...change } : panel)) });
  };
  const askAgain = (): void => void client.refetchQueries({ queryKey: ["metrics"], type: "active" });

  return (
    <>
      <div className="page-bar">
        <h1>Metrics</h1>
        <span className="grow" />
        <TimeControls
          range={state.range}
          onRange={(range) => set({ range })}
          refresh={state.refresh}
          onRefresh={(refresh) => set({ refresh })}
          onAskAgain={askAgain}
        />
        <CopyButton label="Copy a link to this view" text={() => location.href} />
      </div>
      <div className="query-panels">
        {state.panels.map((panel, index) => (
          <QueryPanel
            // A panel is its place in the URL, and has no other name.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            name={panelName(index)}
            panel={panel}
            range={state.range}
            refresh={state.refresh}
            isFirst={index === 0}
            isAlone={state.panels.length === 1}
            onChange={(change) => setPanel(index, change)}
            onRunSame={askAgain}
            onZoom={(fromMs, toMs) => set({ range: draggedRange(fromMs, toMs) })}
            onDuplicate={
              state.panels.length >= PANELS_MAX
                ? undefined
                : () => set({ panels: state.panels.toSpliced(index + 1, 0, panel) })
            }
            onRemove={
              state.panels.length === 1 ? undefined : () => set({ panels: state.panels.toSpliced(index, 1) })
            }
          />
        ))}
        <div className="query-add">
          <Button
            icon="plus"
            look="plain"
            disabled={state.panels.length >= PANELS_MAX}
            onClick={() => set({ panels: [...state.panels, panelOf("")] })}
          >
            Add a query
          </Button>
        </div>
      </div>
    </>
  );
}

/** A, B, … as panels are called, so that one can speak of them. */
function panelName(index: number): string {
  return String.fromCodePoint(65 + index);
}
