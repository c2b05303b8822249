/** Rules by group, and what fires. */
import type { RuleGroup } from "@binnacle/api";
import { useQuery } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";
import { rulesQuery } from "../../app/server-queries.ts";
import { useFlatSearch } from "../../app/use-flat-search.ts";
import { StateFilter } from "../../components/state-filter.tsx";
import { Empty, ErrorNotice, Loading } from "../../components/notice.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { describeDuration } from "../../time/duration.ts";
import { formatAgo } from "../../time/format.ts";
import { useNow } from "../../time/use-now.ts";
import { countStates, filterGroups, RULE_STATES, stateOf, type RuleState } from "./alert-view.ts";
import { RuleRow } from "./rule-row.tsx";
import "./alerts.css";

const TONES: Record<RuleState, string> = {
  firing: "bad",
  pending: "warn",
  inactive: "ok",
  recording: "none",
  broken: "bad",
};

export default function AlertsPage(): ReactNode {
  const [search, setSearch] = useFlatSearch();
  const { data, error, isPending } = useQuery(rulesQuery);
  const states = useMemo(() => {
    const chosen = (search["state"] ?? "").split(",");
    return new Set(RULE_STATES.filter((state) => chosen.includes(state)));
  }, [search]);
  const text = search["q"] ?? "";
  const counts = useMemo(() => countStates(data ?? []), [data]);
  const groups = useMemo(() => filterGroups(data ?? [], { states, text }), [data, states, text]);

  return (
    <>
      <div className="page-bar">
        <h1>Alerts</h1>
        <StateFilter
          label="States"
          options={RULE_STATES.filter((state) => state !== "broken" || counts.broken > 0).map((state) => ({
            value: state,
            count: counts[state],
            tone: TONES[state],
          }))}
          chosen={states}
          onChoose={(next) => setSearch({ ...search, state: [...next].join(",") }, { replace: true })}
        />
        <span className="grow" />
        <SearchField
          label="Find a rule by name, expression or label"
          value={text}
          onChange={(q) => setSearch({ ...search, q }, { replace: true })}
        />
      </div>
      {isPending ? <Loading what="rules" /> : null}
      {error === null ? null : <ErrorNotice error={error} what="The rules cannot be shown." />}
      {data?.length === 0 ? (
        <Empty title="There are no rules.">
          Name rule files under <code>rule_files</code> in the configuration.
        </Empty>
      ) : data !== undefined && groups.length === 0 ? (
        <Empty title="No rule passes the filter." />
      ) : null}
      {groups.map((group) => (
        <Group key={`${group.file} ${group.name}`} group={group} open={search["open"]} />
      ))}
    </>
  );
}

function Group({ group, open }: { readonly group: RuleGroup; readonly open: string | undefined }): ReactNode {
  const nowMs = useNow();
  const seen = new Map<string, number>();
  return (
    <section className="rule-group" aria-label={`Group ${group.name}`}>
      <header>
        <h2>{group.name}</h2>
        <span className="rule-file mono">{group.file}</span>
        <span className="grow" />
        <span className="rule-note">
          every {describeDuration(group.interval * 1000)} · took{" "}
          {describeDuration(group.evaluationTime * 1000)} ·{" "}
          {formatAgo(Date.parse(group.lastEvaluation), nowMs)}
        </span>
      </header>
      <ul>
        {group.rules.map((rule) => {
          // A group may hold rules of one name that differ in their expressions.
          const base = `${rule.type} ${rule.name} ${rule.query}`;
          const count = seen.get(base) ?? 0;
          seen.set(base, count + 1);
          return (
            <RuleRow
              key={`${base} ${count}`}
              rule={rule}
              state={stateOf(rule)}
              tone={TONES[stateOf(rule)]}
              startsOpen={open === rule.name || stateOf(rule) === "firing"}
            />
          );
        })}
      </ul>
    </section>
  );
}
