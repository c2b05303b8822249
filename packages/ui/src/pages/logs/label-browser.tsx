/** The labels of the streams with their values; a click puts one into the query. */
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { logLabelValues } from "../../api/logs-api.ts";
import { logLabelsQuery } from "../../app/server-queries.ts";
import { Icon } from "../../components/icon.tsx";
import { ErrorNotice, Loading } from "../../components/notice.tsx";
import { LABEL_VALUES_SHOWN } from "../../limits.ts";
import { resolveRange, type TimeRange } from "../../time/range.ts";

interface LabelBrowserProps {
  readonly range: TimeRange;
  readonly onPick: (name: string, value: string) => void;
  /** Whether the query's selector says already that a label has a value. */
  readonly isPicked: (name: string, value: string) => boolean;
}

const VALUES_STALE_MS = 30_000;

export function LabelBrowser({ range, onPick, isPicked }: LabelBrowserProps): ReactNode {
  const [filter, setFilter] = useState("");
  const [opened, setOpened] = useState<string | undefined>(undefined);
  const { data: names, error } = useQuery(logLabelsQuery);
  return (
    <aside className="label-browser" aria-label="Labels">
      <label className="search">
        <Icon name="search" />
        <input
          className="input"
          type="search"
          placeholder="Find a value"
          aria-label="Find a value of the open label"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      </label>
      {error === null ? null : <ErrorNotice error={error} />}
      {names?.length === 0 ? <p className="label-none">No streams yet.</p> : null}
      <ul>
        {names?.map((name) => (
          <li key={name}>
            <button
              type="button"
              className="label-browser-name"
              aria-expanded={opened === name}
              onClick={() => setOpened(opened === name ? undefined : name)}
            >
              <Icon name={opened === name ? "down" : "right"} size={12} />
              <span className="mono">{name}</span>
            </button>
            {opened === name ? (
              <Values name={name} range={range} filter={filter} onPick={onPick} isPicked={isPicked} />
            ) : null}
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Values(props: LabelBrowserProps & { readonly name: string; readonly filter: string }): ReactNode {
  const { name, range, filter } = props;
  const { data, error, isPending } = useQuery({
    queryKey: ["log-label-values", name, range],
    queryFn: async ({ signal }) => await logLabelValues(name, resolveRange(range, Date.now()), signal),
    staleTime: VALUES_STALE_MS,
  });
  const found = (data ?? []).filter((value) => value.toLowerCase().includes(filter.toLowerCase()));
  return (
    <>
      {isPending ? <Loading what="values" /> : null}
      {error === null ? null : <ErrorNotice error={error} />}
      {data !== undefined && found.length === 0 ? (
        <p className="label-none">No value in this range.</p>
      ) : null}
      <ul className="label-browser-values">
        {found.slice(0, LABEL_VALUES_SHOWN).map((value) => (
          <li key={value}>
            <button
              type="button"
              className="mono"
              aria-pressed={props.isPicked(name, value)}
              title={value}
              onClick={() => props.onPick(name, value)}
            >
              {value}
            </button>
          </li>
        ))}
      </ul>
      {found.length > LABEL_VALUES_SHOWN ? (
        <p className="label-none">and {found.length - LABEL_VALUES_SHOWN} more</p>
      ) : null}
    </>
  );
}
