/** Gathers lines that come one by one, each with its labels, into streams. */
import type { Labels, LineMetadata, LogEntries } from "@binnacle/model";
import { checkStreamCount, type LogPush, type PushErrors } from "./push.ts";

interface Gathered {
  readonly labels: Labels;
  readonly timesNs: bigint[];
  readonly lines: Uint8Array[];
  readonly metadata: (LineMetadata | undefined)[];
  hasMetadata: boolean;
}

export class StreamGatherer {
  readonly #streams = new Map<string, Gathered>();
  #entries = 0;

  add(labels: Labels, timeNs: bigint, line: Uint8Array, metadata: LineMetadata): void {
    const key = labels.key();
    let stream = this.#streams.get(key);
    if (stream === undefined) {
      stream = { labels, timesNs: [], lines: [], metadata: [], hasMetadata: false };
      this.#streams.set(key, stream);
      checkStreamCount(this.#streams.size);
    }
    stream.timesNs.push(timeNs);
    stream.lines.push(line);
    stream.metadata.push(metadata.length === 0 ? undefined : metadata);
    if (metadata.length > 0) stream.hasMetadata = true;
    this.#entries++;
  }

  toPush(errors: PushErrors): LogPush {
    const streams = [...this.#streams.values()].map(
      ({ labels, timesNs, lines, metadata, hasMetadata }): LogEntries => ({
        labels,
        timesNs: BigInt64Array.from(timesNs),
        lines,
        metadata: hasMetadata ? metadata : undefined,
      }),
    );
    return { streams, entryCount: this.#entries, errors: errors.list, errorCount: errors.count };
  }
}
