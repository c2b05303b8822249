import { Labels, NO_METER, type Meter } from "@binnacle/model";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Alert } from "../alert.ts";
import type { AlertmanagerConfig } from "../config/alertmanagers.ts";
import { TestServer } from "../testing-http.ts";
import { AlertmanagerSender } from "./alertmanager-sender.ts";

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server[Symbol.asyncDispose]());

const target = (changes: Partial<AlertmanagerConfig> = {}): AlertmanagerConfig => ({
  url: `${server.url}/api/v2/alerts`,
  timeoutMs: 2000,
  auth: {},
  relabel: (labels) => labels,
  ...changes,
});

const alert = (x: string): Alert => ({
  labels: Labels.fromObject({ alertname: "A", x }),
  annotations: Labels.fromObject({ summary: "s" }),
  startsAtMs: 1000,
  endsAtMs: 241_000,
  generatorUrl: "http://g",
});

/** Counts by name and reason. */
function countingMeter(): { meter: Meter; counts: Record<string, number> } {
  const counts: Record<string, number> = {};
  const meter: Meter = {
    ...NO_METER,
    counter: ({ name }) => ({
      inc: (labels, by = 1) => {
        const key = labels?.["reason"] === undefined ? name : `${name} ${labels["reason"]}`;
        counts[key] = (counts[key] ?? 0) + by;
      },
    }),
  };
  return { meter, counts };
}

test("posts alerts as Alertmanager's API takes them, with external labels", async () => {
  const externalLabels = Labels.fromObject({ cluster: "c", x: "other" });
  const sender = new AlertmanagerSender({ alertmanagers: [target()], externalLabels });
  sender.send([alert("1")]);
  await sender.stop();
  expect(server.requests).toMatchObject([
    {
      path: "/api/v2/alerts",
      body: [
        {
          labels: { alertname: "A", cluster: "c", x: "1" },
          annotations: { summary: "s" },
          startsAt: "1970-01-01T00:00:01Z",
          endsAt: "1970-01-01T00:04:01Z",
          generatorURL: "http://g",
        },
      ],
    },
  ]);
});

test("every Alertmanager gets all alerts, relabelled as it wants them", async () => {
  const drop = target({
    relabel: (labels) => (labels.get("x") === "1" ? undefined : labels.with({ x: "" })),
  });
  const sender = new AlertmanagerSender({ alertmanagers: [target(), drop] });
  sender.send([alert("1"), alert("2")]);
  await sender.stop();
  const bodies = server.requests.map(({ body }) =>
    (body as { labels: unknown }[]).map(({ labels }) => labels),
  );
  expect(bodies).toContainEqual([
    { alertname: "A", x: "1" },
    { alertname: "A", x: "2" },
  ]);
  expect(bodies).toContainEqual([{ alertname: "A" }]);
});

test("alerts go in batches, and those of a batch that fails are dropped and counted", async () => {
  server.answers.push({ status: 500 });
  const { meter, counts } = countingMeter();
  const sender = new AlertmanagerSender({ alertmanagers: [target()], meter });
  sender.send(Array.from({ length: 300 }, (_, i) => alert(String(i))));
  await sender.stop();
  expect(server.requests.map(({ body }) => (body as unknown[]).length)).toEqual([256, 44]);
  expect(counts).toEqual({
    "binnacle_alertmanager_alerts_dropped_total send_failed": 256,
    binnacle_alertmanager_alerts_sent_total: 44,
  });
});

test("a queue that is full drops the oldest", async () => {
  server.answers.push({ delayMs: 200 });
  const { meter, counts } = countingMeter();
  const sender = new AlertmanagerSender({ alertmanagers: [target()], meter });
  sender.send([alert("first")]);
  await vi.waitFor(() => expect(server.requests.length).toBe(1));
  sender.send(Array.from({ length: 10_005 }, (_, i) => alert(String(i))));
  expect(counts).toEqual({ "binnacle_alertmanager_alerts_dropped_total queue_full": 5 });
  await vi.waitFor(() => expect(server.requests.length).toBeGreaterThan(1));
  const [oldest] = server.requests[1]!.body as { labels: { x: string } }[];
  expect(oldest!.labels.x).toBe("5");
  await sender.stop();
});

test("applied addresses replace those before, which still get what waits for them", async () => {
  await using other = await TestServer.start();
  const sender = new AlertmanagerSender({ alertmanagers: [target()] });
  sender.send([alert("1")]);
  sender.apply([target({ url: `${other.url}/api/v2/alerts` })]);
  sender.send([alert("2")]);
  expect(sender.urls()).toEqual([`${other.url}/api/v2/alerts`]);
  await vi.waitFor(() => expect([server.requests.length, other.requests.length]).toEqual([1, 1]));
  await sender.stop();
});
