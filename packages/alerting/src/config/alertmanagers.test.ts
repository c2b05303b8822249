import { loadYaml } from "@binnacle/config";
import { Labels } from "@binnacle/model";
import { expect, test } from "vitest";
import { z } from "zod";
import { alertingSchema } from "./alertmanagers.ts";

const schema = alertingSchema({
  schema: z.strictObject({ drop: z.string() }),
  relabel: (labels, entries) => (entries.some(({ drop }) => labels.has(drop)) ? undefined : labels),
});
const load = (text: string) => loadYaml(schema, text, { file: "p.yml" });

test("an alerting section of prometheus.yml gives its addresses", () => {
  const targets = load(`
alert_relabel_configs: [{ drop: a }]
alertmanagers:
  - static_configs: [{ targets: ['am1:9093', 'am2:9093'] }]
  - scheme: https
    path_prefix: /alerts/
    timeout: 3s
    relabel_configs: [{ whatever: 1 }]
    kubernetes_sd_configs: [{ role: pod }]
    alert_relabel_configs: [{ drop: b }]
    static_configs: [{ targets: ['[::1]:9093'] }]
`);
  expect(targets.map(({ url, timeoutMs }) => [url, timeoutMs])).toEqual([
    ["http://am1:9093/api/v2/alerts", 10_000],
    ["http://am2:9093/api/v2/alerts", 10_000],
    ["https://[::1]:9093/alerts/api/v2/alerts", 3000],
  ]);
  const kept = (name: string) =>
    targets.map(({ relabel }) => relabel(Labels.fromObject({ [name]: "x" })) !== undefined);
  expect([kept("a"), kept("b"), kept("c")]).toEqual([
    [false, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});

test.for<[text: string, message: string]>([
  ["alertmanagers: [{static_configs: [{targets: ['http://x/']}]}]", "HOST:PORT"],
  ["alertmanagers: [{scheme: ftp}]", "scheme"],
  ["alertmanagers: [{api_version: v1}]", "api_version"],
  ["alertmanagers: [{statik_configs: []}]", "static_configs"],
])("%s is refused", ([text, message]) => {
  expect(() => load(text)).toThrow(message);
});

test("an empty section has none", () => {
  expect(load("")).toEqual([]);
});
