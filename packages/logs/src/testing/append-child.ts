/**
 * A process for tests that is killed: appends numbered batches for ever and prints the number of each
 * acknowledged.
 */
import { NO_LOGGER, NO_METER, SYSTEM_CLOCK } from "@binnacle/model";
import { LogStore } from "../store/log-store.ts";
import { entries, NOON_NS } from "./fixtures.ts";

const [dir, first] = process.argv.slice(2) as [string, string];
const store = await LogStore.open({
  dir,
  clock: SYSTEM_CLOCK,
  logger: NO_LOGGER,
  meter: NO_METER,
  retentionMs: undefined,
  // Small, so that the kill meets sealing and merging too.
  limits: { sealBytes: 20_000 },
});
for (let number = Number(first); ; number += 4) {
  // Several at a time, so that a commit holds more than one.
  const acknowledged = [0, 1, 2, 3].map(async (i) => {
    const serial = number + i;
    const lines = Array.from({ length: 5 }, (_, k) => ({
      timeNs: NOON_NS + BigInt(serial) * 1_000_000n,
      line: `${serial}.${k} ${"x".repeat(serial % 200)}`,
    }));
    await store.append([entries({ app: `a${serial % 3}` }, lines)]);
    process.stdout.write(`${serial}\n`);
  });
  await Promise.all(acknowledged);
}
