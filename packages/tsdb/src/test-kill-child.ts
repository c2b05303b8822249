/**
 * The process that store-kill.test.ts kills: `node test-kill-child.ts DIR FIRST`. Appends rows FIRST, FIRST +
 * 1, … while it seals and merges, and says what it sends and what was acknowledged, line by line, before it
 * goes on.
 */
import { writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { KILL_GROUPS, killLabels, killRow, openKillStore } from "./test-kill.ts";

const [dir, first] = process.argv.slice(2);
const store = await openKillStore(dir!);
const refs = Array.from({ length: KILL_GROUPS }, (_, group) =>
  killLabels(group).map((labels) => store.series(labels)),
);

let isBusy = false;
for (let n = Number(first); ; n += KILL_GROUPS) {
  await Promise.all(
    refs.map(async (series, group) => {
      writeSync(1, `sent ${n + group}\n`);
      const { appended } = await store.append([killRow(group, n + group, series)]);
      writeSync(1, `${appended === series.length ? "acknowledged" : "refused"} ${n + group}\n`);
    }),
  );
  if (isBusy) continue;
  isBusy = true;
  void (n % 3 === 0 ? store.compact() : store.maintain()).finally(() => {
    isBusy = false;
  });
  await setImmediate();
}
