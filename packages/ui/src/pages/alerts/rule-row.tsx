/** One rule, and opened its expression, its annotations and its active alerts. */
import type { Alert } from "@binnacle/api";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { sampleValue } from "../../api/sample-value.ts";
import { formatValue } from "../../charts/units.ts";
import { Icon } from "../../components/icon.tsx";
import { LabelList } from "../../components/label-list.tsx";
import { SafeLink } from "../../components/safe-link.tsx";
import { webAddress } from "../../components/web-address.ts";
import { LogsLink } from "../../labels/correlation-link.tsx";
import { describeDuration } from "../../time/duration.ts";
import { formatAgo } from "../../time/format.ts";
import { lastSpan } from "../../time/range.ts";
import { useNow } from "../../time/use-now.ts";
import { encodeMetricsState, panelOf } from "../metrics/metrics-state.ts";
import type { Rule, RuleState } from "./alert-view.ts";

interface RuleRowProps {
  readonly rule: Rule;
  readonly state: RuleState;
  readonly tone: string;
  readonly startsOpen: boolean;
}

const RANGE = lastSpan(3_600_000);
const ALERT_NAME: ReadonlySet<string> = new Set(["alertname"]);

export function RuleRow({ rule, state, tone, startsOpen }: RuleRowProps): ReactNode {
  const [isOpen, setIsOpen] = useState(startsOpen);
  const alerts = rule.type === "alerting" ? rule.alerts : [];
  return (
    <li className="rule" data-state={state}>
      <button type="button" className="rule-head" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <Icon name={isOpen ? "down" : "right"} size={12} />
        <span className="state" data-state={tone}>
          {state}
        </span>
        <span className="rule-name">{rule.name}</span>
        <span className="rule-brief">{brief(rule)}</span>
        {alerts.length > 0 ? <b className="rule-count">{alerts.length}</b> : null}
      </button>
      {isOpen ? <Details rule={rule} alerts={alerts} /> : null}
    </li>
  );
}

function brief(rule: Rule): string {
  if (rule.health === "err") return rule.lastError ?? "cannot be evaluated";
  if (rule.type === "recording") return rule.query;
  // What fires has its template filled in; of several alerts the first speaks for all.
  return rule.alerts[0]?.annotations["summary"] ?? rule.query;
}

function Details({ rule, alerts }: { readonly rule: Rule; readonly alerts: readonly Alert[] }): ReactNode {
  const nowMs = useNow();
  const search = encodeMetricsState({ panels: [panelOf(rule.query)], range: RANGE, refresh: "auto" });
  return (
    <div className="rule-details">
      {rule.lastError === undefined || rule.lastError === "" ? null : (
        <p className="notice notice-error mono">{rule.lastError}</p>
      )}
      <p className="rule-query">
        <code>{rule.query}</code>
        <Link to="/query" search={search}>
          open in Metrics
        </Link>
      </p>
      <p className="rule-note">
        {rule.type === "alerting" && rule.duration > 0
          ? `for ${describeDuration(rule.duration * 1000)} · `
          : ""}
        {rule.type === "alerting" && rule.keepFiringFor > 0
          ? `keeps firing for ${describeDuration(rule.keepFiringFor * 1000)} · `
          : ""}
        evaluated {formatAgo(Date.parse(rule.lastEvaluation), nowMs)} in{" "}
        {describeDuration(rule.evaluationTime * 1000)}
      </p>
      {rule.labels === undefined ? null : <LabelList labels={rule.labels} />}
      {alerts.length > 0 ? (
        <ul className="alerts">
          {alerts.map((alert) => (
            <ActiveAlert key={JSON.stringify(alert.labels)} alert={alert} />
          ))}
        </ul>
      ) : rule.type === "alerting" ? (
        <Annotations annotations={rule.annotations} />
      ) : null}
    </div>
  );
}

function ActiveAlert({ alert }: { readonly alert: Alert }): ReactNode {
  const nowMs = useNow();
  const sinceMs = alert.activeAt === undefined ? Number.NaN : Date.parse(alert.activeAt);
  return (
    <li className="alert">
      <div className="alert-head">
        <span className="state" data-state={alert.state === "firing" ? "bad" : "warn"}>
          {alert.state}
        </span>
        <span className="alert-since" title={alert.activeAt}>
          {Number.isNaN(sinceMs) ? "" : `since ${describeDuration(Math.max(1000, nowMs - sinceMs))}`}
        </span>
        <span className="alert-value" title={alert.value}>
          value <b>{formatValue(sampleValue(alert.value))}</b>
        </span>
        <LogsLink labels={alert.labels} range={RANGE} />
      </div>
      <LabelList labels={alert.labels} without={ALERT_NAME} />
      <Annotations annotations={alert.annotations} />
    </li>
  );
}

function Annotations({ annotations }: { readonly annotations: Readonly<Record<string, string>> }): ReactNode {
  const entries = Object.entries(annotations);
  if (entries.length === 0) return null;
  return (
    <dl className="annotations">
      {entries.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{webAddress(text) === undefined ? text : <SafeLink href={text}>{text}</SafeLink>}</dd>
        </div>
      ))}
    </dl>
  );
}
