/** Joins the parts of long lines, stream by stream: as bytes, since a cut may go through a character. */
import { LOG_LINE_BYTES_MAX, TAIL_PARTIALS_MAX } from "../limits.ts";
import type { OnDecoded, StreamName } from "./line-decoder.ts";

interface OpenLine {
  readonly pieces: Uint8Array[];
  bytes: number;
  isCut: boolean;
  /** Of the first part: the time the line began, and where in the file. */
  readonly timeNs: bigint;
  readonly startOffset: number;
}

export interface LinePart {
  readonly stream: StreamName;
  readonly timeNs: bigint;
  readonly content: Uint8Array;
  readonly startOffset: number;
  readonly isLast: boolean;
  readonly isCut: boolean;
}

export class PartialJoiner {
  readonly #open = new Map<StreamName, OpenLine>();

  get openOffset(): number | undefined {
    let first: number | undefined;
    for (const { startOffset } of this.#open.values()) {
      if (first === undefined || startOffset < first) first = startOffset;
    }
    return first;
  }

  add(part: LinePart, onLine: OnDecoded): void {
    const { stream, timeNs, content, isLast, isCut } = part;
    const open = this.#open.get(stream);
    if (open === undefined && isLast && content.length <= LOG_LINE_BYTES_MAX) {
      onLine({ stream, timeNs, line: content, isCut, isMalformed: false });
      return;
    }
    const line = open ?? { pieces: [], bytes: 0, isCut: false, timeNs, startOffset: part.startOffset };
    if (isCut) line.isCut = true;
    const room = LOG_LINE_BYTES_MAX - line.bytes;
    if (content.length > room) line.isCut = true;
    if (room > 0 && content.length > 0) {
      // A copy: the part outlives the chunk it was read in.
      line.pieces.push(content.slice(0, room));
      line.bytes += Math.min(room, content.length);
    }
    if (isLast) {
      this.#open.delete(stream);
      emit(stream, line, onLine);
      return;
    }
    this.#open.set(stream, line);
    if (this.#open.size > TAIL_PARTIALS_MAX) this.#flushOldest(onLine);
  }

  flush(onLine: OnDecoded): void {
    while (this.#open.size > 0) this.#flushOldest(onLine);
  }

  #flushOldest(onLine: OnDecoded): void {
    for (const [stream, line] of this.#open) {
      this.#open.delete(stream);
      emit(stream, line, onLine);
      return;
    }
  }
}

function emit(stream: StreamName, open: OpenLine, onLine: OnDecoded): void {
  const line = Buffer.concat(open.pieces, open.bytes);
  onLine({ stream, timeNs: open.timeNs, line, isCut: open.isCut, isMalformed: false });
}
