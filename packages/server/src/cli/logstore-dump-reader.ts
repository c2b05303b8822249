/** Reads files piece by piece: lines, and runs of bytes of a known length. */
import fs from "node:fs";
import { BinnacleError, Labels, type LineMetadata } from "@binnacle/model";
import { IMPORT_LINE_BYTES_MAX } from "../limits.ts";

const PIECE_BYTES = 4 * 1024 * 1024;
const LINE_FEED = 0x0a;

export class FileLines implements Disposable {
  readonly path: string;
  readonly size: number;
  readonly #fd: number;
  #piece: Buffer = Buffer.alloc(0);
  /** Where the next byte to give lies in the piece, and the piece in the file. */
  #at = 0;
  #pieceAt = 0;

  constructor(path: string) {
    this.path = path;
    this.#fd = fs.openSync(path, "r");
    this.size = fs.fstatSync(this.#fd).size;
  }

  /** How many bytes were given. */
  get offset(): number {
    return this.#pieceAt + this.#at;
  }

  /** The next line without its line feed, as a copy; undefined at the end. */
  line(): Buffer | undefined {
    for (let from = this.#at; ;) {
      const end = this.#piece.indexOf(LINE_FEED, from);
      if (end >= 0) {
        const line = Buffer.from(this.#piece.subarray(this.#at, end));
        this.#at = end + 1;
        return line;
      }
      const left = this.#piece.length - this.#at;
      if (left > IMPORT_LINE_BYTES_MAX) {
        throw this.error(`a line of over ${IMPORT_LINE_BYTES_MAX} bytes (IMPORT_LINE_BYTES_MAX)`);
      }
      if (!this.#fill()) {
        if (left === 0) return undefined;
        const line = Buffer.from(this.#piece.subarray(this.#at));
        this.#at = this.#piece.length;
        return line;
      }
      from = this.#at + left;
    }
  }

  /** So many bytes and the line feed behind them. Throws BAD_BODY. */
  bytes(count: number): Buffer {
    while (this.#piece.length - this.#at < count + 1) {
      if (!this.#fill()) throw this.error(`${count} bytes and a line feed expected, and the file ends`);
    }
    const end = this.#at + count;
    if (this.#piece[end] !== LINE_FEED) throw this.error(`no line feed after ${count} bytes`);
    const bytes = Buffer.from(this.#piece.subarray(this.#at, end));
    this.#at = end + 1;
    return bytes;
  }

  /** Reads on; false at the end. What was not given stays. */
  #fill(): boolean {
    const rest = this.#piece.subarray(this.#at);
    const read = Buffer.alloc(PIECE_BYTES);
    const count = fs.readSync(this.#fd, read, 0, read.length, this.#pieceAt + this.#piece.length);
    if (count === 0) return false;
    this.#pieceAt += this.#at;
    this.#piece = Buffer.concat([rest, read.subarray(0, count)]);
    this.#at = 0;
    return true;
  }

  error(what: string): BinnacleError {
    return new BinnacleError("BAD_BODY", `${this.path} at byte ${this.offset}: ${what}`);
  }

  [Symbol.dispose](): void {
    fs.closeSync(this.#fd);
  }
}

export interface DumpedLine {
  readonly labels: Labels;
  readonly timeNs: bigint;
  readonly line: Uint8Array;
  readonly metadata: LineMetadata | undefined;
}

const ENTRY = /^(-?\d{1,19}) (\d{1,10})(?: (\[.*\]))?$/s;

/** The lines of an exact dump, whose header was read. Throws BAD_BODY with the place. */
export function* readDump(file: FileLines): Iterable<DumpedLine> {
  let labels: Labels | undefined;
  for (let head = file.line(); head !== undefined; head = file.line()) {
    if (head[0] === 0x7b) {
      labels = readLabels(file, head.toString("utf8"));
      continue;
    }
    const match = ENTRY.exec(head.toString("utf8"));
    if (match === null) throw file.error("expected a stream or the time and length of a line");
    if (labels === undefined) throw file.error("a line before its stream");
    const bytes = Number(match[2]);
    if (bytes > IMPORT_LINE_BYTES_MAX) {
      throw file.error(`a line of ${bytes} bytes, over ${IMPORT_LINE_BYTES_MAX} (IMPORT_LINE_BYTES_MAX)`);
    }
    const metadata = match[3] === undefined ? undefined : readMetadata(file, match[3]);
    yield { labels, timeNs: BigInt(match[1]!), line: file.bytes(bytes), metadata };
  }
}

export function readLabels(file: FileLines, text: string): Labels {
  const value = parseJson(file, text);
  if (
    typeof value !== "object" ||
    value === null ||
    Object.values(value).some((it) => typeof it !== "string")
  )
    throw file.error("labels are no object of texts");
  return Labels.fromObject(value as Record<string, string>);
}

function readMetadata(file: FileLines, text: string): LineMetadata {
  const value = parseJson(file, text);
  const isPairs =
    Array.isArray(value) && value.length % 2 === 0 && value.every((it) => typeof it === "string");
  if (!isPairs) throw file.error("metadata are no names and values");
  return value;
}

function parseJson(file: FileLines, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw file.error(`it is no JSON: ${(cause as Error).message}`);
  }
}
