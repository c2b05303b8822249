/**
 * The container runtimes' format: `TIME STREAM TAGS CONTENT`.
 *
 * TAGS is a list joined by colons whose first is P (the line goes on) or F (it is whole); further ones are to
 * be ignored. A container that ends in the middle of a line leaves a P that no F follows.
 */
import { LOG_LINE_BYTES_MAX } from "../limits.ts";
import type { LineDecoder, OnDecoded, StreamName } from "./line-decoder.ts";
import { PartialJoiner } from "./partial-joiner.ts";
import { parseRfc3339 } from "./rfc3339.ts";

const SPACE = 0x20;
const COLON = 0x3a;
const PARTIAL = 0x50;
const FULL = 0x46;

export class CriDecoder implements LineDecoder {
  readonly #joiner = new PartialJoiner();

  get openOffset(): number | undefined {
    return this.#joiner.openOffset;
  }

  decode(line: Uint8Array, startOffset: number, isCut: boolean, nowNs: bigint, onLine: OnDecoded): void {
    const timeEnd = line.indexOf(SPACE);
    const streamEnd = timeEnd < 0 ? -1 : line.indexOf(SPACE, timeEnd + 1);
    const timeNs = streamEnd < 0 ? undefined : parseRfc3339(line, 0, timeEnd);
    const stream = streamEnd < 0 ? undefined : streamName(line, timeEnd + 1, streamEnd);
    const tag = line[streamEnd + 1];
    const tagsEnd = streamEnd < 0 ? -1 : line.indexOf(SPACE, streamEnd + 1);
    const afterTag = line[streamEnd + 2];
    const isTag = (tag === PARTIAL || tag === FULL) && (afterTag === SPACE || afterTag === COLON);
    if (timeNs === undefined || stream === undefined || tagsEnd < 0 || !isTag) {
      const isTooLong = line.length > LOG_LINE_BYTES_MAX;
      const kept = isTooLong ? line.subarray(0, LOG_LINE_BYTES_MAX) : line;
      onLine({ stream: "", timeNs: nowNs, line: kept, isCut: isCut || isTooLong, isMalformed: true });
      return;
    }
    const content = line.subarray(tagsEnd + 1);
    this.#joiner.add({ stream, timeNs, content, startOffset, isLast: tag === FULL, isCut }, onLine);
  }

  flush(onLine: OnDecoded): void {
    this.#joiner.flush(onLine);
  }
}

/** stdout or stderr; told apart by length and last letters. */
function streamName(line: Uint8Array, start: number, end: number): StreamName | undefined {
  if (end - start !== 6 || line[start] !== 0x73 || line[start + 1] !== 0x74 || line[start + 2] !== 0x64)
    return undefined;
  if (line[start + 3] === 0x6f) return "stdout";
  return line[start + 3] === 0x65 ? "stderr" : undefined;
}
