/** The long form of the kill test. BINNACLE_KILLS says how many kills (200), BINNACLE_SEED replays a run. */
import { test } from "vitest";
import { runKills } from "./test-kill-run.ts";
import { TestDir } from "./test-store.ts";

const KILLS = Number(process.env["BINNACLE_KILLS"] ?? 200);
const SEED = Number(process.env["BINNACLE_SEED"] ?? Date.now() % 1e6);

test(
  `what was acknowledged survives ${KILLS} kills, seed ${SEED}`,
  { timeout: 20_000 * (KILLS + 1) },
  async () => {
    using dir = new TestDir();
    await runKills(dir.path, { kills: KILLS, seed: SEED, verifyEach: true });
  },
);
