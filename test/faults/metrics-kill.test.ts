/**
 * A real server, killed again and again at random moments while it takes samples, deletes series, seals,
 * merges and cleans: each sample that was acknowledged is there afterwards, once, and nothing else is.
 *
 * BINNACLE_KILLS says how often (200), BINNACLE_SEED replays the moments of a run.
 */
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Labels, seededRandom } from "@binnacle/model";
import { afterAll, expect, test } from "vitest";
import { ask, promql } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { temporaryDir } from "../support/process.ts";
import { postWrite } from "../support/remote-write.ts";
import { untilGone } from "../support/until-gone.ts";

const KILLS = Number(process.env["BINNACLE_KILLS"] ?? 200);
const SEED = Number(process.env["BINNACLE_SEED"] ?? Date.now() % 1e6);
const SENDERS = 4;
const LIFE_MS_MAX = 600;
const STEP_MS = 50;
/** Late enough that a run of hours fits before now. */
const START_MS = Date.now() - 3 * 3_600_000;
const RANGE = "4h";

const QUIET = `binnacle:
  self_scrape: {enabled: false}
  host: {enabled: false}
  default_rules: false
  log_sources: {own: false, pod_logs: "", container_logs: "", docker_logs: "", files: []}
`;

const dataDir = temporaryDir();
let running: RunningBinnacle | undefined;

afterAll(async () => {
  await running?.stop("SIGKILL");
  fs.rmSync(dataDir, { recursive: true, force: true });
});

/** What the server owes. */
class Debt {
  /** By sender: its samples are 0, 1, … below this. */
  readonly counts: number[] = Array<number>(SENDERS).fill(0);
  /** Numbers of series whose deletion was acknowledged. */
  readonly deleted = new Set<string>();
  deletions = 0;
  /** Which pieces of upkeep ended, to know that kills had a chance to fall into them. */
  readonly upkeep = new Map<string, number>();

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}

test(
  `what was acknowledged survives ${KILLS} kills, seed ${SEED}`,
  { timeout: 20_000 * (KILLS + 1) },
  async () => {
    const random = seededRandom(SEED);
    const debt = new Debt();
    for (let kill = 0; kill <= KILLS; kill++) {
      running = await startBinnacle({ mode: "serve", dataDir, config: QUIET });
      const { url } = running;
      await verify(url, debt, kill);
      if (kill === KILLS) break;
      const load = [upkeep(url, debt), deleteAgainAndAgain(url, debt)];
      for (let sender = 0; sender < SENDERS; sender++) load.push(send(url, sender, debt));
      await sleep(random.below(LIFE_MS_MAX));
      expect(await running.process.stop("SIGKILL")).toBe("SIGKILL");
      await Promise.all(load);
    }
    await verifyEach(running!.url, debt);
    // A run in which hardly anything happened proves nothing.
    expect(debt.total).toBeGreaterThan(KILLS * SENDERS);
    for (const kind of ["compact", "clean_tombstones"])
      expect(debt.upkeep.get(kind) ?? 0).toBeGreaterThan(KILLS / 20);
  },
);

function send(url: string, sender: number, debt: Debt): Promise<void> {
  const labels = Labels.fromObject({ __name__: "killed", job: "kill", instance: String(sender) });
  return untilGone(async () => {
    const n = debt.counts[sender]!;
    await write(url, labels, n, valueOf(sender, n));
    debt.counts[sender] = n + 1;
  });
}

function deleteAgainAndAgain(url: string, debt: Debt): Promise<void> {
  return untilGone(async () => {
    const n = String(debt.deletions++);
    await write(url, Labels.fromObject({ __name__: "gone", job: "gone", n }), 0, 1);
    const match = encodeURIComponent(`gone{n="${n}"}`);
    await post(`${url}/api/v1/admin/tsdb/delete_series?match[]=${match}`);
    debt.deleted.add(n);
    await sleep(20);
  });
}

/** Seals and merges, and writes blocks anew. */
function upkeep(url: string, debt: Debt): Promise<void> {
  let turn = 0;
  return untilGone(async () => {
    const kind = turn++ % 3 === 2 ? "clean_tombstones" : "compact";
    await post(`${url}/api/v1/admin/tsdb/${kind}`);
    debt.upkeep.set(kind, (debt.upkeep.get(kind) ?? 0) + 1);
  });
}

async function write(url: string, labels: Labels, n: number, value: number): Promise<void> {
  const samples = [[START_MS + n * STEP_MS, value]] as const;
  const response = await postWrite(`${url}/api/v1/write`, [{ labels, samples }]);
  if (response.status !== 204) throw new Error(await response.text());
}

async function post(url: string): Promise<void> {
  const response = await fetch(url, { method: "POST" });
  if (!response.ok) throw new Error(await response.text());
}

/** No delta foretells it. */
function valueOf(sender: number, n: number): number {
  return Math.sin(n * SENDERS + sender);
}

async function verify(url: string, debt: Debt, kill: number): Promise<void> {
  const counts = await promql(url, `count_over_time(killed[${RANGE}])`);
  for (let sender = 0; sender < SENDERS; sender++) {
    const found = counts.find(({ metric }) => metric["instance"] === String(sender));
    const count = Number(found?.value[1] ?? 0);
    const wanted = debt.counts[sender]!;
    expect(count, `samples of sender ${sender} after ${kill} kills`).toBeGreaterThanOrEqual(wanted);
    // The one that was under way when it was killed may be there beside.
    expect(count, `samples of sender ${sender} after ${kill} kills`).toBeLessThanOrEqual(wanted + 1);
    debt.counts[sender] = count;
  }
  const left = await promql(url, `count_over_time(gone[${RANGE}])`);
  const returned = left.map(({ metric }) => metric["n"]!).filter((n) => debt.deleted.has(n));
  expect(returned, `deleted series that are back after ${kill} kills`).toEqual([]);
}

/** Every sample, by time and value. */
async function verifyEach(url: string, debt: Debt): Promise<void> {
  for (let sender = 0; sender < SENDERS; sender++) {
    const query = encodeURIComponent(`killed{instance="${sender}"}[${RANGE}]`);
    const { result } = await ask<{ result: { values: [number, string][] }[] }>(
      `${url}/api/v1/query?query=${query}`,
    );
    const expected = Array.from({ length: debt.counts[sender]! }, (_, n) => [
      (START_MS + n * STEP_MS) / 1000,
      valueOf(sender, n),
    ]);
    expect(result[0]!.values.map(([time, value]) => [time, Number(value)])).toEqual(expected);
  }
}
