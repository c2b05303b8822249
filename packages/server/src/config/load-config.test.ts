import fs from "node:fs/promises";
import path from "node:path";
import { DEFAULT_RULES_FILE } from "@binnacle/alerting";
import { ConfigError } from "@binnacle/config";
import { expect, onTestFinished, test } from "vitest";
import type { Flags } from "../cli/flags.ts";
import { loadConfig } from "./load-config.ts";

const DATA = path.join(import.meta.dirname, "testdata");
const environment = { CLUSTER: "eu", REPLICA: "1" };

function load(file: string | undefined, flags: Partial<Flags> = {}) {
  const config = file === undefined ? {} : { config: file };
  return loadConfig("up", { features: [], ...config, ...flags }, { workingDirectory: DATA, environment });
}

async function loadText(text: string, flags: Partial<Flags> = {}) {
  const folder = await fs.mkdtemp(path.join(await fs.realpath("/tmp"), "binnacle-config-"));
  onTestFinished(() => fs.rm(folder, { recursive: true }));
  await fs.writeFile(path.join(folder, "b.yml"), text);
  return loadConfig(
    "up",
    { features: [], config: "b.yml", ...flags },
    { workingDirectory: folder, environment },
  );
}

test("without a file everything has a default, and writes stay below the working directory", async () => {
  expect(await load(undefined)).toMatchObject({
    file: undefined,
    listen: { host: "127.0.0.1", port: 7070 },
    dataDir: path.join(DATA, "data"),
    logLevel: "info",
    scrapeConfigs: [],
    selfScrape: { enabled: true },
    host: { enabled: true, root: "/" },
    logSources: { own: true, podLogs: "/var/log/pods", files: [{ paths: ["/var/log/*.log"] }] },
    metricsRetentionMs: 15 * 86_400_000,
    logsRetentionMs: 7 * 86_400_000,
    warnings: [],
  });
});

test("an agent listens and writes elsewhere", async () => {
  const config = await loadConfig("agent", { features: [] }, { workingDirectory: DATA });
  expect(config).toMatchObject({
    listen: { host: "127.0.0.1", port: 7071 },
    dataDir: path.join(DATA, "agent-data"),
  });
});

test("Prometheus's own first configuration", async () => {
  const config = await load("getting-started.yml");
  expect(config).toMatchObject({
    file: path.join(DATA, "getting-started.yml"),
    evaluationIntervalMs: 15_000,
    alertmanagers: [],
    warnings: [],
  });
  expect(config.scrapeConfigs).toHaveLength(1);
  expect(config.scrapeConfigs[0]).toMatchObject({
    jobName: "prometheus",
    scrapeIntervalMs: 15_000,
    scrapeTimeoutMs: 10_000,
    staticConfigs: [{ targets: ["localhost:9090"] }],
  });
});

test("probes, secrets, files beside the configuration, texts that look like numbers", async () => {
  const config = await load("blackbox.yml");
  const [blackbox, snmp] = config.scrapeConfigs;
  expect(config.externalLabels.toObject()).toEqual({
    cluster: "eu",
    gone: "xy",
    price: "$5",
    replica: "1-a",
  });
  expect(config.warnings).toEqual(["external_labels: the variable NOT_SET is not set, and empty"]);
  expect(blackbox).toMatchObject({
    scrapeIntervalMs: 60_000,
    scrapeTimeoutMs: 45_000,
    params: { module: ["http_2xx"], debug: ["true"] },
    fileDiscoveries: [{ files: [path.join(DATA, "targets/*.yml"), path.join(DATA, "targets/more.json")] }],
    http: { tls: { ca_file: path.join(DATA, "certs/ca.pem"), insecure_skip_verify: true } },
  });
  expect(blackbox!.http.basicAuth!.password!.reveal()).toBe("hunter2");
  expect(blackbox!.metricRelabelConfigs[1]).toMatchObject({ targetLabel: "shard", replacement: "1" });
  expect(snmp).toMatchObject({ honorLabels: true, samplesMax: 50_000, bodyBytesMax: 10 * 1024 ** 2 });
  expect(snmp!.staticConfigs[0]!.labels!.toObject()).toEqual({ rack: "07", room: "1.10" });
  expect(config.yaml).toContain("password: <secret>");
  expect(config.yaml).toContain("scrape_interval: 30s");
  expect(config.yaml).not.toContain("hunter2");
});

test("a cluster's configuration: what has no effect yet is said, with its place", async () => {
  const config = await load("kubernetes/prometheus.yml");
  const folder = path.join(DATA, "kubernetes");
  expect(config.warnings).toEqual([
    "kubernetes/prometheus.yml:4:3: global.query_log_file has no effect yet",
    "kubernetes/prometheus.yml:8:1: remote_write has no effect yet",
    "kubernetes/prometheus.yml:15:3: storage.exemplars has no effect yet",
    "kubernetes/prometheus.yml:18:7: alerting.alertmanagers[0].kubernetes_sd_configs has no effect yet",
    "kubernetes/prometheus.yml:25:5: scrape_configs[0].kubernetes_sd_configs has no effect yet",
    "kubernetes/prometheus.yml:27:5: scrape_configs[0].proxy_url has no effect yet",
    "rule_files: no file matches nowhere/*.yml",
  ]);
  expect(config).toMatchObject({
    metricsRetentionMs: 30 * 86_400_000,
    outOfOrderWindowMs: 30 * 60_000,
    logsRetentionMs: 3 * 86_400_000,
    ruleFiles: [DEFAULT_RULES_FILE, path.join(folder, "rules/node.yml")],
    logSources: { podLogs: undefined, files: [{ paths: [path.join(folder, "logs/*.log")] }] },
  });
  expect(config.ruleGroups.map((group) => group.file)).toContain(path.join(folder, "rules/node.yml"));
  expect(config.alertmanagers.map(({ url }) => url)).toEqual([
    "https://alerts.example.com:9093/am/api/v2/alerts",
  ]);
  expect(config.yaml).not.toContain("hunter2");
});

test("every mistake of every file at once", async () => {
  const error = await load("bad/prometheus.yml").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ConfigError);
  const { mistakes, message } = error as ConfigError;
  const places = mistakes.map(
    ({ file, line, path: at }) => `${path.relative(DATA, path.resolve(DATA, file))}:${line} ${at}`,
  );
  expect(places).toEqual([
    "bad/prometheus.yml:2 global.scrape_intervall",
    "bad/prometheus.yml:3 global.evaluation_interval",
    "bad/prometheus.yml:7 scrape_configs[0].static_config",
    "bad/prometheus.yml:10 scrape_configs[0].metric_relabel_configs[0].regex",
    "bad/prometheus.yml:12 scrape_configs[1].scheme",
    "bad/prometheus.yml:13 scrape_configs[1].basic_auth.password",
    "bad/prometheus.yml:15 binnacle.listen",
    "bad/prometheus.yml:18 binnacle.log_sources.file",
    "bad/rules/broken.yml:5 groups[0].rules[0].expr",
    "bad/rules/broken.yml:8 groups[0].rules[1].for",
  ]);
  expect(message).toContain("did you mean scrape_interval?");
  expect(message).toContain("did you mean files?");
  expect(message).not.toContain("hunter2");
});

test.for<[name: string, text: string, mistake: RegExp]>([
  ["not YAML", "global: [", /^b\.yml:1:\d+: found bad YAML/],
  [
    "a timeout over the global interval",
    "scrape_configs: [{job_name: a, scrape_timeout: 2m}]",
    /scrape_timeout: found "120000ms", expected a timeout that is not longer than global.scrape_interval/,
  ],
  [
    "a global timeout over the interval",
    "global: {scrape_timeout: 2m}",
    /global.scrape_timeout: found "120000ms"/,
  ],
  ["two jobs of one name", "scrape_configs: [{job_name: a}, {job_name: a}]", /scrape_configs\[1\].job_name/],
  ["a section nobody knows", "scrape_config: []", /did you mean scrape_configs\?/],
  ["a list where a mapping belongs", "[]", /found a list, expected a mapping/],
])("%s", async ([, text, mistake]) => {
  await expect(loadText(text)).rejects.toThrow(mistake);
});

test("a file that is not there", async () => {
  await expect(load("nowhere.yml")).rejects.toThrow(/^nowhere\.yml:1:1: found ENOENT.*expected a file/);
});

test("flags go before the file", async () => {
  const text =
    "binnacle: {listen: ':1', data: d, log_level: warn, retention: {metrics: 1d, logs: 1d}, " +
    "forward: 'http://f'}";
  const folder = path.dirname((await loadText(text)).file!);
  expect(await loadText(text)).toMatchObject({
    listen: { host: "0.0.0.0", port: 1 },
    logLevel: "warn",
    metricsRetentionMs: 86_400_000,
    forward: "http://f",
  });
  const flags = {
    listen: { host: "::1", port: 2 },
    data: "/elsewhere",
    logLevel: "error",
    metricsRetentionMs: 1,
    logsRetentionMs: 2,
    forward: "http://g",
    podLogs: "/pods",
    hostRoot: "/host",
  } as const;
  expect(folder).toContain("binnacle-config-");
  expect(await loadText(text, flags)).toMatchObject({
    listen: flags.listen,
    dataDir: "/elsewhere",
    logLevel: "error",
    metricsRetentionMs: 1,
    logsRetentionMs: 2,
    forward: "http://g",
    logSources: { podLogs: "/pods" },
    host: { root: "/host" },
  });
});

test("data named by the file is beside it, data named by a flag is below the working directory", async () => {
  const fromFile = await loadText("binnacle: {data: d}");
  expect(fromFile.dataDir).toBe(path.join(path.dirname(fromFile.file!), "d"));
  expect((await load("getting-started.yml", { data: "e" })).dataDir).toBe(path.join(DATA, "e"));
});

test("a file without intervals shows those that hold", async () => {
  expect((await loadText("")).yaml).toBe(
    "global:\n  scrape_interval: 1m\n  scrape_timeout: 10s\n  evaluation_interval: 1m\n",
  );
});

test("default rules and notifications, unless the file says otherwise", async () => {
  const config = await loadText("");
  expect(config.ruleFiles).toEqual([DEFAULT_RULES_FILE]);
  expect(config.notifications.receivers.map((receiver) => receiver.name)).toEqual(["log"]);
  const text = `binnacle:
  default_rules: false
  notifications:
    route: {receiver: ops}
    receivers: [{name: ops, webhook_configs: [{url: "http://127.0.0.1:1/hunter2"}]}]`;
  const changed = await loadText(text);
  expect(changed.ruleFiles).toEqual([]);
  expect(changed.notifications.route.receiver).toBe("ops");
  expect(changed.yaml).not.toContain("hunter2");
});

test("flags as they are in force", async () => {
  const { flagValues } = await load(undefined, { metricsRetentionMs: 86_400_000 });
  expect(flagValues).toMatchObject({ listen: "127.0.0.1:7070", "storage.tsdb.retention.time": "1d" });
});
