import { inspect } from "node:util";
import { ConfigError, loadYaml, redactSecrets } from "@binnacle/config";
import { expect, test } from "vitest";
import { NOTIFICATIONS_DEFAULT, notificationsSchema } from "./notifications.ts";

const load = (text: string) => loadYaml(notificationsSchema, text, { file: "b.yml" });

const GOOD = `
route:
  receiver: team
  group_by: [alertname, cluster]
  group_wait: 10s
  routes:
    - matchers: [severity=page, 'job=~"a|b"']
      receiver: pager
      continue: true
      repeat_interval: 1h
    - match: { severity: info }
      match_re: { job: x.* }
      group_by: ['...']
receivers:
  - name: team
    log_configs: [{ send_resolved: false }]
  - name: pager
    webhook_configs:
      - url: http://localhost:1/hook?token=hunter2
        max_alerts: 5
        timeout: 3s
        http_config: { authorization: { credentials: hunter2 } }
`;

test("routes and receivers are read in alertmanager.yml's words", () => {
  const { route, receivers } = load(GOOD);
  expect(route.routes[0]).toMatchObject({
    receiver: "pager",
    continue: true,
    matchers: [
      { name: "severity", op: "=", value: "page" },
      { name: "job", op: "=~", value: "a|b" },
    ],
    repeat_interval: 3_600_000,
    group_by: undefined,
  });
  expect(route.routes[1]!.matchers).toEqual([
    { name: "severity", op: "=", value: "info" },
    { name: "job", op: "=~", value: "x.*" },
  ]);
  const [webhook] = receivers[1]!.webhook_configs;
  expect(webhook).toMatchObject({ max_alerts: 5, timeout: 3000, send_resolved: true });
  expect(webhook!.url.reveal()).toBe("http://localhost:1/hook?token=hunter2");
});

test("no secret is shown", () => {
  const config = load(GOOD);
  const raw = { receivers: [{ name: "a", webhook_configs: [{ url: "http://x/hunter2" }] }] };
  const shown = [
    JSON.stringify(config),
    inspect(config, { depth: 9 }),
    JSON.stringify(redactSecrets(notificationsSchema, raw)),
  ];
  expect(shown.join()).not.toContain("hunter2");
});

test.for<[what: string, text: string, place: string, message: string]>([
  ["no receivers", "route: {receiver: a}", "receivers", ""],
  ["no receiver at the top", "route: {}\nreceivers: [{name: a}]", "route", "a receiver in the topmost route"],
  [
    "an unknown receiver",
    "route: {receiver: b}\nreceivers: [{name: a}]",
    "route.receiver",
    "the name of one of the receivers",
  ],
  [
    "an unknown receiver below",
    "route: {receiver: a, routes: [{receiver: b}]}\nreceivers: [{name: a}]",
    "route.routes[0].receiver",
    "the name of one of the receivers",
  ],
  [
    "two of one name",
    "route: {receiver: a}\nreceivers: [{name: a}, {name: a}]",
    "receivers[1].name",
    "no other receiver",
  ],
  [
    "matchers at the top",
    "route: {receiver: a, matchers: [a=b]}\nreceivers: [{name: a}]",
    "route",
    "no matchers",
  ],
  [
    "a bad matcher",
    "route: {receiver: a, routes: [{matchers: ['a']}]}\nreceivers: [{name: a}]",
    "route.routes[0].matchers[0]",
    "expected one of =",
  ],
  [
    "a label twice",
    "route: {receiver: a, group_by: [x, x]}\nreceivers: [{name: a}]",
    "route.group_by",
    "each label once",
  ],
  [
    "an interval of 0",
    "route: {receiver: a, group_interval: 0s}\nreceivers: [{name: a}]",
    "route.group_interval",
    "a duration over 0",
  ],
  [
    "a URL that is none",
    "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'ftp://x'}]}]",
    "receivers[0].webhook_configs[0].url",
    "http://",
  ],
  [
    "an unknown key",
    "route: {receiver: a, groupwait: 1s}\nreceivers: [{name: a}]",
    "route.groupwait",
    "group_wait",
  ],
])("%s is refused", ([, text, place, message]) => {
  let error: unknown;
  try {
    load(text);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(ConfigError);
  const [mistake] = (error as ConfigError).mistakes;
  expect([mistake!.path, `${mistake!.expected} ${mistake!.hint ?? ""}`]).toEqual([
    place,
    expect.stringContaining(message),
  ]);
});

test("the default is what its schema would give", () => {
  const text = "route: {receiver: log, group_by: [alertname]}\nreceivers: [{name: log, log_configs: [{}]}]";
  expect(load(text)).toEqual(NOTIFICATIONS_DEFAULT);
});
