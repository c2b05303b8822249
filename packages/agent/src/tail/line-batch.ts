/** Lines on their way to the sink, by stream, until it has acknowledged them. */
import type { Labels, LineMetadata, LogEntries } from "@binnacle/model";
import { TAIL_BATCH_BYTES_MAX, TAIL_BATCH_LINES_MAX } from "../limits.ts";

interface OpenStream {
  readonly labels: Labels;
  readonly timesNs: bigint[];
  readonly lines: Uint8Array[];
  readonly metadata: LineMetadata | undefined;
}

export class LineBatch {
  readonly #streams = new Map<Labels, OpenStream>();
  #bytes = 0;
  #lineCount = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get lineCount(): number {
    return this.#lineCount;
  }

  get isFull(): boolean {
    return this.#bytes >= TAIL_BATCH_BYTES_MAX || this.#lineCount >= TAIL_BATCH_LINES_MAX;
  }

  /** Labels are told apart as objects: a file hands over the same ones each time. */
  add(labels: Labels, timeNs: bigint, line: Uint8Array, metadata: LineMetadata | undefined): void {
    let stream = this.#streams.get(labels);
    if (stream === undefined) {
      stream = { labels, timesNs: [], lines: [], metadata };
      this.#streams.set(labels, stream);
    }
    stream.timesNs.push(timeNs);
    stream.lines.push(line);
    this.#bytes += line.length;
    this.#lineCount++;
  }

  entries(): LogEntries[] {
    return Array.from(this.#streams.values(), ({ labels, timesNs, lines, metadata }) => ({
      labels,
      timesNs: BigInt64Array.from(timesNs),
      lines,
      metadata: metadata === undefined ? undefined : lines.map(() => metadata),
    }));
  }
}
