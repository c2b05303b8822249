/**
 * A real Prometheus beside it: it scrapes Binnacle, writes to Binnacle, and promtool approves of what
 * Binnacle says.
 */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { peer } from "../support/places.ts";
import { waitFor } from "../support/process.ts";
import { startPrometheus, type RunningPeer } from "../support/prometheus.ts";

let binnacle: RunningBinnacle;
let prometheus: RunningPeer;

beforeAll(async () => {
  binnacle = await startBinnacle();
  prometheus = await startPrometheus({
    config: `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: seen-by-prometheus
    static_configs: [{targets: ["127.0.0.1:${binnacle.port}"]}]
remote_write:
  - url: ${binnacle.url}/api/v1/write
`,
  });
});
afterAll(async () => {
  await prometheus?.stop();
  await binnacle?.stop();
});

test("Prometheus scrapes it", async () => {
  const query = 'up{job="seen-by-prometheus"}';
  await waitFor(async () => (await scalar(prometheus.url, query)) === 1, { what: "Prometheus's up" });
  const own = 'count({__name__=~"binnacle_.+",job="seen-by-prometheus"})';
  expect(await scalar(prometheus.url, own)).toBeGreaterThan(5);
});

test("Prometheus writes to it what it scraped", async () => {
  const query = 'up{job="seen-by-prometheus"}';
  await waitFor(async () => (await scalar(binnacle.url, query)) === 1, { what: "the written up" });
});

test("promtool approves of /metrics", async () => {
  const text = await (await fetch(`${binnacle.url}/metrics`)).text();
  const { status, stdout, stderr } = spawnSync(peer("promtool"), ["check", "metrics"], {
    input: text,
    encoding: "utf8",
  });
  const complaints = `${stdout}${stderr}`
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("process_"));
  // prom-client's own metrics of Node are not ours to name.
  expect(complaints.filter((line) => !line.startsWith("nodejs_"))).toEqual([]);
  expect([0, 3]).toContain(status);
});

test("promtool asks it as it asks Prometheus", () => {
  const { status, stdout } = spawnSync(
    peer("promtool"),
    ["query", "instant", binnacle.url, "vector(1) + 1"],
    {
      encoding: "utf8",
    },
  );
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\{\} => 2 @/);
});
