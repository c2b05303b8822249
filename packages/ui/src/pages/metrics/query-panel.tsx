/** One query: its editor, and its answer as a graph or a table. */
import { useState, type ReactNode } from "react";
import { ApiError, messageOf } from "../../api/api-error.ts";
import { formatQuery } from "@binnacle/api";
import { request } from "../../api/request.ts";
import { useDraft } from "../../app/use-draft.ts";
import { pastQueries } from "../../app/query-history.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { PromqlField } from "../../editor/lazy-code-field.tsx";
import { GraphView } from "./graph-view.tsx";
import type { Tab } from "./metrics-state.ts";
import { MetricStart } from "./metric-start.tsx";
import type { QueryPanelProps } from "./panel-props.ts";
import { TableView } from "./table-view.tsx";

const TABS: readonly { readonly value: Tab; readonly text: string }[] = [
  { value: "graph", text: "Graph" },
  { value: "table", text: "Table" },
];

export function QueryPanel(props: QueryPanelProps): ReactNode {
  const { panel, onChange } = props;
  const [draft, setDraft] = useDraft(panel.expr);
  const [error, setError] = useState<unknown>(null);
  const [formatError, setFormatError] = useState("");

  const run = (text: string): void => {
    setFormatError("");
    if (text === panel.expr) props.onRunSame();
    else onChange({ expr: text });
  };
  const format = async (): Promise<void> => {
    try {
      const { data } = await request(formatQuery, { query: draft }, { signal: AbortSignal.timeout(5000) });
      setDraft(data);
      setFormatError("");
    } catch (failure) {
      setFormatError(messageOf(failure));
    }
  };
  // The mark belongs to the text that was run, not to one that has changed since.
  const errorAt = error instanceof ApiError && draft === panel.expr ? error.position : undefined;
  const isEmpty = panel.expr.trim() === "";

  return (
    <section className="query-panel" aria-label={`Query ${props.name}`}>
      <div className="query-editor">
        <span className="query-name" aria-hidden="true">
          {props.name}
        </span>
        <PromqlField
          value={draft}
          past={pastQueries}
          errorAt={errorAt}
          isSearch={props.isFirst}
          onChange={setDraft}
          onRun={run}
        />
        <div className="query-tools">
          <IconButton
            icon="format"
            label="Format"
            className="wide-only"
            disabled={draft.trim() === ""}
            onClick={() => void format()}
          />
          {props.onDuplicate === undefined ? null : (
            <IconButton icon="copy" label="Duplicate" className="wide-only" onClick={props.onDuplicate} />
          )}
          {props.onRemove === undefined ? null : (
            <IconButton icon="close" label="Remove" onClick={props.onRemove} />
          )}
          <Button look="primary" onClick={() => run(draft)}>
            Run
          </Button>
        </div>
      </div>
      {formatError === "" ? null : (
        <p className="query-format-error mono" role="alert">
          {formatError}
        </p>
      )}
      {isEmpty ? (
        props.isFirst ? (
          <MetricStart onPick={(expr) => onChange({ expr })} />
        ) : null
      ) : panel.tab === "graph" ? (
        <GraphView {...props} tabs={<Tabs {...props} />} onError={setError} />
      ) : (
        <TableView {...props} tabs={<Tabs {...props} />} onError={setError} />
      )}
    </section>
  );
}

function Tabs({ panel, onChange }: Pick<QueryPanelProps, "panel" | "onChange">): ReactNode {
  return <Choice label="Show as" value={panel.tab} options={TABS} onChoose={(tab) => onChange({ tab })} />;
}
