import { loadYaml } from "@binnacle/config";
import { Labels } from "@binnacle/model";
import { expect, test } from "vitest";
import { notificationsSchema } from "../config/notifications.ts";
import { groupKey, Route } from "./route.ts";

const RECEIVERS = ["default", "db", "page", "web", "all"].map((name) => `{name: ${name}}`).join(",");

function routeOf(text: string): Route {
  const config = loadYaml(notificationsSchema, `route: ${text}\nreceivers: [${RECEIVERS}]`, {
    file: "r.yml",
  });
  return Route.fromConfig(config.route);
}

const TREE = `{receiver: default, group_by: [alertname], routes: [
  {matchers: [team=db], receiver: db, group_wait: 1s, routes: [
    {matchers: [severity=page], receiver: page, group_by: []}]},
  {matchers: [team=web], receiver: web, continue: true},
  {matchers: ['team=~"web|ops"'], receiver: all, group_by: ['...']}]}`;

test.for<[labels: Record<string, string>, receivers: string[]]>([
  [{}, ["default"]],
  [{ team: "x" }, ["default"]],
  [{ team: "db" }, ["db"]],
  [{ team: "db", severity: "page" }, ["page"]],
  [{ team: "web" }, ["web", "all"]],
  [{ team: "ops" }, ["all"]],
])("%o goes to %o", ([labels, receivers]) => {
  const routes = routeOf(TREE).match(Labels.fromObject(labels));
  expect(routes.map((route) => route.options.receiver)).toEqual(receivers);
});

test.for<[labels: Record<string, string>, key: string]>([
  [{ alertname: "A", x: "y" }, '{}:{alertname="A"}'],
  [{ x: "y" }, "{}:{}"],
  [{ alertname: "A", team: "db", severity: "page" }, '{}/{team="db"}/{severity="page"}:{}'],
  [{ alertname: "A", team: "ops" }, '{}/{team=~"web|ops"}:{alertname="A", team="ops"}'],
])("%o is in the group %s", ([object, key]) => {
  const labels = Labels.fromObject(object);
  const [route] = routeOf(TREE).match(labels);
  expect(groupKey(route!, route!.groupLabels(labels))).toBe(key);
});

test("what a route does not say it has of the one above, and the root of Alertmanager's defaults", () => {
  const root = routeOf(TREE);
  const [page] = root.match(Labels.fromObject({ team: "db", severity: "page" }));
  expect(page!.options).toMatchObject({
    groupWaitMs: 1000,
    groupIntervalMs: 300_000,
    repeatIntervalMs: 14_400_000,
  });
  expect(root.options).toMatchObject({ groupWaitMs: 30_000 });
});
