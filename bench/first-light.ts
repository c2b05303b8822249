/**
 * How soon there is light, and what it costs to keep: from `git clone` to moving lines, and memory after some
 * minutes.
 *
 *     node bench/first-light.ts [MINUTES]     (10 by default)
 *
 * "Moving lines" is two successive answers of the query behind the page's cpu panel that differ. Memory is
 * anonymous and shared memory (RssAnon + RssShmem) of the one process: mapped files are the page cache's.
 */
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const minutes = Number(process.argv[2] ?? 10);
const root = path.resolve(import.meta.dirname, "..");
const dir = fs.mkdtempSync(path.join(os.tmpdir(), "binnacle-first-light-"));
const port = 17_070;
const url = `http://127.0.0.1:${port}`;

const startedAt = performance.now();
const seconds = (): string => ((performance.now() - startedAt) / 1000).toFixed(1);
run("git", ["clone", "--quiet", root, path.join(dir, "binnacle")]);
print("cloned", `${seconds()} s`);
const program = spawn("npm", ["start", "--silent", "--", "--listen", `127.0.0.1:${port}`], {
  cwd: path.join(dir, "binnacle"),
  stdio: ["ignore", "ignore", "inherit"],
  env: withoutCheckout(process.env),
  detached: true,
});
try {
  await until(async () => (await fetch(`${url}/-/ready`)).ok);
  print("installed, built and ready", `${seconds()} s`);
  let first: string | undefined;
  await until(async () => {
    first ??= await cpuSeconds();
    return (await cpuSeconds()) !== first;
  });
  print("lines move", `${seconds()} s`);
  const pid = await processId();
  for (let minute = 1; minute <= minutes; minute++) {
    await sleep(60_000);
    if (minute === 1 || minute === minutes) print(`memory after ${minute} min`, memory(pid));
  }
} finally {
  if (program.pid !== undefined) process.kill(-program.pid, "SIGTERM");
  await new Promise((resolve) => program.once("exit", resolve));
  fs.rmSync(dir, { recursive: true, force: true });
}

/** All modes: on a busy machine the idle one may stand still. */
async function cpuSeconds(): Promise<string> {
  const query = encodeURIComponent("sum(node_cpu_seconds_total)");
  const response = await fetch(`${url}/api/v1/query?query=${query}`);
  const body = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  const value = body.data.result[0]?.value[1];
  if (value === undefined) throw new Error("no sample yet");
  return value;
}

/** The program's own id: `npm start` is its parent. */
async function processId(): Promise<number> {
  const response = await fetch(`${url}/api/v1/status/runtimeinfo`);
  const body = (await response.json()) as { data: { processId: number } };
  return body.data.processId;
}

function memory(pid: number): string {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
  const anonymous = kib("RssAnon");
  const shared = kib("RssShmem");
  const [all, own, common] = [anonymous + shared, anonymous, shared].map((it) => (it / 1024).toFixed(0));
  return `${all} MB (anonymous ${own}, shared ${common})`;
}

/** The environment without what `npm run` adds: the clone must find its own Node. */
function withoutCheckout(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !name.startsWith("npm_") && name !== "NODE_COMPILE_CACHE",
  );
  const folders = (env.PATH ?? "").split(path.delimiter).filter((folder) => !folder.includes("node_modules"));
  return { ...Object.fromEntries(kept), PATH: folders.join(path.delimiter) };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    try {
      if (await condition()) return;
    } catch {
      // Not there yet.
    }
    await sleep(100);
  }
  throw new Error("gave up after five minutes");
}

function run(file: string, args: readonly string[]): void {
  const { status } = spawnSync(file, args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${file} ${args.join(" ")} failed`);
}

function print(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(30)} ${figure}\n`);
}
