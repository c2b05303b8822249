import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadYaml } from "@binnacle/config";
import { Labels, NO_LOGGER, type Logger } from "@binnacle/model";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Alert } from "../alert.ts";
import {
  NOTIFICATIONS_DEFAULT,
  notificationsSchema,
  type NotificationsConfig,
} from "../config/notifications.ts";
import { TestServer } from "../testing-http.ts";
import { Notifier, type NotifierOptions } from "./notifier.ts";
import type { NotificationPayload } from "./payload.ts";

let dir: string;
let server: TestServer;
let open: Notifier[];
beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), "binnacle-notifier-"));
  server = await TestServer.start();
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((notifier) => notifier.stop()));
  await server[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const HOUR = 3_600_000;

function configOf(
  route = "group_by: [alertname], group_wait: 40ms, group_interval: 60ms",
  webhook = "",
): NotificationsConfig {
  const text = `
route: { receiver: hook, ${route} }
receivers: [{ name: hook, webhook_configs: [{ url: '${server.url}/hook' ${webhook} }] }, { name: other }]`;
  return loadYaml(notificationsSchema, text, { file: "b.yml" });
}

async function start(config = configOf(), options: Partial<NotifierOptions> = {}): Promise<Notifier> {
  const notifier = await Notifier.open({ dir, config, externalUrl: "http://b/", ...options });
  open.push(notifier);
  return notifier;
}

/** Stops one, as a restart would. */
async function stop(notifier: Notifier): Promise<void> {
  open.splice(open.indexOf(notifier), 1);
  await notifier.stop();
}

function alert(labels: Record<string, string>, state: "firing" | "resolved" = "firing"): Alert {
  const nowMs = Date.now();
  return {
    labels: Labels.fromObject({ alertname: "A", ...labels }),
    annotations: Labels.EMPTY,
    startsAtMs: nowMs - (state === "resolved" ? 1000 : 0),
    endsAtMs: state === "firing" ? nowMs + HOUR : nowMs,
    generatorUrl: "http://g",
  };
}

/** `firing a,!b` for a payload with a firing and b resolved. */
function received(): string[] {
  return server.requests.map(({ body }) => {
    const { status, alerts } = body as NotificationPayload;
    const names = alerts.map((item) => (item.status === "resolved" ? "!" : "") + item.labels["x"]);
    return `${status} ${names.join(",")}`;
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("a group is told of together, news in the next interval, the end when it is over", async () => {
  const notifier = await start();
  notifier.receive([alert({ x: "a" })]);
  notifier.receive([alert({ x: "b" })]);
  await vi.waitFor(() => expect(received()).toEqual(["firing a,b"]));
  expect(server.requests[0]!.body).toMatchObject({
    version: "4",
    groupKey: '{}:{alertname="A"}',
    receiver: "hook",
    groupLabels: { alertname: "A" },
    externalURL: "http://b",
  });

  notifier.receive([alert({ x: "b" }, "resolved"), alert({ x: "c" })]);
  await vi.waitFor(() => expect(received()[1]).toBe("firing a,!b,c"));
  await pause(150);
  expect(received().length, "nothing new is not told").toBe(2);

  notifier.receive([alert({ x: "a" }, "resolved"), alert({ x: "c" }, "resolved")]);
  await vi.waitFor(() => expect(received()[2]).toBe("resolved !a,!c"));
  await vi.waitFor(() => expect(notifier.alerts()).toEqual([]));
  await pause(150);
  expect(received().length).toBe(3);
});

test("groups are told of apart", async () => {
  const notifier = await start();
  notifier.receive([alert({ x: "a" }), alert({ alertname: "B", x: "b" })]);
  await vi.waitFor(() => expect(received().sort()).toEqual(["firing a", "firing b"]));
});

test("what goes on firing is told of again after repeat_interval", async () => {
  const notifier = await start(configOf("group_wait: 0s, group_interval: 30ms, repeat_interval: 200ms"));
  notifier.receive([alert({ x: "a" })]);
  await vi.waitFor(() => expect(received()).toEqual(["firing a", "firing a", "firing a"]), { timeout: 5000 });
});

test("an alert of which nothing more is heard is resolved at its end", async () => {
  const notifier = await start();
  notifier.receive([{ ...alert({ x: "a" }), endsAtMs: Date.now() + 200 }]);
  await vi.waitFor(() => expect(received()).toEqual(["firing a", "resolved !a"]), { timeout: 5000 });
});

test("send_resolved: false leaves resolved alerts out, and the next firing is told of", async () => {
  const notifier = await start(configOf(undefined, ", send_resolved: false"));
  notifier.receive([alert({ x: "a" })]);
  await vi.waitFor(() => expect(received()).toEqual(["firing a"]));
  notifier.receive([alert({ x: "a" }, "resolved")]);
  await vi.waitFor(() => expect(notifier.alerts()).toEqual([]));
  notifier.receive([alert({ x: "a" })]);
  await vi.waitFor(() => expect(received()).toEqual(["firing a", "firing a"]));
});

test("a receiver in trouble is asked again until it takes the notification", async () => {
  server.answers.push({ status: 500 }, { status: 429, headers: { "retry-after": "0" } });
  const notifier = await start(configOf(), { random: () => 0 });
  notifier.receive([alert({ x: "a" })]);
  await vi.waitFor(() => expect(received()).toEqual(["firing a", "firing a", "firing a"]), { timeout: 5000 });
  await pause(150);
  expect(received().length).toBe(3);
});

test("a notification that is refused is told again with the next interval", async () => {
  server.answers.push({ status: 400 });
  const notifier = await start();
  notifier.receive([alert({ x: "a" })]);
  await vi.waitFor(() => expect(received()).toEqual(["firing a", "firing a"]));
});

test("a restart neither repeats nor forgets", async () => {
  const first = await start();
  first.receive([alert({ x: "a" }), alert({ alertname: "B", x: "b" })]);
  await vi.waitFor(() => expect(received().length).toBe(2));
  await stop(first);

  const second = await start();
  expect(
    second
      .alerts()
      .map(({ labels }) => labels.get("x"))
      .sort(),
  ).toEqual(["a", "b"]);
  await pause(200);
  expect(received().length, "repeated").toBe(2);
  second.receive([alert({ x: "a" }, "resolved")]);
  await stop(second);

  const third = await start();
  await vi.waitFor(() => expect(received().slice(2)).toEqual(["resolved !a"]));
  await pause(150);
  expect(received().length).toBe(3);
  expect(third.alerts().map(({ labels }) => labels.get("x"))).toEqual(["b"]);
});

test("what was not delivered when it stopped is delivered after the next start", async () => {
  server.answers.push({ status: 503 });
  const first = await start(configOf(), { random: () => 0.99 });
  first.receive([alert({ x: "a" })]);
  await vi.waitFor(() => expect(received().length).toBe(1));
  await stop(first);
  await start();
  await vi.waitFor(() => expect(received()).toEqual(["firing a", "firing a"]));
});

test("an alert that ran out while the program was stopped goes on until rules could speak", async () => {
  const first = await start();
  first.receive([{ ...alert({ x: "a" }), endsAtMs: Date.now() + 100 }]);
  await vi.waitFor(() => expect(received()).toEqual(["firing a"]));
  await stop(first);
  await pause(120);
  await start();
  await pause(150);
  expect(received()).toEqual(["firing a"]);
});

test("applied routes take the active alerts over, and do not repeat what is known", async () => {
  const notifier = await start();
  notifier.receive([alert({ x: "a" })]);
  await vi.waitFor(() => expect(received()).toEqual(["firing a"]));
  notifier.apply(configOf("group_by: [alertname], group_wait: 10ms, group_interval: 50ms"));
  await pause(150);
  expect(received()).toEqual(["firing a"]);
  notifier.apply(configOf("group_by: ['...'], group_wait: 10ms, group_interval: 50ms"));
  await vi.waitFor(() => expect(received()).toEqual(["firing a", "firing a"]));
  expect((server.requests[1]!.body as NotificationPayload).groupKey).toBe('{}:{alertname="A", x="a"}');
});

test("an alert in two groups is kept until both have told of its end", async () => {
  const routes = `group_by: [], group_wait: 10ms, group_interval: 50ms, routes:
    [{matchers: [x=a], receiver: hook, continue: true}, {matchers: [alertname=A], receiver: hook}]`;
  const notifier = await start(configOf(routes));
  notifier.receive([alert({ x: "a" })]);
  await vi.waitFor(() => expect(received()).toEqual(["firing a", "firing a"]));
  notifier.receive([alert({ x: "a" }, "resolved")]);
  await vi.waitFor(() => expect(received().slice(2)).toEqual(["resolved !a", "resolved !a"]));
  await vi.waitFor(() => expect(notifier.alerts()).toEqual([]));
});

test("external labels are added", async () => {
  const notifier = await start(configOf(), { externalLabels: Labels.fromObject({ cluster: "c", x: "z" }) });
  notifier.receive([alert({ x: "a" })]);
  await vi.waitFor(() => expect(server.requests.length).toBe(1));
  const { alerts } = server.requests[0]!.body as NotificationPayload;
  expect(alerts[0]!.labels).toEqual({ alertname: "A", cluster: "c", x: "a" });
});

test("the end of an alert nobody knows is no news", async () => {
  const notifier = await start();
  notifier.receive([alert({ x: "a" }, "resolved")]);
  expect(notifier.alerts()).toEqual([]);
});

test("without configuration notifications go to the log", async () => {
  const lines: unknown[] = [];
  const logger: Logger = { ...NO_LOGGER, warn: (fields, message) => void lines.push([message, fields]) };
  const config = { ...NOTIFICATIONS_DEFAULT, route: { ...NOTIFICATIONS_DEFAULT.route, group_wait: 10 } };
  const notifier = await start(config, { logger });
  notifier.receive([alert({ x: "a" })]);
  await vi.waitFor(() =>
    expect(lines).toEqual([
      [
        "notification: firing, 1 alerts",
        { notification: expect.objectContaining({ version: "4", receiver: "log" }) as unknown },
      ],
    ]),
  );
});
