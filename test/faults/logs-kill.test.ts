/**
 * Many kills of a server that takes lines. BINNACLE_KILLS says how many (200), BINNACLE_SEED replays a run.
 */
import { expect, test } from "vitest";
import { killLogs } from "../support/kill-logs.ts";

const KILLS = Number(process.env["BINNACLE_KILLS"] ?? 200);
const SEED = Number(process.env["BINNACLE_SEED"] ?? Date.now() % 1e6);

test(
  `acknowledged lines survive ${KILLS} kills, seed ${SEED}`,
  { timeout: 20_000 * (KILLS + 1) },
  async () => {
    const { pushes, deletions, upkeep } = await killLogs({ kills: KILLS, seed: SEED });
    process.stderr.write(
      `${KILLS} kills: ${pushes} pushes, ${deletions} deletions, ${JSON.stringify(upkeep)}\n`,
    );
    // A run in which hardly anything happened proves nothing.
    expect(pushes).toBeGreaterThan(KILLS * 4);
    expect(deletions).toBeGreaterThan(KILLS / 4);
    for (const kind of ["compact", "clean_deletions"]) expect(upkeep[kind] ?? 0).toBeGreaterThan(KILLS / 20);
  },
);
