/** A few kills of a server that takes lines; test/faults has many. */
import { expect, test } from "vitest";
import { killLogs } from "../support/kill-logs.ts";

test("acknowledged lines survive kills", async () => {
  const { pushes } = await killLogs({ kills: 2, seed: 4 });
  expect(pushes).toBeGreaterThan(0);
});
