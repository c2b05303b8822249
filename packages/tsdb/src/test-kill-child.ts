/**
 * The process that the kill tests kill: `node test-kill-child.ts DIR FIRST DOOMED`. Makes the appends FIRST,
 * FIRST + 1, …, deletes series DOOMED, …, while it seals, merges and cleans, and says what it is about to do
 * and what was acknowledged, line by line, before it goes on.
 */
import { writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { doomedLabels, KILL_GROUPS, killLabels, killRows, openKillStore, timeMs } from "./test-kill.ts";

const [dir, first, firstDoomed] = process.argv.slice(2);
const store = await openKillStore(dir!);

function say(text: string): void {
  writeSync(1, `${text}\n`);
}

/** A series is registered again where a seal has let go of it. */
function refsOf(group: number): number[] {
  return killLabels(group).map((labels) => store.series(labels));
}

async function append(n: number): Promise<void> {
  const { rows, refused } = killRows(n, refsOf(n % KILL_GROUPS));
  say(`sent ${n}`);
  const { rejected } = await store.append(rows);
  say(`${rejected === refused ? "acknowledged" : "refused"} ${n}`);
}

async function doom(k: number): Promise<void> {
  const labels = doomedLabels(k);
  say(`dooming ${k}`);
  const row = { group: "doomed", timeMs: timeMs(k), series: Uint32Array.of(store.series(labels)) };
  await store.append([{ ...row, values: Float64Array.of(k) }]);
  say(`doomed ${k}`);
  if (k % 4 === 3) return;
  say(`deleting ${k}`);
  const selector = [{ name: "k", op: "=", value: String(k) }] as const;
  await store.deleteSeries([selector], { startMs: 0, endMs: 2 ** 50 });
  say(`deleted ${k}`);
}

let isBusy = false;
let k = Number(firstDoomed);
for (let n = Number(first); ; n += KILL_GROUPS) {
  const turn = n / KILL_GROUPS;
  const doing = Array.from({ length: KILL_GROUPS }, (_, group) => append(n + group));
  if (turn % 5 === 0) doing.push(doom(k++));
  await Promise.all(doing);
  if (isBusy) continue;
  isBusy = true;
  const upkeep =
    turn % 7 === 0 ? store.cleanTombstones() : turn % 3 === 0 ? store.compact() : store.maintain();
  void upkeep.finally(() => {
    isBusy = false;
  });
  await setImmediate();
}
