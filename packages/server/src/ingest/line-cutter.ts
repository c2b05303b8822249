/** Cuts lines that are too long, before a sink that would refuse them, and counts them. */
import {
  PackedEntries,
  type Counter,
  type LogAppendResult,
  type LogEntries,
  type LogSink,
  type Meter,
} from "@binnacle/model";

export interface LineCutterOptions {
  readonly bytesMax: number;
  readonly meter: Meter;
}

export class LineCutter implements LogSink {
  readonly #sink: LogSink;
  readonly #bytesMax: number;
  readonly #cut: Counter;

  constructor(sink: LogSink, { bytesMax, meter }: LineCutterOptions) {
    this.#sink = sink;
    this.#bytesMax = bytesMax;
    this.#cut = meter.counter({
      name: "binnacle_logs_cut_lines_total",
      help: "Log lines that were cut since they were too long.",
    });
  }

  append(batch: readonly LogEntries[]): Promise<LogAppendResult> {
    return this.#sink.append(batch.map((entries) => this.#cutEntries(entries)));
  }

  #cutEntries(entries: LogEntries): LogEntries {
    const { labels, timesNs, metadata } = entries;
    const longs = countLonger(entries, this.#bytesMax);
    if (longs === 0) return entries;
    this.#cut.inc(undefined, longs);
    return { labels, timesNs, metadata, lines: entries.lines.map((line) => cutLine(line, this.#bytesMax)) };
  }
}

function countLonger(entries: LogEntries, bytesMax: number): number {
  let count = 0;
  if (entries instanceof PackedEntries) {
    const { offsets } = entries;
    for (let i = 1; i < offsets.length; i++) if (offsets[i]! - offsets[i - 1]! > bytesMax) count++;
  } else for (const { length } of entries.lines) if (length > bytesMax) count++;
  return count;
}

/** Not within a character: one that does not fit whole is left out. */
export function cutLine(line: Uint8Array, bytesMax: number): Uint8Array {
  if (line.length <= bytesMax) return line;
  let end = bytesMax;
  // Of four bytes at most the last three continue a character.
  while (end > bytesMax - 3 && end > 0 && (line[end]! & 0xc0) === 0x80) end--;
  return line.subarray(0, end);
}
