/**
 * One open log file, read from an offset on.
 *
 *      0 ───────────── resumeOffset ──────── offset ──────── size
 *        given out      of an unfinished line   not yet read
 *                                    └ tail ┘
 *
 * With every read the bytes before `offset` are read again: if they are not what they were, the file was
 * truncated and written anew, even where it has become longer than it was.
 */
import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { unreachable } from "@binnacle/model";
import { LOG_LINE_BYTES_MAX, TAIL_READ_BYTES, WRAPPED_LINE_BYTES_MAX } from "../limits.ts";
import type { FileId } from "./checkpoint-store.ts";
import { MARKER_BYTES, PREFIX_BYTES, type Checkpoint } from "./checkpoint.ts";
import { CriDecoder } from "./format-cri.ts";
import { DockerDecoder } from "./format-docker.ts";
import { PlainDecoder } from "./format-plain.ts";
import type { LineDecoder, OnDecoded } from "./line-decoder.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { LogFormat, SyslogDates } from "./tail-source.ts";

export type ReadOutcome = "read" | "at_end" | "rewritten";

/** An open file, and how its lines are read. */
interface OpenedAs {
  readonly handle: FileHandle;
  readonly id: FileId;
  readonly format: LogFormat;
  readonly syslogDates: SyslogDates | undefined;
}

const LINE_FEED = 0x0a;

export class TailedFile {
  readonly #format: LogFormat;
  #handle: FileHandle;
  #id: FileId;
  #splitter: LineSplitter;
  #decoder: LineDecoder;
  #offset: number;
  #size = 0;
  #mtimeMs = 0;
  /** The last bytes before the offset, at most MARKER_BYTES. */
  #tail: Buffer;
  /** The first bytes up to the offset, at most PREFIX_BYTES. */
  #prefix: Buffer;

  private constructor(opened: OpenedAs, at: { offset: number; prefix: Buffer; tail: Buffer }) {
    this.#handle = opened.handle;
    this.#id = opened.id;
    this.#format = opened.format;
    this.#offset = at.offset;
    this.#prefix = at.prefix;
    this.#tail = at.tail;
    const isMidLine = at.tail.length > 0 && at.tail.at(-1) !== LINE_FEED;
    this.#splitter = new LineSplitter(lineBytesMax(opened.format), at.offset, isMidLine);
    this.#decoder = decoderOf(opened);
  }

  /** Takes the handle over. */
  static async at(offset: number, opened: OpenedAs): Promise<TailedFile> {
    const prefix = await readExactly(opened.handle, 0, Math.min(PREFIX_BYTES, offset));
    const tailBytes = Math.min(MARKER_BYTES, offset);
    const tail = await readExactly(opened.handle, offset - tailBytes, tailBytes);
    return new TailedFile(opened, { offset, prefix, tail });
  }

  get id(): FileId {
    return this.#id;
  }

  /** How far it was read. */
  get offset(): number {
    return this.#offset;
  }

  /** As of the last read. */
  get size(): number {
    return this.#size;
  }

  /** From where a restart must read: all before it was given out. */
  get resumeOffset(): number {
    return Math.min(this.#decoder.openOffset ?? Infinity, this.#splitter.openOffset);
  }

  /** Whether `flush` would give out anything. */
  hasFlushable(isEnd: boolean): boolean {
    const splitterCounts = isEnd || this.#format === "plain";
    return (splitterCounts && this.#splitter.hasOpenLine) || this.#decoder.openOffset !== undefined;
  }

  /** The file's size as somebody else saw it, for `size` to be true while nothing is read. */
  noteSize(size: number): void {
    this.#size = size;
  }

  /** Reads on, at most TAIL_READ_BYTES. "rewritten" has read nothing and changed nothing. */
  async read(nowNs: bigint, onLine: OnDecoded): Promise<ReadOutcome> {
    const { size, mtimeMs } = await this.#handle.stat();
    if (size === this.#offset && mtimeMs === this.#mtimeMs) return "at_end";
    if (size < this.#offset) return "rewritten";
    const tailBytes = this.#tail.length;
    const wanted = Math.min(TAIL_READ_BYTES, size - this.#offset);
    const buffer = Buffer.allocUnsafeSlow(tailBytes + wanted);
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#offset - tailBytes);
    if (bytesRead < tailBytes || !buffer.subarray(0, tailBytes).equals(this.#tail)) return "rewritten";
    this.#size = size;
    this.#mtimeMs = mtimeMs;
    const fresh = buffer.subarray(tailBytes, bytesRead);
    if (fresh.length === 0) return "at_end";
    this.#splitter.push(fresh, (line, startOffset, isCut) => {
      this.#decoder.decode(line, startOffset, isCut, nowNs, onLine);
    });
    if (this.#prefix.length < PREFIX_BYTES) {
      this.#prefix = Buffer.concat([this.#prefix, fresh.subarray(0, PREFIX_BYTES - this.#prefix.length)]);
    }
    this.#offset += fresh.length;
    this.#tail = Buffer.from(buffer.subarray(Math.max(0, bytesRead - MARKER_BYTES), bytesRead));
    return this.#offset < size ? "read" : "at_end";
  }

  /** Whether what was read of it is no longer in it. */
  async isRewritten(): Promise<boolean> {
    const { size } = await this.#handle.stat();
    if (size < this.#offset) return true;
    const before = await readExactly(this.#handle, this.#offset - this.#tail.length, this.#tail.length);
    return !before.equals(this.#tail);
  }

  /**
   * Gives out lines that are not whole, as they stand. A wrapped format's physical line is only given out at
   * the end of its file: runtimes write whole ones.
   */
  flush(nowNs: bigint, onLine: OnDecoded, isEnd: boolean): void {
    if (isEnd || this.#format === "plain") {
      this.#splitter.flush((line, startOffset, isCut) => {
        this.#decoder.decode(line, startOffset, isCut, nowNs, onLine);
      });
    }
    this.#decoder.flush(onLine);
  }

  /**
   * The checkpoint of what was given out so far. undefined when the file changed under us: the next read will
   * say so.
   */
  async checkpoint(path: string, updatedMs: number): Promise<Checkpoint | undefined> {
    const offset = this.resumeOffset;
    let marker = this.#tail;
    if (offset !== this.#offset) {
      const length = Math.min(MARKER_BYTES, offset);
      marker = await readExactly(this.#handle, offset - length, length);
      if (marker.length < length) return undefined;
    }
    const prefixCrc = crc32(this.#prefix.subarray(0, Math.min(PREFIX_BYTES, offset)));
    return { path, offset, prefixCrc, markerCrc: crc32(marker), updatedMs };
  }

  /** A checkpoint of how far it was read, to know a copy of the file by. */
  readPosition(): { offset: number; prefixCrc: number; markerCrc: number } {
    return { offset: this.#offset, prefixCrc: crc32(this.#prefix), markerCrc: crc32(this.#tail) };
  }

  /**
   * Goes on in a copy of the file, at the same offset and in the middle of the same line. Takes the handle
   * over.
   */
  async moveTo(opened: { handle: FileHandle; id: FileId }): Promise<void> {
    const before = this.#handle;
    this.#handle = opened.handle;
    this.#id = opened.id;
    this.#mtimeMs = 0;
    await before.close();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function lineBytesMax(format: LogFormat): number {
  return format === "plain" ? LOG_LINE_BYTES_MAX : WRAPPED_LINE_BYTES_MAX;
}

function decoderOf({ format, syslogDates }: OpenedAs): LineDecoder {
  switch (format) {
    case "cri":
      return new CriDecoder();
    case "docker":
      return new DockerDecoder();
    case "plain":
      return new PlainDecoder(syslogDates);
    default:
      return unreachable(format);
  }
}

/** The bytes at a place, fewer where the file ends. */
export async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
