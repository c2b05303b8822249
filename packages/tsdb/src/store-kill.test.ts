/** The short form of store-kill.faults.ts. BINNACLE_KILLS says how many kills, BINNACLE_SEED which run. */
import { test } from "vitest";
import { runKills } from "./test-kill-run.ts";
import { TestDir } from "./test-store.ts";

const KILLS = Number(process.env["BINNACLE_KILLS"] ?? 5);
const SEED = Number(process.env["BINNACLE_SEED"] ?? 1);

test(
  `what was acknowledged survives ${KILLS} kills, seed ${SEED}`,
  { timeout: 10_000 * (KILLS + 1) },
  async () => {
    using dir = new TestDir();
    await runKills(dir.path, { kills: KILLS, seed: SEED, verifyEach: false });
  },
);
