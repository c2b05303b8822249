/**
 * A real server, killed again and again at random moments while it takes lines, deletes some, seals, merges,
 * cleans and lets others expire: each line that was acknowledged is there afterwards, once, in order, and
 * nothing else is.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@binnacle/model";
import { expect } from "vitest";
import { logql } from "./ask.ts";
import { startBinnacle, type RunningBinnacle } from "./binnacle.ts";
import { postLoki } from "./loki-push.ts";
import { repositoryRoot } from "./places.ts";
import { temporaryDir } from "./process.ts";
import { untilGone } from "./until-gone.ts";

const SENDERS = 4;
/** Lines of a push: some equal, and all at one time. */
const LINES = 3;
const LIFE_MS_MAX = 900;
const BRIEF_MS = 2000;
/** Late enough that a run of hours fits before now. */
const START_MS = Date.now() - 3 * 3_600_000;

const CONFIG = `binnacle:
  self_scrape: {enabled: false}
  host: {enabled: false}
  default_rules: false
  log_sources: {own: false, pod_logs: "", container_logs: "", docker_logs: "", files: []}
  logs: {discover_service_name: false, discover_log_levels: false}
  retention:
    logs_selectors: [{match: '{job="brief"}', time: ${BRIEF_MS / 1000}s}]
`;

/** What the server owes. */
class Debt {
  /** By sender: its pushes 0, 1, … below this were acknowledged. */
  readonly pushes: number[] = Array<number>(SENDERS).fill(0);
  readonly deleted = new Set<string>();
  deletions = 0;
  brief = 0;
  /** Which pieces of upkeep ended, to know that kills had a chance to fall into them. */
  readonly upkeep = new Map<string, number>();
}

export interface KillFigures {
  readonly pushes: number;
  readonly lines: number;
  readonly deletions: number;
  readonly upkeep: Readonly<Record<string, number>>;
}

export async function killLogs({ kills, seed }: { kills: number; seed: number }): Promise<KillFigures> {
  const random = seededRandom(seed);
  const dataDir = temporaryDir();
  const debt = new Debt();
  let running: RunningBinnacle | undefined;
  try {
    for (let kill = 0; kill <= kills; kill++) {
      running = await startBinnacle({ mode: "serve", dataDir, config: CONFIG });
      const { url } = running;
      await verify(url, debt, `after ${kill} kills, seed ${seed}`);
      if (kill === kills) break;
      const load = [upkeep(url, debt), deleteAgainAndAgain(url, debt), sendBrief(url, debt)];
      for (let sender = 0; sender < SENDERS; sender++) load.push(send(url, sender, debt));
      await sleep(random.below(LIFE_MS_MAX));
      expect(await running.process.stop("SIGKILL")).toBe("SIGKILL");
      await Promise.all(load);
    }
    // What got no answer is sent for the last time, so that there is no doubt about it.
    for (let sender = 0; sender < SENDERS; sender++) await sendOne(running!.url, sender, debt);
    await running!.process.stop();
    verifyEach(dataDir, debt);
  } finally {
    await running?.stop("SIGKILL");
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
  const pushes = debt.pushes.reduce((sum, count) => sum + count, 0);
  const figures = { pushes, lines: pushes * LINES, deletions: debt.deleted.size };
  return { ...figures, upkeep: Object.fromEntries(debt.upkeep) };
}

/** A push that got no answer is sent once more in the next life, the very same. */
function send(url: string, sender: number, debt: Debt): Promise<void> {
  return untilGone(() => sendOne(url, sender, debt));
}

async function sendOne(url: string, sender: number, debt: Debt): Promise<void> {
  const n = debt.pushes[sender]!;
  await push(url, { job: "kill", sender: String(sender) }, timeOf(n), linesOf(sender, n));
  debt.pushes[sender] = n + 1;
}

/** Several pushes share a time; one push in 50 is a day late, so that parts of two days are made. */
function timeOf(n: number): number {
  return START_MS + Math.floor(n / 3) - (n % 50 === 49 ? 86_400_000 : 0);
}

function linesOf(sender: number, n: number): string[] {
  return Array.from({ length: LINES }, (_, k) => (k === 0 ? `push ${n} of ${sender}` : `equal ${n % 7}`));
}

function sendBrief(url: string, debt: Debt): Promise<void> {
  return untilGone(async () => {
    await push(url, { job: "brief" }, Date.now(), [`brief ${debt.brief++}`]);
    await sleep(20);
  });
}

function deleteAgainAndAgain(url: string, debt: Debt): Promise<void> {
  return untilGone(async () => {
    const n = String(debt.deletions++);
    // A line that stays stands beside each that goes.
    await push(url, { job: "gone" }, START_MS + Number(n), [`gone n=${n};`, `kept n=${n};`]);
    const query = new URLSearchParams({ query: `{job="gone"} |= "gone n=${n};"`, start: "0" });
    await post(`${url}/loki/api/v1/delete?${query.toString()}`);
    debt.deleted.add(n);
    await sleep(30);
  });
}

/** Seals and merges, and writes parts anew. */
function upkeep(url: string, debt: Debt): Promise<void> {
  let turn = 0;
  return untilGone(async () => {
    const kind = turn++ % 2 === 0 ? "compact" : "clean_deletions";
    await post(`${url}/api/v1/admin/logs/${kind}`);
    debt.upkeep.set(kind, (debt.upkeep.get(kind) ?? 0) + 1);
    await sleep(10);
  });
}

async function push(
  url: string,
  stream: Record<string, string>,
  timeMs: number,
  lines: readonly string[],
): Promise<void> {
  const values = lines.map((line) => [`${timeMs}000000`, line] as const);
  const response = await postLoki(url, [{ stream, values }]);
  if (response.status !== 204) throw new Error(await response.text());
}

async function post(url: string): Promise<void> {
  const response = await fetch(url, { method: "POST" });
  if (!response.ok) throw new Error(await response.text());
}

async function verify(url: string, debt: Debt, when: string): Promise<void> {
  const query = new URLSearchParams({ query: 'sum by (sender) (count_over_time({job="kill"}[60h]))' });
  const response = await fetch(`${url}/loki/api/v1/query?${query.toString()}`);
  const { data } = (await response.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  for (let sender = 0; sender < SENDERS; sender++) {
    const found = data.result.find(({ metric }) => metric["sender"] === String(sender));
    const count = Number(found?.value[1] ?? 0);
    const wanted = debt.pushes[sender]! * LINES;
    // The push that was under way when it was killed may be there beside, whole; its sender sends it again.
    expect([wanted, wanted + LINES], `lines of sender ${sender} ${when}`).toContain(count);
  }
  const range = { start: `${START_MS - 1000}000000`, limit: "5000" };
  const back = await logql(url, '{job="gone"} |= "gone n="', range);
  const returned = back
    .flatMap(({ values }) => values)
    .map(([, line]) => /n=(\d+);/.exec(line)![1]!)
    .filter((n) => debt.deleted.has(n));
  expect(returned, `deleted lines that are back ${when}`).toEqual([]);
  const brief = await logql(url, '{job="brief"}', range);
  const oldestMs = Date.now() - BRIEF_MS - 5000;
  for (const [timeNs] of brief.flatMap(({ values }) => values))
    expect(Number(timeNs) / 1e6, `a line past its retention ${when}`).toBeGreaterThan(oldestMs);
}

/** Every line, in order. */
function verifyEach(dataDir: string, debt: Debt): void {
  const launcher = path.join(repositoryRoot, "node_modules/.bin/binnacle");
  for (let sender = 0; sender < SENDERS; sender++) {
    expect(dumpOf(launcher, dataDir, `{job="kill",sender="${sender}"}`)).toEqual(wantedOf(sender, debt));
  }
  const kept = new Set(dumpOf(launcher, dataDir, '{job="gone"}'));
  for (const n of debt.deleted) expect(kept.has(`kept n=${n};`), `kept n=${n}`).toBe(true);
}

function wantedOf(sender: number, debt: Debt): string[] {
  const pushes = Array.from({ length: debt.pushes[sender]! }, (_, n) => n);
  pushes.sort((a, b) => timeOf(a) - timeOf(b) || a - b);
  return pushes.flatMap((n) => linesOf(sender, n));
}

function dumpOf(launcher: string, dataDir: string, selector: string): string[] {
  const args = ["logstore", "dump", "--data", dataDir, "--format", "lines", "--match", selector];
  const { status, stdout, stderr } = spawnSync(launcher, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1);
}
