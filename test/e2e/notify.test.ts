/** A rule fires, a webhook is told in Alertmanager's words, and told again when it is over. */
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, promql } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { exposition, startReceiver, startServer, type TestServer } from "../support/http-server.ts";
import { temporaryDir, waitFor } from "../support/process.ts";

interface WebhookMessage {
  readonly version: string;
  readonly status: string;
  readonly receiver: string;
  readonly groupLabels: Record<string, string>;
  readonly commonLabels: Record<string, string>;
  readonly externalURL: string;
  readonly alerts: readonly {
    status: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
    startsAt: string;
    endsAt: string;
    generatorURL: string;
    fingerprint: string;
  }[];
}

let temperature = 20;
let target: TestServer;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let binnacle: RunningBinnacle;
const dir = temporaryDir();

const RULES = `groups:
  - name: heat
    interval: 300ms
    rules:
      - alert: TooHot
        expr: temperature_celsius > 30
        for: 600ms
        labels: {severity: page}
        annotations:
          summary: "{{ $labels.room }} has {{ $value }} degrees"
`;

beforeAll(async () => {
  target = await startServer(
    exposition(
      () =>
        `temperature_celsius{room="cellar"} ${temperature}\ntemperature_celsius{room="attic"} ${temperature}\n`,
    ),
  );
  receiver = await startReceiver();
  fs.writeFileSync(path.join(dir, "heat.yml"), RULES);
  binnacle = await startBinnacle({
    config: `global: {scrape_interval: 300ms, scrape_timeout: 300ms, external_labels: {cluster: c1}}
rule_files: ["${dir}/*.yml"]
scrape_configs: [{job_name: rooms, static_configs: [{targets: ["${target.address}"]}]}]
binnacle:
  default_rules: false
  notifications:
    route:
      receiver: hook
      group_by: [alertname]
      group_wait: 500ms
      group_interval: 1s
      repeat_interval: 1h
    receivers:
      - name: hook
        webhook_configs: [{url: "${receiver.url}/hook"}]
`,
  });
});

afterAll(async () => {
  await binnacle?.stop();
  await target?.close();
  await receiver?.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const messages = (status: string): WebhookMessage[] =>
  receiver.received.map(({ body }) => body as WebhookMessage).filter((message) => message.status === status);

test("pending, then firing, then one message for the group", async () => {
  await waitFor(async () => (await promql(binnacle.url, "temperature_celsius")).length === 2, {
    what: "samples",
  });
  expect(receiver.received).toEqual([]);
  temperature = 35;
  await waitFor(async () => (await promql(binnacle.url, 'ALERTS{alertstate="pending"}')).length > 0, {
    what: "the alert to be pending",
  });
  const message = await waitFor(() => messages("firing").at(-1), { what: "a message" });
  expect(receiver.received[0]!.path).toBe("/hook");
  expect(message).toMatchObject({
    version: "4",
    status: "firing",
    receiver: "hook",
    groupLabels: { alertname: "TooHot" },
    commonLabels: { alertname: "TooHot", severity: "page", job: "rooms", cluster: "c1" },
  });
  const rooms = message.alerts.map(({ labels }) => labels.room ?? "").sort();
  expect(rooms).toEqual(["attic", "cellar"]);
  const cellar = message.alerts.find(({ labels }) => labels.room === "cellar")!;
  expect(cellar).toMatchObject({ status: "firing", annotations: { summary: "cellar has 35 degrees" } });
  expect(Date.parse(cellar.startsAt)).toBeGreaterThan(Date.now() - 60_000);
  expect(cellar.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  expect(await promql(binnacle.url, 'ALERTS{alertstate="firing"}')).toHaveLength(2);
});

test("the API says what fires", async () => {
  const { alerts } = await ask<{ alerts: { state: string; labels: Record<string, string> }[] }>(
    `${binnacle.url}/api/v1/alerts`,
  );
  expect(alerts.filter(({ state }) => state === "firing")).toHaveLength(2);
});

test("resolved, and said so once", async () => {
  temperature = 20;
  const message = await waitFor(() => messages("resolved").at(-1), { what: "the resolving message" });
  expect(message.alerts.every(({ status }) => status === "resolved")).toBe(true);
  for (const { startsAt, endsAt } of message.alerts)
    expect(Date.parse(endsAt)).toBeGreaterThan(Date.parse(startsAt));
  await waitFor(async () => (await promql(binnacle.url, "ALERTS")).length === 0, {
    what: "ALERTS to go stale",
  });
});
