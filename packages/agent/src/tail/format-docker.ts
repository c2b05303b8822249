/**
 * Docker's json-file format: an object a line with `log`, `stream`, `time`, and perhaps more that does not
 * concern us. A `log` that does not end with a line feed goes on in the next object of its stream.
 */
import { LOG_LINE_BYTES_MAX } from "../limits.ts";
import type { LineDecoder, OnDecoded } from "./line-decoder.ts";
import { PartialJoiner } from "./partial-joiner.ts";
import { parseRfc3339 } from "./rfc3339.ts";

const LINE_FEED = 0x0a;

export class DockerDecoder implements LineDecoder {
  readonly #joiner = new PartialJoiner();

  get openOffset(): number | undefined {
    return this.#joiner.openOffset;
  }

  decode(line: Uint8Array, startOffset: number, isCut: boolean, nowNs: bigint, onLine: OnDecoded): void {
    const record = parseRecord(line);
    if (record === undefined) {
      const isTooLong = line.length > LOG_LINE_BYTES_MAX;
      const kept = isTooLong ? line.subarray(0, LOG_LINE_BYTES_MAX) : line;
      onLine({ stream: "", timeNs: nowNs, line: kept, isCut: isCut || isTooLong, isMalformed: true });
      return;
    }
    const time = Buffer.from(record.time, "latin1");
    const timeNs = parseRfc3339(time, 0, time.length) ?? nowNs;
    const bytes = Buffer.from(record.log);
    const isLast = bytes.at(-1) === LINE_FEED;
    const content = isLast ? bytes.subarray(0, -1) : bytes;
    const stream = record.stream === "stderr" ? "stderr" : "stdout";
    this.#joiner.add({ stream, timeNs, content, startOffset, isLast, isCut }, onLine);
  }

  flush(onLine: OnDecoded): void {
    this.#joiner.flush(onLine);
  }
}

function parseRecord(line: Uint8Array): { log: string; stream: string; time: string } | undefined {
  try {
    const value: unknown = JSON.parse(
      Buffer.from(line.buffer, line.byteOffset, line.length).toString("utf8"),
    );
    if (typeof value !== "object" || value === null) return undefined;
    const { log, stream, time } = value as Record<string, unknown>;
    if (typeof log !== "string" || typeof time !== "string") return undefined;
    return { log, stream: typeof stream === "string" ? stream : "", time };
  } catch {
    return undefined;
  }
}
