/** The program under test, started as a user starts it: the launcher in node_modules/.bin. */
import fs from "node:fs";
import path from "node:path";
import { repositoryRoot } from "./places.ts";
import { freePort, RunningProcess, temporaryDir } from "./process.ts";

export interface BinnacleOptions {
  readonly mode?: "up" | "serve" | "agent";
  /** Text of a configuration file; none by default. */
  readonly config?: string;
  /** A data directory to start on; a new one by default, which stop() then removes. */
  readonly dataDir?: string;
  readonly port?: number;
  readonly flags?: readonly string[];
}

export interface RunningBinnacle {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly configFile: string;
  readonly process: RunningProcess;
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

export async function startBinnacle(options: BinnacleOptions = {}): Promise<RunningBinnacle> {
  const port = options.port ?? (await freePort());
  const dataDir = options.dataDir ?? temporaryDir();
  const configFile = path.join(temporaryDir(), "binnacle.yml");
  if (options.config !== undefined) fs.writeFileSync(configFile, options.config);
  const url = `http://127.0.0.1:${port}`;
  const running = await RunningProcess.start({
    file: path.join(repositoryRoot, "node_modules/.bin/binnacle"),
    args: [
      options.mode ?? "up",
      "--listen",
      `127.0.0.1:${port}`,
      "--data",
      dataDir,
      ...(options.config === undefined ? [] : ["--config", configFile]),
      ...(options.flags ?? []),
    ],
    readyUrl: `${url}/-/ready`,
  });
  return {
    url,
    port,
    dataDir,
    configFile,
    process: running,
    stop: async (signal) => {
      const result = await running.stop(signal);
      if (options.dataDir === undefined) fs.rmSync(dataDir, { recursive: true, force: true });
      fs.rmSync(path.dirname(configFile), { recursive: true, force: true });
      return result;
    },
  };
}
