/** What needs a person: alerts, targets that do not answer, disks that fill. */
import type { VectorSample } from "@binnacle/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { messageOf } from "../../api/api-error.ts";
import { sampleValue } from "../../api/sample-value.ts";
import { alertsQuery, targetsQuery } from "../../app/server-queries.ts";
import { describeDuration } from "../../time/duration.ts";
import { formatAgo } from "../../time/format.ts";
import { useNow } from "../../time/use-now.ts";

const ROWS = 6;

export function FiringList(): ReactNode {
  const nowMs = useNow();
  const { data, error } = useQuery(alertsQuery);
  const active = (data ?? [])
    .filter(({ state }) => state !== "inactive")
    .toSorted((a, b) => (a.state === b.state ? 0 : a.state === "firing" ? -1 : 1));
  return (
    <section className="home-list" aria-label="Alerts">
      <header>
        <h2>
          <Link to="/alerts">Alerts</Link>
        </h2>
      </header>
      {error === null ? null : <p className="home-list-note">{messageOf(error)}</p>}
      {error === null && data !== undefined && active.length === 0 ? (
        <p className="home-list-note">Nothing fires, nothing is pending.</p>
      ) : null}
      <ul>
        {active.slice(0, ROWS).map((alert) => (
          <li key={JSON.stringify(alert.labels)}>
            <Link to="/alerts" search={{ open: alert.labels["alertname"] ?? "" }} className="home-row">
              <span className="state" data-state={alert.state === "firing" ? "bad" : "warn"}>
                {alert.labels["alertname"] ?? "unnamed"}
              </span>
              <span className="home-row-text">
                {alert.annotations["summary"] ?? alert.annotations["description"] ?? ""}
              </span>
              <span className="home-row-end">
                {alert.activeAt === undefined
                  ? ""
                  : describeDuration(Math.max(1000, nowMs - Date.parse(alert.activeAt)))}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <More count={active.length - ROWS} />
    </section>
  );
}

export function TargetList(): ReactNode {
  const nowMs = useNow();
  const { data, error } = useQuery(targetsQuery);
  const rank = { down: 0, unknown: 1, up: 2 };
  const sorted = (data ?? []).toSorted(
    (a, b) => rank[a.health] - rank[b.health] || (a.scrapeUrl < b.scrapeUrl ? -1 : 1),
  );
  return (
    <section className="home-list" aria-label="Targets">
      <header>
        <h2>
          <Link to="/targets">Targets</Link>
        </h2>
      </header>
      {error === null ? null : <p className="home-list-note">{messageOf(error)}</p>}
      {data?.length === 0 ? <p className="home-list-note">Nothing is scraped.</p> : null}
      <ul>
        {sorted.slice(0, ROWS).map((target) => (
          <li key={`${target.scrapePool} ${target.scrapeUrl} ${JSON.stringify(target.labels)}`}>
            <Link to="/targets" search={{ q: target.labels["instance"] ?? "" }} className="home-row">
              <span
                className="state"
                data-state={target.health === "up" ? "ok" : target.health === "down" ? "bad" : "none"}
              >
                {target.scrapePool}
              </span>
              <span className="home-row-text">
                {target.health === "down" ? target.lastError : target.labels["instance"]}
              </span>
              <span className="home-row-end">{formatAgo(Date.parse(target.lastScrape), nowMs)}</span>
            </Link>
          </li>
        ))}
      </ul>
      <More count={sorted.length - ROWS} />
    </section>
  );
}

export function DiskList({ samples }: { readonly samples: readonly VectorSample[] | undefined }): ReactNode {
  const disks = (samples ?? [])
    .map(({ metric, value }) => ({
      mountpoint: metric["mountpoint"] ?? "",
      device: metric["device"] ?? "",
      used: sampleValue(value?.[1] ?? ""),
    }))
    .filter(({ used }) => Number.isFinite(used))
    .toSorted((a, b) => b.used - a.used);
  return (
    <section className="home-list" aria-label="Disks">
      <header>
        <h2>Disks</h2>
      </header>
      {samples?.length === 0 ? <p className="home-list-note">No file system is reported.</p> : null}
      <ul>
        {disks.slice(0, ROWS).map(({ mountpoint, device, used }) => (
          <li key={`${mountpoint} ${device}`} className="home-row">
            <span className="home-mount mono">{mountpoint}</span>
            <span className="home-gauge" data-tone={used >= 0.95 ? "bad" : used >= 0.85 ? "warn" : "calm"}>
              <i style={{ width: `${Math.min(100, used * 100)}%` }} />
            </span>
            <span className="home-row-end">{(used * 100).toFixed(1)} %</span>
          </li>
        ))}
      </ul>
      <More count={disks.length - ROWS} />
    </section>
  );
}

function More({ count }: { readonly count: number }): ReactNode {
  return count > 0 ? <p className="home-list-note">and {count} more</p> : null;
}
