/** A real Alertmanager, alone in its cluster, as a peer to send to and to compare with. */
import fs from "node:fs";
import path from "node:path";
import { peer } from "./places.ts";
import { freePort, RunningProcess, temporaryDir } from "./process.ts";

export interface RunningAlertmanager {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startAlertmanager(config: string): Promise<RunningAlertmanager> {
  const dir = temporaryDir();
  const port = await freePort();
  const configFile = path.join(dir, "alertmanager.yml");
  fs.writeFileSync(configFile, config);
  const original = peer("prometheus-alertmanager");
  const file = path.join(dir, "alertmanager");
  copyRelocated(original, file);
  const url = `http://127.0.0.1:${port}`;
  const running = await RunningProcess.start({
    file,
    args: [
      `--config.file=${configFile}`,
      `--storage.path=${path.join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    cwd: path.resolve(path.dirname(original), "../.."),
    readyUrl: `${url}/-/ready`,
  });
  const stop = async (): Promise<void> => {
    await running.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  };
  return { url, stop };
}

const INSTALLED = "/usr/share/prometheus/alertmanager";
/** Of the same length, and relative to the folder in which the package was unpacked. */
const UNPACKED = "usr//share/prometheus/alertmanager";

/**
 * A kludge: Debian's build reads its templates from a fixed place, where nothing is when the package is only
 * unpacked. The copy reads them from below its working directory.
 */
function copyRelocated(from: string, to: string): void {
  const bytes = fs.readFileSync(from);
  for (let at = bytes.indexOf(INSTALLED); at >= 0; at = bytes.indexOf(INSTALLED, at + 1)) {
    bytes.write(UNPACKED, at, "latin1");
  }
  fs.writeFileSync(to, bytes, { mode: 0o755 });
}
