/** A real Prometheus and a real node_exporter, as peers to compare with. */
import fs from "node:fs";
import path from "node:path";
import { peer } from "./places.ts";
import { freePort, RunningProcess, temporaryDir } from "./process.ts";

export interface RunningPeer {
  readonly url: string;
  readonly process: RunningProcess;
  /** What it writes is below; gone once it is stopped. */
  readonly dir: string;
  stop(): Promise<void>;
}

export async function startPrometheus(
  options: { config?: string; flags?: readonly string[] } = {},
): Promise<RunningPeer> {
  const dir = temporaryDir();
  const port = await freePort();
  const config = path.join(dir, "prometheus.yml");
  fs.writeFileSync(config, options.config ?? "global: {}\n");
  const url = `http://127.0.0.1:${port}`;
  const running = await RunningProcess.start({
    file: peer("prometheus"),
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${path.join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...(options.flags ?? []),
    ],
    cwd: dir,
    readyUrl: `${url}/-/ready`,
  });
  return { url, process: running, dir, stop: () => stopAndRemove(running, dir) };
}

export async function startNodeExporter(): Promise<RunningPeer> {
  const dir = temporaryDir();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = await RunningProcess.start({
    file: peer("prometheus-node-exporter"),
    args: [`--web.listen-address=127.0.0.1:${port}`],
    cwd: dir,
    readyUrl: `${url}/metrics`,
  });
  return { url, process: running, dir, stop: () => stopAndRemove(running, dir) };
}

async function stopAndRemove(running: RunningProcess, dir: string): Promise<void> {
  await running.stop();
  fs.rmSync(dir, { recursive: true, force: true });
}
