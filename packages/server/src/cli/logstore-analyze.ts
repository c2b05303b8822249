/** `binnacle logstore analyze`. */
import type { LogBlock, LogSelection } from "@binnacle/model";
import { unboundedQuery } from "./offline.ts";
import { logsDir, withLogStore } from "./logstore-store.ts";
import { print, printTop, Progress } from "./output/progress.ts";

const EVERYTHING: LogSelection = {
  matchers: [],
  startNs: -(1n << 63n),
  endNs: (1n << 63n) - 1n,
  hints: [],
  direction: "forward",
};

export async function analyze(dataDir: string, limit: number): Promise<void> {
  logsDir(dataDir);
  await withLogStore(dataDir, async (store) => {
    const context = unboundedQuery();
    const bytesByStream = new Map<string, number>();
    const bytesByPair = new Map<string, number>();
    const linesByDay = new Map<string, number>();
    const valuesByLabel = new Map<string, Set<string>>();
    let lines = 0;
    let bytes = 0;
    let minNs: bigint | undefined;
    let maxNs: bigint | undefined;
    {
      using set = await store.select(EVERYTHING, context);
      using progress = new Progress("streams", set.streams.length);
      for (const [stream, labels] of set.streams.entries()) {
        progress.show(stream + 1);
        let streamBytes = 0;
        for (const block of set.read(stream, context)) {
          const { timesNs } = block;
          const count = timesNs.length;
          if (count === 0) continue;
          lines += count;
          streamBytes += bytesOf(block);
          if (minNs === undefined || timesNs[0]! < minNs) minNs = timesNs[0]!;
          if (maxNs === undefined || timesNs[count - 1]! > maxNs) maxNs = timesNs[count - 1]!;
          for (const timeNs of timesNs) add(linesByDay, dayOf(timeNs), 1);
        }
        bytes += streamBytes;
        add(bytesByStream, labels.toString(), streamBytes);
        for (const [name, value] of labels.entries()) {
          const values = valuesByLabel.get(name) ?? new Set();
          valuesByLabel.set(name, values.add(value));
          add(bytesByPair, `${name}=${JSON.stringify(value)}`, streamBytes);
        }
      }
    }
    const { parts, partBytes, partTextBytes, headLines, deletions } = store.stats();
    const ratio = partBytes === 0 ? "" : `, ${(partTextBytes / partBytes).toFixed(1)} : 1`;
    print(`streams              ${bytesByStream.size}`);
    print(`lines                ${lines}`);
    print(`bytes of lines       ${bytes}`);
    print(`parts                ${parts}, ${partBytes} bytes${ratio}`);
    print(`lines not sealed     ${headLines}`);
    print(`deletions waiting    ${deletions}`);
    if (minNs !== undefined && maxNs !== undefined)
      print(`from, to             ${isoOf(minNs)}, ${isoOf(maxNs)}`);
    const sizes = new Map([...valuesByLabel].map(([name, values]) => [name, values.size]));
    printTop("bytes by stream", bytesByStream, limit);
    printTop("bytes by label and value", bytesByPair, limit);
    printTop("values by label", sizes, limit);
    printTop("lines by day", linesByDay, limit);
  });
}

/** Bytes of the lines, exactly, and without putting them together where that can be. */
function bytesOf(block: LogBlock): number {
  const { lengths } = block;
  if (lengths === undefined) return block.offsets[block.timesNs.length]! - block.offsets[0]!;
  let sum = 0;
  for (const length of lengths) sum += length;
  return sum;
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

const NS_PER_DAY = 86_400_000_000_000n;
const dayTexts = new Map<bigint, string>();

function dayOf(timeNs: bigint): string {
  const day = timeNs / NS_PER_DAY;
  let text = dayTexts.get(day);
  if (text === undefined) dayTexts.set(day, (text = isoOf(day * NS_PER_DAY).slice(0, 10)));
  return text;
}

function isoOf(timeNs: bigint): string {
  return new Date(Number(timeNs / 1_000_000n)).toISOString();
}
