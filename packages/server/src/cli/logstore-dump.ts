/**
 * `binnacle logstore dump`: lines stream by stream, in the order of time and, at one time, of arrival.
 * docs/format/log-dump.md describes the exact form, which `import` takes back.
 */
import { once } from "node:events";
import type { Labels, LineMetadata, LogBlock } from "@binnacle/model";
import { readSelector } from "../app/loki-params.ts";
import type { DumpFormat, DumpLogsOptions } from "./logstore-options.ts";
import { unboundedQuery } from "./offline.ts";
import { logsDir, withLogStore } from "./logstore-store.ts";
import { Progress } from "./output/progress.ts";

/** The first line of an exact dump. */
export const DUMP_HEADER = "binnacle-logs 1\n";

const CHUNK_BYTES = 256 * 1024;
const LINE_FEED = Buffer.from("\n");
const NS_PER_MS = 1_000_000n;

export async function dump(options: DumpLogsOptions): Promise<void> {
  logsDir(options.data);
  const selectors = options.match.map(readSelector);
  const { minTime, maxTime, format } = options;
  const range = {
    startNs: minTime === undefined ? -(1n << 63n) : BigInt(minTime) * NS_PER_MS,
    endNs: maxTime === undefined ? (1n << 63n) - 1n : BigInt(maxTime + 1) * NS_PER_MS,
  };
  await withLogStore(options.data, async (store) => {
    const out = new Output();
    if (format === "exact") out.add(Buffer.from(DUMP_HEADER));
    const seen = new Set<string>();
    for (const matchers of selectors.length === 0 ? [[]] : selectors) {
      const context = unboundedQuery();
      const selection = { matchers, ...range, hints: [], direction: "forward" as const };
      using set = await store.select(selection, context);
      using progress = new Progress("streams", set.streams.length);
      for (const [stream, labels] of set.streams.entries()) {
        progress.show(stream);
        if (seen.has(labels.key())) continue;
        seen.add(labels.key());
        let isFirst = true;
        for (const block of set.read(stream, context)) {
          if (isFirst && format === "exact") out.add(Buffer.from(`${JSON.stringify(labels.toObject())}\n`));
          isFirst = false;
          for (const piece of piecesOf(block, labels, format)) {
            out.add(piece);
            if (out.bytes >= CHUNK_BYTES) await out.flush();
          }
        }
      }
    }
    await out.flush();
  });
}

function* piecesOf(block: LogBlock, labels: Labels, format: DumpFormat): Iterable<Uint8Array> {
  const { bytes, offsets, timesNs, metadata } = block;
  for (let i = 0; i < timesNs.length; i++) {
    const line = bytes.subarray(offsets[i], offsets[i + 1]);
    const pairs = metadata?.[i];
    if (format === "json") {
      yield Buffer.from(`${jsonOf(labels, timesNs[i]!, line, pairs)}\n`);
      continue;
    }
    if (format === "exact") {
      const tail = pairs === undefined || pairs.length === 0 ? "" : ` ${JSON.stringify(pairs)}`;
      yield Buffer.from(`${timesNs[i]!} ${line.length}${tail}\n`);
    }
    yield line;
    yield LINE_FEED;
  }
}

/** A line that is no UTF-8 is given as base64. */
function jsonOf(
  labels: Labels,
  timeNs: bigint,
  line: Uint8Array,
  metadata: LineMetadata | undefined,
): string {
  const bytes = Buffer.from(line);
  const text = bytes.toString("utf8");
  const isText = Buffer.from(text, "utf8").equals(bytes);
  return JSON.stringify({
    time: String(timeNs),
    labels: labels.toObject(),
    ...(isText ? { line: text } : { line64: bytes.toString("base64") }),
    ...(metadata === undefined || metadata.length === 0 ? {} : { metadata }),
  });
}

/** Copies pieces into writes of some size. */
class Output {
  #buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);
  bytes = 0;

  add(piece: Uint8Array): void {
    const needed = this.bytes + piece.length;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(2 * needed);
      grown.set(this.#buffer.subarray(0, this.bytes));
      this.#buffer = grown;
    }
    this.#buffer.set(piece, this.bytes);
    this.bytes = needed;
  }

  async flush(): Promise<void> {
    if (this.bytes === 0) return;
    // A copy: the stream may hold it for longer.
    const all = Buffer.from(this.#buffer.subarray(0, this.bytes));
    this.bytes = 0;
    if (!process.stdout.write(all)) await once(process.stdout, "drain");
  }
}
