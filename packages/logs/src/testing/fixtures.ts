/**
 * What the tests of this package share: a store in a folder of its own, and readers of everything it holds.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Labels,
  NO_LOGGER,
  NO_METER,
  QueryContext,
  type Clock,
  type LineMetadata,
  type LogEntries,
  type LogSelection,
  type LogSource,
} from "@binnacle/model";
import { LogStore } from "../store/log-store.ts";
import type { LogStoreOptions } from "../store/store-options.ts";

/** A moment of tests, Unix ms: a day's noon. */
export const NOON_MS = Date.UTC(2026, 2, 1, 12);
export const NOON_NS = BigInt(NOON_MS) * 1_000_000n;

export class TestClock implements Clock {
  ms = NOON_MS;
  nowMs(): number {
    return this.ms;
  }
  monotonicMs(): number {
    return performance.now();
  }
}

/** A folder that is removed when the test is over. */
export class TestFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "binnacle-logs-"));
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function openStore(dir: string, options: Partial<LogStoreOptions> = {}): Promise<LogStore> {
  const clock = new TestClock();
  return LogStore.open({
    dir,
    clock,
    logger: NO_LOGGER,
    meter: NO_METER,
    retentionMs: undefined,
    ...options,
  });
}

export interface TestLine {
  readonly timeNs: bigint;
  readonly line: string | Uint8Array;
  readonly metadata?: LineMetadata;
}

export function entries(labels: Readonly<Record<string, string>>, lines: readonly TestLine[]): LogEntries {
  const hasMetadata = lines.some((line) => line.metadata !== undefined);
  return {
    labels: Labels.fromObject(labels),
    timesNs: BigInt64Array.from(lines, (line) => line.timeNs),
    lines: lines.map(({ line }) => (typeof line === "string" ? new TextEncoder().encode(line) : line)),
    metadata: hasMetadata ? lines.map((line) => line.metadata) : undefined,
  };
}

export const EVERYTHING: LogSelection = {
  matchers: [],
  startNs: 0n,
  endNs: 1n << 62n,
  hints: [],
  direction: "forward",
};

/** What a selection gives, a text a line: labels, time, bytes as latin1, metadata. */
export async function dump(source: LogSource, selection: Partial<LogSelection> = {}): Promise<string[]> {
  const asked = { ...EVERYTHING, ...selection };
  const context = new QueryContext();
  const found: string[] = [];
  using set = await source.select(asked, context);
  set.streams.forEach((labels, stream) => {
    for (const block of set.read(stream, context)) {
      const rows = [...block.timesNs.keys()];
      if (asked.direction === "backward") rows.reverse();
      for (const row of rows) {
        const bytes = block.bytes.slice(block.offsets[row], block.offsets[row + 1]);
        found.push(describeLine(labels, block.timesNs[row]!, bytes, block.metadata?.[row]));
      }
    }
  });
  return found;
}

export function describeLine(
  labels: Labels,
  timeNs: bigint,
  bytes: Uint8Array,
  metadata: LineMetadata | undefined,
): string {
  const text = Buffer.from(bytes).toString("latin1");
  return `${labels.toString()} ${timeNs} ${JSON.stringify(text)} ${(metadata ?? []).join(",")}`;
}
