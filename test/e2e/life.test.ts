/** How the program starts, applies a changed configuration, stops, and starts again. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { ask, logql, scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { exposition, startServer } from "../support/http-server.ts";
import { nowNs, postLoki } from "../support/loki-push.ts";
import { repositoryRoot } from "../support/places.ts";
import { freePort, RunningProcess, temporaryDir, waitFor } from "../support/process.ts";

const launcher = path.join(repositoryRoot, "node_modules/.bin/binnacle");
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Parameters<typeof startBinnacle>[0]): Promise<RunningBinnacle> {
  const binnacle = await startBinnacle(options);
  cleanups.push(() => binnacle.stop());
  return binnacle;
}

function dataDirectory(): string {
  const dir = temporaryDir();
  cleanups.push(async () => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A configuration with one job, and nothing that the program does by itself. */
const quiet = (jobs = ""): string => `global: {scrape_interval: 200ms, scrape_timeout: 200ms}
scrape_configs: [${jobs}]
binnacle:
  self_scrape: {enabled: false}
  host: {enabled: false}
  log_sources: {own: false, pod_logs: "", container_logs: "", docker_logs: "", files: []}
`;

test("npm start, the README's own command, starts it", async () => {
  const port = await freePort();
  const running = await RunningProcess.start({
    file: "npm",
    args: ["start", "--silent", "--", "--listen", `127.0.0.1:${port}`, "--data", dataDirectory()],
    cwd: repositoryRoot,
    readyUrl: `http://127.0.0.1:${port}/-/ready`,
    timeoutMs: 110_000,
  });
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(response.headers.get("content-type")).toContain("text/html");
  } finally {
    await running.stop("SIGINT");
  }
});

test.each(["SIGINT", "SIGTERM"] as const)("%s stops it in good order", async (signal) => {
  const binnacle = await start({ config: quiet() });
  expect((await fetch(`${binnacle.url}/-/healthy`)).status).toBe(200);
  expect(await binnacle.stop(signal)).toBe(0);
  expect(binnacle.process.output).toContain('"msg":"stopped"');
});

test("a second start goes on where the first stopped", async () => {
  const target = await startServer(exposition(() => "kept 42\n"));
  cleanups.push(() => target.close());
  const dataDir = dataDirectory();
  const config = quiet(`{job_name: t, static_configs: [{targets: ["${target.address}"]}]}`);
  const first = await start({ dataDir, config });
  await waitFor(async () => (await scalar(first.url, "kept")) === 42, { what: "a first sample" });
  const pushed = await postLoki(first.url, [{ stream: { job: "kept" }, values: [[nowNs(), "a line"]] }]);
  expect(pushed.status).toBe(204);
  expect(await first.stop()).toBe(0);

  const second = await start({ dataDir, config: quiet() });
  expect(await scalar(second.url, "count_over_time(kept[10m]) > 0")).toBeGreaterThan(0);
  const [stream] = await logql(second.url, '{job="kept"}');
  expect(stream!.values.map(([, line]) => line)).toEqual(["a line"]);
});

const reloads: [name: string, reload: (binnacle: RunningBinnacle) => Promise<unknown>][] = [
  ["SIGHUP", async (binnacle) => process.kill(binnacle.process.pid, "SIGHUP")],
  ["POST /-/reload", (binnacle) => fetch(`${binnacle.url}/-/reload`, { method: "POST" })],
];

test.each(reloads)("%s applies a changed file, or refuses it whole", async (_name, reload) => {
  const target = await startServer(exposition(() => "reloaded 1\n"));
  cleanups.push(() => target.close());
  const binnacle = await start({ config: quiet() });
  const job = `{job_name: added, static_configs: [{targets: ["${target.address}"]}]}`;
  fs.writeFileSync(binnacle.configFile, quiet(job));
  await reload(binnacle);
  await waitFor(async () => (await scalar(binnacle.url, "reloaded")) === 1, {
    what: "the added job's sample",
  });

  fs.writeFileSync(binnacle.configFile, `${quiet()}scrape_config: []\nrule_files: 3\n`);
  await reload(binnacle);
  await waitFor(() => binnacle.process.output.includes("not reloaded"), { what: "the refusal in the log" });
  const { activeTargets } = await ask<{ activeTargets: { scrapePool: string }[] }>(
    `${binnacle.url}/api/v1/targets`,
  );
  expect(activeTargets.map(({ scrapePool }) => scrapePool)).toEqual(["added"]);
});

test("a refused reload answers with every mistake", async () => {
  const binnacle = await start({ config: quiet() });
  fs.writeFileSync(binnacle.configFile, "global: {scrape_intervall: 1s}\nrule_files: 3\n");
  const response = await fetch(`${binnacle.url}/-/reload`, { method: "POST" });
  const text = await response.text();
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(text).toContain(":1:10: global.scrape_intervall: found the unknown key");
  expect(text).toContain("did you mean scrape_interval?");
  expect(text).toContain(":2:13: rule_files: found 3, expected a list");
});

test("a reload says what it cannot change", async () => {
  const binnacle = await start({ config: quiet() });
  fs.writeFileSync(binnacle.configFile, `${quiet()}  retention: {logs: 1d}\n`);
  expect((await fetch(`${binnacle.url}/-/reload`, { method: "POST" })).status).toBe(200);
  expect(binnacle.process.output).toContain('"setting":"retention.logs"');
});

test("a configuration with mistakes keeps it from starting, and all are listed", () => {
  const dir = dataDirectory();
  const config = path.join(dir, "bad.yml");
  fs.writeFileSync(config, "global: {evaluation_interval: often}\nscrape_configs: [{}]\n");
  const { status, stderr } = spawnSync(
    launcher,
    ["up", "--config", config, "--data", path.join(dir, "data")],
    {
      encoding: "utf8",
      timeout: 20_000,
    },
  );
  expect(status).toBe(1);
  expect(stderr).toContain(`${config}:1:31: global.evaluation_interval: found "often", expected a duration`);
  expect(stderr).toContain(`${config}:2:18: scrape_configs[0].job_name: found nothing, expected a text`);
});

test("flags that make no sense end with code 2", () => {
  const { status, stderr } = spawnSync(launcher, ["up", "--lisen", ":1"], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect(status).toBe(2);
  expect(stderr).toContain("--listen");
});

test("an address in use is said, and ends the start", async () => {
  const binnacle = await start({ config: quiet() });
  const { status, stderr } = spawnSync(
    launcher,
    ["up", "--listen", `127.0.0.1:${binnacle.port}`, "--data", dataDirectory()],
    { encoding: "utf8", timeout: 20_000 },
  );
  expect(status).toBe(1);
  expect(stderr).toContain("EADDRINUSE");
});

test("configuration is shown without its secrets", async () => {
  const job = `{job_name: t, basic_auth: {username: u, password: hunter2}}`;
  const binnacle = await start({ config: quiet(job) });
  const { yaml } = await ask<{ yaml: string }>(`${binnacle.url}/api/v1/status/config`);
  expect(yaml).toContain("password: <secret>");
  expect(yaml).not.toContain("hunter2");
});

async function quitting({ url }: RunningBinnacle): Promise<readonly [number, string]> {
  const response = await fetch(`${url}/-/quit`, { method: "POST" });
  return [response.status, await response.text()];
}

test("the process ends when it is asked to over HTTP, where that is switched on", async () => {
  const kept = await start({ mode: "serve", config: quiet() });
  expect(await quitting(kept)).toEqual([403, "Lifecycle API is not enabled."]);
  expect((await fetch(`${kept.url}/-/healthy`)).status).toBe(200);
  const ended = await start({ mode: "serve", config: quiet(), flags: ["--web.enable-lifecycle"] });
  expect(await quitting(ended)).toEqual([200, "Requesting termination... Goodbye!"]);
  const isGone = async (): Promise<boolean> =>
    fetch(`${ended.url}/-/healthy`).then(
      () => false,
      () => true,
    );
  await waitFor(isGone, { what: "the end of the process" });
});
