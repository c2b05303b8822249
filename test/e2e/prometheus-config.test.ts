/** A user of Prometheus brings a prometheus.yml, unchanged. */
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, promql, scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { exposition, startServer, type TestServer } from "../support/http-server.ts";
import { temporaryDir, waitFor } from "../support/process.ts";

let app: TestServer;
let discovered: TestServer;
let binnacle: RunningBinnacle;
const dir = temporaryDir();

beforeAll(async () => {
  let requests = 0;
  app = await startServer(
    exposition(() => {
      requests += 10;
      return `# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{method="get",code="200"} ${requests}
http_requests_total{method="get",code="500"} ${requests / 10}
go_goroutines 7
`;
    }),
  );
  discovered = await startServer(exposition(() => "found 1\n"));
  fs.mkdirSync(path.join(dir, "rules"));
  fs.mkdirSync(path.join(dir, "targets"));
  fs.writeFileSync(path.join(dir, "rules/app.yml"), RULES);
  fs.writeFileSync(
    path.join(dir, "targets/some.json"),
    JSON.stringify([{ targets: [discovered.address], labels: { zone: "b" } }]),
  );
  binnacle = await startBinnacle({ config: config() });
});

afterAll(async () => {
  await binnacle?.stop();
  await app?.close();
  await discovered?.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const RULES = `groups:
  - name: app
    interval: 500ms
    rules:
      - record: code:http_requests:sum
        expr: sum by (code) (http_requests_total)
`;

/** As many write it: what has no effect here yet stands in it too. */
function config(): string {
  return `# my global config
global:
  scrape_interval: 500ms
  scrape_timeout: 400ms
  evaluation_interval: 15s
  external_labels:
    monitor: codelab
alerting:
  alertmanagers:
    - static_configs:
        - targets:
          # - alertmanager:9093
rule_files:
  - ${dir}/rules/*.yml
remote_write:
  - url: http://127.0.0.1:1/api/v1/write
scrape_configs:
  - job_name: app
    static_configs:
      - targets: ["${app.address}"]
        labels:
          env: prod
    relabel_configs:
      - source_labels: [__address__]
        regex: (.*):\\d+
        target_label: host
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: go_.*
        action: drop
  - job_name: files
    file_sd_configs:
      - files: ["${dir}/targets/*.json"]
`;
}

test("it scrapes, with labels and relabelling", async () => {
  const [sample] = await waitFor(
    async () => {
      const found = await promql(binnacle.url, 'http_requests_total{code="200"}');
      return found.length > 0 && found;
    },
    { what: "the app's samples" },
  );
  expect(sample!.metric).toEqual({
    __name__: "http_requests_total",
    method: "get",
    code: "200",
    job: "app",
    instance: app.address,
    env: "prod",
    host: "127.0.0.1",
  });
  expect(await promql(binnacle.url, 'go_goroutines{job="app"}')).toEqual([]);
});

test("it finds targets in files", async () => {
  await waitFor(async () => (await scalar(binnacle.url, 'found{job="files",zone="b"}')) === 1, {
    what: "the discovered target's sample",
  });
});

test("it evaluates rule files", async () => {
  await waitFor(async () => ((await scalar(binnacle.url, 'code:http_requests:sum{code="500"}')) ?? 0) > 0, {
    what: "the recording rule's sample",
  });
});

test("it says at start what has no effect yet", () => {
  expect(binnacle.process.output).toContain("remote_write has no effect yet");
  expect(binnacle.process.output).not.toContain("rule_files has no effect");
});

test("it gives the four series of every scrape", async () => {
  for (const name of [
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
  ]) {
    expect(await promql(binnacle.url, `${name}{job="app"}`), name).toHaveLength(1);
  }
  expect(await scalar(binnacle.url, 'scrape_samples_scraped{job="app"}')).toBe(3);
  expect(await scalar(binnacle.url, 'scrape_samples_post_metric_relabeling{job="app"}')).toBe(2);
});

test("the configuration is shown", async () => {
  const { yaml } = await ask<{ yaml: string }>(`${binnacle.url}/api/v1/status/config`);
  expect(yaml).toContain("monitor: codelab");
});
