/**
 * Binnacle and its peers as servers to measure: those whose programs are unpacked (BINNACLE_PEERS, or
 * .cache/peers).
 */
import fs from "node:fs";
import path from "node:path";
import { peer, repositoryRoot } from "../../test/support/places.ts";
import { freePort, RunningProcess, temporaryDir } from "../../test/support/process.ts";
import { buildServer } from "../../tools/build-server.ts";

export interface Contestant {
  readonly name: string;
  readonly url: string;
  readonly dataDir: string;
  readonly process: RunningProcess;
  /** Seals and merges what can be, and waits for it. */
  compact(): Promise<void>;
  /** Ends it and starts it again on the same data; resolves with the seconds until it was ready. */
  restart(): Promise<number>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** scrape_configs, YAML, for every contestant alike. */
  readonly scrapeConfigs?: string;
}

interface Kind {
  readonly name: string;
  readonly file: () => string;
  readonly args: (options: { port: number; dir: string; config: string }) => readonly string[];
  readonly readyPath: string;
  readonly compact: (url: string) => Promise<void>;
}

const KINDS: readonly Kind[] = [
  {
    name: "Binnacle",
    file: () => path.join(repositoryRoot, "node_modules/.bin/binnacle"),
    args: ({ port, dir, config }) => [
      "up",
      "--listen",
      `127.0.0.1:${port}`,
      "--data",
      dir,
      "--config",
      config,
    ],
    readyPath: "/-/ready",
    compact: (url) => post(`${url}/api/v1/admin/tsdb/compact`),
  },
  {
    name: "VictoriaMetrics",
    file: () => peer("victoria-metrics"),
    args: ({ port, dir, config }) => [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${dir}`,
      `-promscrape.config=${config}`,
      "-retentionPeriod=10y",
      "-loggerLevel=ERROR",
    ],
    readyPath: "/health",
    compact: (url) => post(`${url}/internal/force_merge`),
  },
  {
    name: "Prometheus",
    file: () => peer("prometheus"),
    args: ({ port, dir, config }) => [
      `--web.listen-address=127.0.0.1:${port}`,
      `--storage.tsdb.path=${dir}`,
      `--config.file=${config}`,
      "--web.enable-remote-write-receiver",
      "--web.enable-admin-api",
      "--log.level=error",
    ],
    readyPath: "/-/ready",
    // It compacts by its own clock only.
    compact: () => Promise.resolve(),
  },
];

/** What Binnacle does by itself is switched off: every contestant has the same work. */
const BINNACLE_ONLY = `
binnacle:
  default_rules: false
  self_scrape: { enabled: false }
  host: { enabled: false }
  log_sources: { own: false, pod_logs: "", container_logs: "", docker_logs: "", files: [] }
`;

/** Those that can run here; those that cannot are named on standard error. */
export function contestants(names?: readonly string[]): readonly Kind[] {
  return KINDS.filter((kind) => {
    if (names !== undefined && !names.includes(kind.name)) return false;
    try {
      return fs.existsSync(kind.file());
    } catch {
      process.stderr.write(`${kind.name} is not unpacked: left out\n`);
      return false;
    }
  });
}

export async function start(kind: Kind, options: StartOptions = {}): Promise<Contestant> {
  // What is measured is what `npm start` runs.
  if (kind.name === "Binnacle") await buildServer();
  const root = temporaryDir();
  const dataDir = path.join(root, "data");
  const config = path.join(root, "config.yml");
  fs.mkdirSync(dataDir);
  const scraping = `scrape_configs:${options.scrapeConfigs ?? " []\n"}`;
  fs.writeFileSync(config, kind.name === "Binnacle" ? scraping + BINNACLE_ONLY : scraping);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const begin = (): Promise<RunningProcess> =>
    RunningProcess.start({
      file: kind.file(),
      args: kind.args({ port, dir: dataDir, config }),
      readyUrl: `${url}${kind.readyPath}`,
      timeoutMs: 120_000,
      cwd: root,
    });
  let running = await begin();
  return {
    name: kind.name,
    url,
    dataDir,
    get process() {
      return running;
    },
    compact: () => kind.compact(url),
    restart: async () => {
      await running.stop();
      const startedAt = performance.now();
      running = await begin();
      return (performance.now() - startedAt) / 1000;
    },
    stop: async () => {
      await running.stop();
      fs.rmSync(root, { recursive: true, force: true });
    },
  };
}

async function post(url: string): Promise<void> {
  const response = await fetch(url, { method: "POST" });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
