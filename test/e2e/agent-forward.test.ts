/**
 * An agent and a server apart: what the agent collects arrives, also what it collected while the server was
 * away.
 */
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, logql, promql, scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { exposition, startServer, type TestServer } from "../support/http-server.ts";
import { freePort, temporaryDir, waitFor } from "../support/process.ts";

const podLogs = temporaryDir();
const serverData = temporaryDir();
const log = path.join(podLogs, "shop_cart-1_0f3c1d2e-aaaa-bbbb-cccc-000000000001", "main", "0.log");
let target: TestServer;
let scrapes = 0;
let serverPort: number;
let server: RunningBinnacle;
let agent: RunningBinnacle;

const startServerHalf = () => startBinnacle({ mode: "serve", port: serverPort, dataDir: serverData });

beforeAll(async () => {
  target = await startServer(exposition(() => `scrapes_seen ${++scrapes}\n`));
  fs.mkdirSync(path.dirname(log), { recursive: true });
  fs.writeFileSync(log, "");
  serverPort = await freePort();
  server = await startServerHalf();
  agent = await startBinnacle({
    mode: "agent",
    config: `global: {scrape_interval: 250ms, scrape_timeout: 250ms}
scrape_configs: [{job_name: counted, static_configs: [{targets: ["${target.address}"]}]}]
binnacle:
  log_sources: {own: false, container_logs: "", docker_logs: "", files: []}
`,
    flags: ["--forward", `http://127.0.0.1:${serverPort}`, "--pod-logs", podLogs],
  });
});
afterAll(async () => {
  await agent?.stop();
  await server?.stop();
  await target?.close();
  for (const dir of [podLogs, serverData]) fs.rmSync(dir, { recursive: true, force: true });
});

let written = 0;
function writeLines(count: number): void {
  for (let i = 0; i < count; i++) {
    fs.appendFileSync(log, `${new Date().toISOString()} stdout F line ${written++}\n`);
  }
}

async function lines(): Promise<string[]> {
  const streams = await logql(server.url, '{namespace="shop"}', { limit: "5000", direction: "forward" });
  return streams.flatMap(({ values }) => values.map(([, line]) => line));
}

test("the agent's targets, its host and its pods' lines are on the server", async () => {
  writeLines(20);
  await waitFor(async () => (await scalar(server.url, 'up{job="counted"}')) === 1, {
    what: "the agent's up",
  });
  await waitFor(async () => (await promql(server.url, "node_load1")).length === 1, {
    what: "the host's load",
  });
  await waitFor(async () => (await lines()).length === 20, { what: "the pod's lines" });
});

test("while the server is away nothing is lost, and nothing comes twice", async () => {
  const before = scrapes;
  expect(await server.process.stop()).toBe(0);
  writeLines(30);
  await waitFor(() => scrapes >= before + 8, { what: "eight scrapes without a server" });
  server = await startServerHalf();
  writeLines(10);
  await waitFor(async () => (await lines()).length >= 60, { what: "all lines", timeoutMs: 60_000 });
  expect(await lines()).toEqual(Array.from({ length: 60 }, (_, i) => `line ${i}`));
  const missed = async (): Promise<number> => {
    const query = encodeURIComponent('scrapes_seen{job="counted"}[10m]');
    const { result } = await ask<{ result: { values: [number, string][] }[] }>(
      `${server.url}/api/v1/query?query=${query}`,
    );
    const seen = new Set(result.flatMap(({ values }) => values.map(([, value]) => Number(value))));
    const wanted = Array.from({ length: before + 8 }, (_, i) => i + 1);
    return wanted.filter((value) => !seen.has(value)).length;
  };
  await waitFor(async () => (await missed()) === 0, { what: "every scrape to arrive", timeoutMs: 60_000 });
});
