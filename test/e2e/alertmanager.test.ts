/**
 * Against a real Alertmanager: it takes the alerts that are sent to it, and notifies as the built-in notifier
 * does.
 */
import fs from "node:fs";
import {
  AlertmanagerSender,
  fingerprint,
  Notifier,
  notificationsSchema,
  type Alert,
} from "@binnacle/alerting";
import { loadYaml } from "@binnacle/config";
import { Labels } from "@binnacle/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAlertmanager, type RunningAlertmanager } from "../support/alertmanager.ts";
import { startReceiver } from "../support/http-server.ts";
import { temporaryDir, waitFor } from "../support/process.ts";

type Receiver = Awaited<ReturnType<typeof startReceiver>>;

const HOUR = 3_600_000;
const dir = temporaryDir();
let theirs: Receiver;
let ours: Receiver;
let alertmanager: RunningAlertmanager;
let sender: AlertmanagerSender;
let notifier: Notifier;

/** The same routes for both; each tells its own receiver. */
const configFor = (receiver: Receiver): string => `
route:
  receiver: all
  group_by: [alertname]
  group_wait: 500ms
  group_interval: 1s
  repeat_interval: 1h
  routes:
    - { matchers: ['severity="page"'], receiver: pager, group_by: [], continue: true }
    - { matchers: ['job=~"a|b"'], receiver: team, group_by: ['...'] }
receivers:
  - name: all
    webhook_configs: [{ url: '${receiver.url}/all' }]
  - name: pager
    webhook_configs: [{ url: '${receiver.url}/pager', send_resolved: false }]
  - name: team
    webhook_configs: [{ url: '${receiver.url}/team', max_alerts: 2 }]
`;

beforeAll(async () => {
  theirs = await startReceiver();
  ours = await startReceiver();
  alertmanager = await startAlertmanager(configFor(theirs));
  const url = `${alertmanager.url}/api/v2/alerts`;
  const target = { url, timeoutMs: 5000, auth: {}, relabel: (labels: Labels): Labels => labels };
  sender = new AlertmanagerSender({ alertmanagers: [target] });
  const config = loadYaml(notificationsSchema, configFor(ours), { file: "b.yml" });
  notifier = await Notifier.open({ dir, config, externalUrl: "http://localhost:7070" });
});

afterAll(async () => {
  await sender?.stop();
  await notifier?.stop();
  await alertmanager?.stop();
  await theirs?.close();
  await ours?.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const startsAtMs = Date.now();

function alert(labels: Record<string, string>, endsAtMs = startsAtMs + HOUR): Alert {
  return {
    labels: Labels.fromObject(labels),
    annotations: Labels.fromObject({ summary: `about "${labels["x"] ?? ""}"`, same: "ü" }),
    startsAtMs,
    endsAtMs,
    generatorUrl: "http://localhost:7070/graph?g0.expr=up&g0.tab=1",
  };
}

const firingAlerts = (endsAtMs?: number): Alert[] => [
  alert({ alertname: "Plain", x: "1" }, endsAtMs),
  alert({ alertname: "Plain", x: "2", job: "z" }, endsAtMs),
  alert({ alertname: "Other", x: "1" }, endsAtMs),
  alert({ alertname: "Paged", severity: "page", x: "1" }, endsAtMs),
  alert({ alertname: "Paged", severity: "page", x: "2", job: "a", instance: "i:1" }, endsAtMs),
  alert({ alertname: "Team", job: "b", "odd name.ü": 'quoted "text"\\n' }, endsAtMs),
];

const firing = firingAlerts();

test("an Alertmanager takes the alerts and calls them by the same fingerprints", async () => {
  sender.send(firing);
  const listed = await waitFor(
    async () => {
      const response = await fetch(`${alertmanager.url}/api/v2/alerts`);
      const alerts = (await response.json()) as {
        labels: Record<string, string>;
        fingerprint: string;
        startsAt: string;
      }[];
      return alerts.length === firing.length && alerts;
    },
    { what: "Alertmanager to list the alerts" },
  );
  for (const item of listed) {
    const labels = Labels.fromObject(item.labels);
    expect(
      firing.some((sent) => sent.labels.equals(labels)),
      labels.toString(),
    ).toBe(true);
    expect(item.fingerprint).toBe(fingerprint(labels));
    expect(Date.parse(item.startsAt)).toBe(startsAtMs);
  }
});

/**
 * What a notification says, without what names its sender; in an order of its own, since groups have none.
 */
function told(receiver: Receiver): string[] {
  return receiver.received
    .map(({ path, body }) => {
      const { externalURL: _url, notification_reason: _reason, ...rest } = body as Record<string, unknown>;
      return JSON.stringify({ path, ...rest });
    })
    .sort();
}

test("both notify of firing alerts in the same words", async () => {
  notifier.receive(firing);
  await waitFor(() => theirs.received.length >= 5 && ours.received.length >= 5, {
    what: `five notifications of each (theirs ${theirs.received.length}, ours ${ours.received.length})`,
  });
  expect(told(ours)).toEqual(told(theirs));
});

test("both notify of resolved alerts in the same words", async () => {
  const before = theirs.received.length;
  const endsAtMs = Date.now();
  const resolved = firingAlerts(endsAtMs);
  sender.send(resolved);
  notifier.receive(resolved);
  const count = before + 4;
  await waitFor(() => theirs.received.length >= count && ours.received.length >= count, {
    what: "the notifications that all is over",
  });
  expect(told(ours)).toEqual(told(theirs));
});
