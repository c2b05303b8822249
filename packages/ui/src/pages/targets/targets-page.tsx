/** What is scraped, and how that goes. */
import type { ActiveTarget } from "@binnacle/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState, type ReactNode } from "react";
import { targetsQuery } from "../../app/server-queries.ts";
import { useFlatSearch } from "../../app/use-flat-search.ts";
import { Icon } from "../../components/icon.tsx";
import { LabelList } from "../../components/label-list.tsx";
import { Empty, ErrorNotice, Loading } from "../../components/notice.tsx";
import { SafeLink } from "../../components/safe-link.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { StateFilter } from "../../components/state-filter.tsx";
import { LogsLink } from "../../labels/correlation-link.tsx";
import { matcher } from "../../labels/selector.ts";
import { describeDuration } from "../../time/duration.ts";
import { formatAgo } from "../../time/format.ts";
import { lastSpan } from "../../time/range.ts";
import { useNow } from "../../time/use-now.ts";
import { encodeMetricsState, panelOf } from "../metrics/metrics-state.ts";
import { countHealth, HEALTHS, targetPools, type Health, type TargetPool } from "./target-view.ts";
import "./targets.css";

const TONES: Record<Health, string> = { up: "ok", down: "bad", unknown: "none" };
const RANGE = lastSpan(3_600_000);

export default function TargetsPage(): ReactNode {
  const [search, setSearch] = useFlatSearch();
  const { data, error, isPending } = useQuery(targetsQuery);
  const healths = useMemo(() => {
    const chosen = (search["health"] ?? "").split(",");
    return new Set(HEALTHS.filter((health) => chosen.includes(health)));
  }, [search]);
  const text = search["q"] ?? "";
  const counts = useMemo(() => countHealth(data ?? []), [data]);
  const pools = useMemo(() => targetPools(data ?? [], { healths, text }), [data, healths, text]);
  return (
    <>
      <div className="page-bar">
        <h1>Targets</h1>
        <StateFilter
          label="Health"
          options={HEALTHS.map((health) => ({ value: health, count: counts[health], tone: TONES[health] }))}
          chosen={healths}
          onChoose={(next) => setSearch({ ...search, health: [...next].join(",") }, { replace: true })}
        />
        <span className="grow" />
        <SearchField
          label="Find a target by address, label or error"
          value={text}
          onChange={(q) => setSearch({ ...search, q }, { replace: true })}
        />
      </div>
      {isPending ? <Loading what="targets" /> : null}
      {error === null ? null : <ErrorNotice error={error} what="The targets cannot be shown." />}
      {data?.length === 0 ? (
        <Empty title="Nothing is scraped.">
          Name targets under <code>scrape_configs</code> in the configuration.
        </Empty>
      ) : data !== undefined && pools.length === 0 ? (
        <Empty title="No target passes the filter." />
      ) : null}
      {pools.map((pool) => (
        <Pool key={pool.name} pool={pool} />
      ))}
    </>
  );
}

function Pool({ pool }: { readonly pool: TargetPool }): ReactNode {
  const [isOpen, setIsOpen] = useState(true);
  return (
    <section className="pool" aria-label={`Pool ${pool.name}`}>
      <button type="button" className="pool-head" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <Icon name={isOpen ? "down" : "right"} size={12} />
        <h2>{pool.name}</h2>
        <span className="state" data-state={pool.up === pool.total ? "ok" : "bad"}>
          {pool.up} of {pool.total} up
        </span>
      </button>
      {isOpen ? (
        <div className="pool-table">
          <table>
            <thead>
              <tr>
                <th scope="col">Health</th>
                <th scope="col">Endpoint</th>
                <th scope="col">Labels</th>
                <th scope="col" className="pool-number">
                  Last scrape
                </th>
                <th scope="col" className="pool-number">
                  Took
                </th>
                <th scope="col">
                  <span className="visually-hidden">Links</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {pool.targets.map((target) => (
                <Row key={`${target.scrapeUrl} ${JSON.stringify(target.labels)}`} target={target} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </section>
  );
}

function Row({ target }: { readonly target: ActiveTarget }): ReactNode {
  const nowMs = useNow();
  const [showsDiscovered, setShowsDiscovered] = useState(false);
  const up = `up{${["job", "instance"].map((name) => matcher(name, target.labels[name] ?? "")).join(",")}}`;
  return (
    <tr>
      <td>
        <span className="state" data-state={TONES[target.health]}>
          {target.health}
        </span>
      </td>
      <td className="pool-endpoint">
        <SafeLink href={target.scrapeUrl}>{target.scrapeUrl}</SafeLink>
        {target.lastError === "" ? null : <p className="pool-error mono">{target.lastError}</p>}
      </td>
      <td className="pool-labels">
        <LabelList labels={showsDiscovered ? target.discoveredLabels : target.labels} />
        <button
          type="button"
          className="pool-more"
          aria-expanded={showsDiscovered}
          onClick={() => setShowsDiscovered(!showsDiscovered)}
        >
          {showsDiscovered ? "as relabelled" : "as discovered"}
        </button>
      </td>
      <td className="pool-number">
        {formatAgo(Date.parse(target.lastScrape), nowMs)}
        <small>every {target.scrapeInterval}</small>
      </td>
      <td className="pool-number">
        {describeDuration(target.lastScrapeDuration * 1000)}
        <small>of {target.scrapeTimeout}</small>
      </td>
      <td className="pool-links">
        <Link
          to="/query"
          search={encodeMetricsState({ panels: [panelOf(up)], range: RANGE, refresh: "auto" })}
        >
          graph
        </Link>
        <LogsLink labels={target.labels} range={RANGE} />
      </td>
    </tr>
  );
}
