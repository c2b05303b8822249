/**
 * A real process under load, killed at random moments: what it acknowledged is there, once, and nothing it
 * did not send.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { QueryContext, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { KILL_GROUPS, killValue, openKillStore, rowOfTime } from "./test-kill.ts";
import { TestDir } from "./test-store.ts";

const KILLS = Number(process.env["BINNACLE_KILLS"] ?? 6);
const SEED = Number(process.env["BINNACLE_SEED"] ?? 1);
const LIFE_MS_MAX = 400;

/** Runs the process until it is killed, and notes what it says. */
async function runAndKill(
  dir: string,
  first: number,
  lifeMs: number,
  sent: Set<number>,
  kept: Set<number>,
): Promise<void> {
  const child = spawn(
    process.execPath,
    [new URL("test-kill-child.ts", import.meta.url).pathname, dir, String(first)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const exited = once(child, "exit");
  let said = 0;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const [word, n] = line.split(" ");
    if (said++ === 0) void sleep(lifeMs).then(() => child.kill("SIGKILL"));
    expect(word).not.toBe("refused");
    (word === "sent" ? sent : kept).add(Number(n));
  });
  const closed = once(lines, "close");
  expect((await exited)[1]).toBe("SIGKILL");
  await closed;
}

test(
  `what was acknowledged survives ${KILLS} kills, seed ${SEED}`,
  { timeout: 10_000 * (KILLS + 1) },
  async () => {
    using dir = new TestDir();
    const random = seededRandom(SEED);
    const sent = new Set<number>();
    const acknowledged = new Set<number>();
    for (let kill = 0; kill < KILLS; kill++) {
      const first = sent.size === 0 ? 0 : Math.max(...sent) + KILL_GROUPS - (Math.max(...sent) % KILL_GROUPS);
      await runAndKill(dir.path, first, random.below(LIFE_MS_MAX), sent, acknowledged);
    }
    expect(acknowledged.size).toBeGreaterThan(KILLS);

    await using store = await openKillStore(dir.path);
    const context = new QueryContext();
    using set = await store.select({ matchers: [], startMs: 0, endMs: 2 ** 50 }, context);
    const found = new Map<number, number>();
    for (const { labels, times, values } of set.read(context)) {
      for (const [at, time] of times.entries()) {
        const n = rowOfTime(time);
        expect(values[at]).toBe(killValue(n, Number(labels.get("i"))));
        expect(n % KILL_GROUPS).toBe(Number(labels.get("group")));
        found.set(n, (found.get(n) ?? 0) + 1);
      }
    }
    for (const n of acknowledged) expect(found.get(n), `acknowledged row ${n}`).toBe(20);
    for (const [n, count] of found) {
      expect(sent.has(n), `row ${n} was sent`).toBe(true);
      expect(count, `row ${n} is whole`).toBe(20);
    }
  },
);
