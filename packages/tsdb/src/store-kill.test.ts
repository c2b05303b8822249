/**
 * A real process under load, killed again and again: what it acknowledged is there, once, and nothing it did
 * not send: samples in order and late, histograms, exemplars; what was said twice is there once, and what was
 * deleted is gone.
 *
 * BINNACLE_KILLS says how many kills (5, and 200 with `npm run test:faults`), BINNACLE_SEED replays a run.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { QueryContext, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import {
  appendOfTime,
  isLate,
  isRepeat,
  KILL_GROUPS,
  KILL_LATE_SERIES,
  KILL_SERIES,
  killHistogram,
  killValue,
  lateValue,
  openKillStore,
} from "./test-kill.ts";
import { TestDir } from "./test-store.ts";

const KILLS = Number(process.env["BINNACLE_KILLS"] ?? 5);
const SEED = Number(process.env["BINNACLE_SEED"] ?? 1);
/** Kills after which all there is is looked at; the last one comes beside. */
const KILLS_PER_LOOK = 20;

/** The process is killed once it has said this many lines, or a few ms later. */
const LINES_MAX = 400;
const DELAY_MS_MAX = 4;

/** What the process said, in all its lives. */
class Said {
  readonly sent = new Set<number>();
  readonly acknowledged = new Set<number>();
  readonly dooming = new Set<number>();
  readonly doomed = new Set<number>();
  readonly deleting = new Set<number>();
  readonly deleted = new Set<number>();

  note(line: string): void {
    const [word, number] = line.split(" ");
    expect(word).not.toBe("refused");
    (this[word as keyof this] as Set<number>).add(Number(number));
  }
}

test(
  `what was acknowledged survives ${KILLS} kills, seed ${SEED}`,
  { timeout: 20_000 * (KILLS + 1) },
  async () => {
    using dir = new TestDir();
    const random = seededRandom(SEED);
    const said = new Said();
    for (let kill = 1; kill <= KILLS; kill++) {
      const moment = { lines: 1 + random.below(LINES_MAX), delayMs: random.below(DELAY_MS_MAX) };
      await runAndKill(dir.path, said, moment);
      if (kill % KILLS_PER_LOOK === 0 || kill === KILLS) await verify(dir.path, said, `after ${kill} kills`);
    }
    // A run in which hardly anything happened proves nothing.
    expect(said.acknowledged.size).toBeGreaterThan(KILLS * KILL_GROUPS);
  },
);

async function runAndKill(
  dir: string,
  said: Said,
  { lines, delayMs }: { lines: number; delayMs: number },
): Promise<void> {
  const first =
    said.sent.size === 0 ? 0 : Math.max(...said.sent) + KILL_GROUPS - (Math.max(...said.sent) % KILL_GROUPS);
  const args = [
    new URL("test-kill-child.ts", import.meta.url).pathname,
    dir,
    String(first),
    String(said.dooming.size),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let count = 0;
  const reading = createInterface({ input: child.stdout });
  reading.on("line", (line) => {
    if (++count === lines) void sleep(delayMs).then(() => child.kill("SIGKILL"));
    said.note(line);
  });
  const closed = once(reading, "close");
  expect((await exited)[1]).toBe("SIGKILL");
  await closed;
}

/** How many samples an append has. */
interface Found {
  floats: number;
  histograms: number;
  late: number;
}

async function verify(dir: string, said: Said, when: string): Promise<void> {
  await using store = await openKillStore(dir);
  const context = new QueryContext();
  using set = await store.select({ matchers: [], startMs: 0, endMs: 2 ** 50 }, context);
  const found = new Map<number, Found>();
  const present = new Set<number>();
  const of = (n: number): Found => {
    let known = found.get(n);
    if (known === undefined) found.set(n, (known = { floats: 0, histograms: 0, late: 0 }));
    return known;
  };
  for (const { labels, times, values, histograms } of set.read(context)) {
    if (labels.get("__name__") === "doomed") {
      present.add(Number(labels.get("k")));
      expect([...values]).toEqual([Number(labels.get("k"))]);
      continue;
    }
    const i = Number(labels.get("i"));
    const group = Number(labels.get("group"));
    for (const [at, time] of times.entries()) {
      const { n, isLate: isLateOne } = appendOfTime(time);
      expect(values[at], `append ${n} of ${labels.toString()} ${when}`).toBe(
        isLateOne ? lateValue(n, i) : killValue(n, i),
      );
      expect(n % KILL_GROUPS).toBe(group);
      of(n)[isLateOne ? "late" : "floats"]++;
    }
    for (const [at, time] of (histograms?.times ?? []).entries()) {
      const { n } = appendOfTime(time);
      expect(histograms!.values[at]).toEqual(killHistogram(n));
      of(n).histograms++;
    }
  }
  const owed = new Set(said.acknowledged);
  // Said again, and acknowledged then; the life before may have ended before it said so the first time.
  for (const n of said.acknowledged) if (isRepeat(n)) owed.add(n - KILL_GROUPS);
  const sent = new Set(said.sent);
  for (const n of said.sent) if (isRepeat(n)) sent.add(n - KILL_GROUPS);
  for (const n of owed) expect(found.has(n), `acknowledged append ${n} ${when}`).toBe(true);
  for (const [n, { floats, histograms, late }] of found) {
    expect(sent.has(n), `append ${n} was sent, ${when}`).toBe(true);
    expect({ n, floats, histograms }, when).toEqual({ n, floats: KILL_SERIES, histograms: 1 });
    const lateOwed = said.acknowledged.has(n) && isLate(n) ? KILL_LATE_SERIES : 0;
    expect([lateOwed, isLate(n) ? KILL_LATE_SERIES : 0], `late samples of append ${n} ${when}`).toContain(
      late,
    );
  }
  verifyDoomed(present, said, when);
  const exemplars = store.exemplars([[]], { startMs: 0, endMs: 2 ** 50 });
  const traces = exemplars.map(({ labels }) => Number(labels.get("trace_id")));
  expect(new Set(traces).size, `exemplars twice ${when}`).toBe(traces.length);
  const kept = new Set(traces);
  for (const n of said.acknowledged) expect(kept.has(n), `exemplar of append ${n} ${when}`).toBe(true);
  for (const n of kept) expect(sent.has(n)).toBe(true);
}

function verifyDoomed(present: ReadonlySet<number>, said: Said, when: string): void {
  for (const k of said.deleted) expect(present.has(k), `deleted series ${k} ${when}`).toBe(false);
  for (const k of said.doomed)
    if (!said.deleting.has(k))
      expect(present.has(k), `series ${k}, which nobody deleted, ${when}`).toBe(true);
  for (const k of present) expect(said.dooming.has(k)).toBe(true);
}
