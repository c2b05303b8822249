/**
 * Others' senders of remote write: Prometheus in both versions of the protocol, and vmagent. They feed
 * Binnacle without a complaint of theirs, and Binnacle then answers as they do.
 */
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { promql, scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { peer } from "../support/places.ts";
import { freePort, RunningProcess, temporaryDir, waitFor } from "../support/process.ts";
import { startNodeExporter, startPrometheus, type RunningPeer } from "../support/prometheus.ts";

let exporter: RunningPeer;
beforeAll(async () => {
  exporter = await startNodeExporter();
});
afterAll(async () => {
  await exporter?.stop();
});

const QUIET = "binnacle: {self_scrape: {enabled: false}, host: {enabled: false}, default_rules: false}\n";
const host = (url: string): string => url.replace("http://", "");

describe.each(["prometheus.WriteRequest", "io.prometheus.write.v2.Request"])(
  "Prometheus with %s",
  (message) => {
    let binnacle: RunningBinnacle;
    let prometheus: RunningPeer;

    beforeAll(async () => {
      binnacle = await startBinnacle({ mode: "serve", config: QUIET });
      prometheus = await startPrometheus({
        config: `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: node
    static_configs: [{targets: ["${host(exporter.url)}"]}]
remote_write:
  - url: ${binnacle.url}/api/v1/write
    protobuf_message: ${message}
    send_exemplars: true
    send_native_histograms: true
    queue_config: {batch_send_deadline: 500ms}
    metadata_config: {send: ${message === "prometheus.WriteRequest"}, send_interval: 1s}
`,
        flags: ["--enable-feature=native-histograms,metadata-wal-records,exemplar-storage"],
      });
    });
    afterAll(async () => {
      await prometheus?.stop();
      await binnacle?.stop();
    });

    test("it sends for some seconds without a failure", async () => {
      const sent = 'count_over_time(up{job="node"}[1m])';
      await waitFor(async () => ((await scalar(binnacle.url, sent)) ?? 0) >= 6, { what: "six scrapes" });
      const counters = await ownCounters(prometheus.url);
      for (const kind of ["samples", "histograms", "exemplars", "metadata"]) {
        expect([kind, counters.get(`prometheus_remote_storage_${kind}_failed_total`)]).toEqual([kind, 0]);
        expect([kind, counters.get(`prometheus_remote_storage_${kind}_retried_total`)]).toEqual([kind, 0]);
      }
      expect(counters.get("prometheus_remote_storage_samples_total")).toBeGreaterThan(1000);
      expect(
        prometheus.process.output.split("\n").filter((line) => /level=(WARN|ERROR)/i.test(line)),
      ).toEqual([]);
    });

    test("the series agree with the sender's own answers", async () => {
      // A moment that is past on both sides, so that nothing more comes for it.
      const atS = Math.floor(Date.now() / 1000) - 3;
      const query = `{job="node"} @ ${atS}`;
      const compare = async (): Promise<boolean> => {
        const [own, ours] = await Promise.all([
          sortedVector(prometheus.url, query),
          sortedVector(binnacle.url, query),
        ]);
        return own.length > 500 && JSON.stringify(own) === JSON.stringify(ours);
      };
      await waitFor(compare, { what: "both to answer alike" });
    });
  },
);

test("vmagent sends for some seconds without an error, and its series are the exporter's", async () => {
  const binnacle = await startBinnacle({ mode: "serve", config: QUIET });
  const dir = temporaryDir();
  const port = await freePort();
  const config = path.join(dir, "scrape.yml");
  fs.writeFileSync(
    config,
    `global: {scrape_interval: 1s}
scrape_configs: [{job_name: node, static_configs: [{targets: ["${host(exporter.url)}"]}]}]\n`,
  );
  const url = `http://127.0.0.1:${port}`;
  const vmagent = await RunningProcess.start({
    file: peer("vmagent"),
    args: [
      `-promscrape.config=${config}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      `-remoteWrite.url=${binnacle.url}/api/v1/write`,
      `-remoteWrite.tmpDataPath=${path.join(dir, "queue")}`,
      "-remoteWrite.flushInterval=500ms",
    ],
    cwd: dir,
    readyUrl: `${url}/health`,
  });
  try {
    const sent = 'count_over_time(up{job="node"}[1m])';
    await waitFor(async () => ((await scalar(binnacle.url, sent)) ?? 0) >= 6, { what: "six scrapes" });
    const counters = await ownCounters(url);
    const requests = [...counters].filter(([name]) => name.startsWith("vmagent_remotewrite_requests_total{"));
    expect(requests.filter(([name, count]) => !name.includes('status_code="2XX"') && count > 0)).toEqual([]);
    expect(counters.get("vmagent_remotewrite_packets_dropped_total")).toBe(0);
    expect(counters.get("vmagent_remotewrite_retries_count_total")).toBe(0);
    expect(vmagent.output.split("\n").filter((line) => /\t(warn|error)\t/.test(line))).toEqual([]);
    const series = await promql(binnacle.url, '{job="node"}');
    const written = new Set(series.map(({ metric }) => metric["__name__"]));
    const exposed = await (await fetch(`${exporter.url}/metrics`)).text();
    const names = new Set([...exposed.matchAll(/^([a-z_A-Z0-9:]+)/gm)].map(([, name]) => name));
    expect([...names].filter((name) => !written.has(name))).toEqual([]);
  } finally {
    await vmagent.stop();
    await binnacle.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
});

/** What a program says of itself: sums by name, and each series by its whole spelling. */
async function ownCounters(url: string): Promise<Map<string, number>> {
  const counters = new Map<string, number>();
  for (const line of (await (await fetch(`${url}/metrics`)).text()).split("\n")) {
    const match = /^([^#{ ]+)(\{.*\})? (\S+)$/.exec(line);
    if (match === null) continue;
    const [, name = "", labels = "", value] = match;
    counters.set(name, (counters.get(name) ?? 0) + Number(value));
    if (labels !== "") counters.set(name + labels, Number(value));
  }
  return counters;
}

async function sortedVector(url: string, query: string): Promise<string[]> {
  const samples = await promql(url, query);
  return samples
    .map(
      ({ metric, value }) =>
        `${JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)))} ${value?.[1]}`,
    )
    .sort();
}
