import { loadYaml, parseYaml } from "@binnacle/config";
import { expect, test } from "vitest";
import { HTTP_KEYS_WITHOUT_EFFECT } from "./http-config.ts";
import { resolveScrapeConfig, scrapeConfigsSchema } from "./scrape-config.ts";
import { keysWithoutEffect, SCRAPE_KEYS_WITHOUT_EFFECT } from "./without-effect.ts";

const load = (text: string) => loadYaml(scrapeConfigsSchema, text, { file: "prometheus.yml" });

test("a configuration of Prometheus's documentation is read whole", () => {
  const [config] = load(`
- job_name: service-x
  honor_labels: true
  scrape_interval: 50s
  scrape_timeout: 5s
  body_size_limit: 10MB
  sample_limit: 1000
  scrape_protocols: [PrometheusText0.0.4]
  metrics_path: /my_path
  scheme: https
  params: { module: [http_2xx] }
  basic_auth: { username: admin_name, password: "multiline\\nmysecret" }
  tls_config: { ca_file: valid_ca_file, insecure_skip_verify: true, min_version: TLS12 }
  http_headers: { foo: { values: [bar] } }
  static_configs:
    - targets: ["localhost:9090", "localhost:9191"]
      labels: { my: label, number: 7 }
  file_sd_configs:
    - files: ["foo/*.slow.json", single/file.yml]
      refresh_interval: 10m
  relabel_configs:
    - source_labels: [job, __meta_dns_name]
      regex: "(.*)some-[regex]"
      target_label: job
      replacement: foo-\${1}
  metric_relabel_configs:
    - source_labels: [__name__]
      regex: expensive_metric.*
      action: drop
`);
  const resolved = resolveScrapeConfig(config!);
  expect(resolved).toMatchObject({
    jobName: "service-x",
    scrapeIntervalMs: 50_000,
    scrapeTimeoutMs: 5_000,
    bodyBytesMax: 10 * 1024 * 1024,
    samplesMax: 1000,
    scheme: "https",
    honorLabels: true,
    honorTimestamps: true,
    params: { module: ["http_2xx"] },
    fileDiscoveries: [{ files: ["foo/*.slow.json", "single/file.yml"], refreshIntervalMs: 600_000 }],
  });
  expect(resolved.http.basicAuth?.password?.reveal()).toBe("multiline\nmysecret");
  expect(JSON.stringify(resolved)).not.toContain("mysecret");
  expect(resolved.staticConfigs[0]!.labels!.get("number")).toBe("7");
});

test("what a job leaves out comes from global, and from the defaults after it", () => {
  const [config] = load("- job_name: a");
  expect(resolveScrapeConfig(config!)).toMatchObject({ scrapeIntervalMs: 60_000, scrapeTimeoutMs: 10_000 });
  const global = { scrape_interval: 5_000, sample_limit: 7 };
  // A timeout that only the defaults give is cut to the interval.
  expect(resolveScrapeConfig(config!, global)).toMatchObject({
    scrapeIntervalMs: 5_000,
    scrapeTimeoutMs: 5_000,
    samplesMax: 7,
  });
});

test.each([
  ["- {}", "job_name"],
  ["- job_name: a\n- job_name: a", "no other"],
  ["- { job_name: a, scrape_interval: 5s, scrape_timeout: 6s }", "scrape_timeout"],
  ["- { job_name: a, scrape_interval: 0s }", "scrape_interval"],
  ["- { job_name: a, scrape_intervall: 5s }", "scrape_interval"],
  ["- { job_name: a, basic_auth: { username: u }, authorization: { credentials: c } }", "at most one"],
  ["- { job_name: a, basic_auth: { username: u, password: p, password_file: f } }", "at most one"],
  ["- { job_name: a, file_sd_configs: [{ files: [targets.txt] }] }", ".json"],
  ["- { job_name: a, static_configs: [{ targets: localhost }] }", "static_configs"],
  ["- { job_name: a, scheme: ftp }", "scheme"],
])("%s is a mistake that says %s", (text, said) => {
  const result = parseYaml(scrapeConfigsSchema, text, { file: "prometheus.yml" });
  expect(result.ok).toBe(false);
  if (!result.ok) expect(JSON.stringify(result.mistakes)).toContain(said);
});

test("keys of Prometheus's without effect are taken, and can be named", () => {
  const [config] = load(`
- job_name: a
  kubernetes_sd_configs: [{ role: pod, namespaces: { names: [x] } }]
  enable_http2: false
`);
  const keys = [...SCRAPE_KEYS_WITHOUT_EFFECT, ...HTTP_KEYS_WITHOUT_EFFECT];
  expect(keysWithoutEffect(config!, keys)).toEqual(["kubernetes_sd_configs", "enable_http2"]);
});
