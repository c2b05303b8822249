/** What a person gets who starts the program on a fresh data directory, without a line of configuration. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, logql, promql, scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { temporaryDir, waitFor } from "../support/process.ts";

let binnacle: RunningBinnacle;
const podLogs = temporaryDir();
const podLog = path.join(podLogs, "shop_cart-7d4b9_0f3c1d2e-aaaa-bbbb-cccc-000000000001", "main", "0.log");

beforeAll(async () => {
  fs.mkdirSync(path.dirname(podLog), { recursive: true });
  fs.writeFileSync(podLog, criLine("stdout", "cart service is listening"));
  binnacle = await startBinnacle({ mode: "up", flags: ["--pod-logs", podLogs] });
});

afterAll(async () => {
  expect(await binnacle?.stop("SIGINT")).toBe(0);
  fs.rmSync(podLogs, { recursive: true, force: true });
});

test("it scrapes itself and collects the host", async () => {
  const jobs = await waitFor(
    async () => {
      const samples = await promql(binnacle.url, "up == 1");
      const found = samples.map(({ metric }) => metric.job);
      return found.length >= 2 && found;
    },
    { what: "up of binnacle and node" },
  );
  expect(jobs).toEqual(expect.arrayContaining(["binnacle", "node"]));
});

test.each([
  "node_cpu_seconds_total",
  "node_memory_MemTotal_bytes",
  "node_load1",
  "node_disk_reads_completed_total",
  "node_filesystem_size_bytes",
  "node_network_receive_bytes_total",
])("the host collector reports %s", async (name) => {
  await waitFor(async () => ((await scalar(binnacle.url, `count(${name})`)) ?? 0) > 0, { what: name });
});

test("the host's lines move within ten seconds", async () => {
  // All modes: on a machine that is busy the idle counter may stand still.
  const query = "sum(node_cpu_seconds_total)";
  const first = await waitFor(() => scalar(binnacle.url, query), { what: "the first sample" });
  await waitFor(async () => (await scalar(binnacle.url, query)) !== first, {
    timeoutMs: 10_000,
    what: "the cpu counters to move",
  });
});

test("it tails its own log", async () => {
  const streams = await waitFor(
    async () => {
      const found = await logql(binnacle.url, '{job="binnacle"}');
      return found.length > 0 && found;
    },
    { what: "lines of the own log" },
  );
  expect(JSON.parse(streams[0]!.values[0]![1])).toHaveProperty("level");
});

test("it tails pods' logs, and a pod's lines carry the labels of its path", async () => {
  fs.appendFileSync(podLog, criLine("stderr", "payment refused: card expired"));
  const [stream] = await waitFor(
    async () => {
      const found = await logql(binnacle.url, '{namespace="shop"} |= "payment refused"');
      return found.length > 0 && found;
    },
    { what: "the pod's line" },
  );
  expect(stream!.stream).toMatchObject({
    namespace: "shop",
    pod: "cart-7d4b9",
    container: "main",
    stream: "stderr",
  });
  expect(stream!.values[0]![1]).toBe("payment refused: card expired");
});

test("default rules are loaded and evaluated", async () => {
  const { groups } = await ask<{ groups: { name: string; rules: { name: string; health: string }[] }[] }>(
    `${binnacle.url}/api/v1/rules`,
  );
  const names = groups.flatMap(({ rules }) => rules.map(({ name }) => name));
  expect(names.length).toBeGreaterThanOrEqual(3);
});

test("targets show what is scraped", async () => {
  const { activeTargets } = await ask<{ activeTargets: { scrapePool: string; health: string }[] }>(
    `${binnacle.url}/api/v1/targets`,
  );
  expect(new Set(activeTargets.map(({ scrapePool }) => scrapePool))).toEqual(new Set(["binnacle", "node"]));
});

test("everything it writes lies below its data directory", () => {
  expect(fs.readdirSync(binnacle.dataDir)).toEqual(
    expect.arrayContaining(["metrics", "logs", "binnacle.log"]),
  );
});

test("the host it reports is this one", async () => {
  const [info] = await promql(binnacle.url, "node_uname_info");
  expect(info!.metric.nodename).toBe(os.hostname());
});

function criLine(stream: string, text: string): string {
  return `${new Date().toISOString()} ${stream} F ${text}\n`;
}
