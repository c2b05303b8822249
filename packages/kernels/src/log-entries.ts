/**
 * Reading of pushed log lines. The body lies in the kernel's memory; what a stream's entries say is copied
 * out, so that no line is an object of its own.
 */
import { LOG_BODY_BYTES_MAX, LOG_STREAM_LINES_MAX } from "./limits.ts";
import { kernelModule } from "./module.ts";

/** Lines end to end: line i is bytes[offsets[i], offsets[i + 1]). */
export interface PackedLines {
  /** Unix ns. */
  readonly timesNs: BigInt64Array<ArrayBuffer>;
  readonly offsets: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface ReadEntries extends PackedLines {
  /** Where in the body they end. */
  readonly end: number;
}

// The state block's words, as assembly/log-entries.ts has them.
const AT = 0;
const END = 1;
const LINES_MAX = 2;
const TIMES = 3;
const OFFSETS = 4;
const TEXT = 5;

/** What a kernel may touch behind the end of its input and of its output, rounded up. */
const SLACK_BYTES = 128;
const BODY_AT = 128;

/** One body in the kernel's memory: gone with the next use of any other kernel. */
export class LogBody {
  /** The body, a view of the kernel's memory. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #timesAt: number;
  readonly #offsetsAt: number;
  readonly #textAt: number;

  private constructor(length: number) {
    const module = kernelModule();
    const room = (length + SLACK_BYTES + 15) & ~15;
    const start = module.start + BODY_AT;
    this.#timesAt = start + room;
    this.#offsetsAt = this.#timesAt + 8 * LOG_STREAM_LINES_MAX;
    this.#textAt = this.#offsetsAt + 4 * LOG_STREAM_LINES_MAX + 16;
    const memory = module.reserve(this.#textAt + room - module.start);
    module.holder = this;
    this.bytes = memory.subarray(start, start + length);
  }

  /** Copies a body in; undefined where it is too large for that. */
  static load(body: Uint8Array): LogBody | undefined {
    if (body.length > LOG_BODY_BYTES_MAX) return undefined;
    const loaded = new LogBody(body.length);
    loaded.bytes.set(body);
    return loaded;
  }

  /**
   * Takes protobuf entries (field 2, with time and line) from `from` on, until `to` or another field, and
   * answers where they end; undefined where an entry has anything else or does not fit.
   */
  readLokiEntries(from: number, to: number): ReadEntries | undefined {
    const state = this.#prepare(from, to);
    return this.#take(kernelModule().kernels.readLokiEntries(state.byteOffset), state);
  }

  /**
   * Takes a JSON list of entries (a time in a text and a line) that begins at `from`, and answers where it
   * ends; undefined where anything else stands there. The body must be UTF-8.
   */
  readJsonEntries(from: number): ReadEntries | undefined {
    const state = this.#prepare(from, this.bytes.length);
    return this.#take(kernelModule().kernels.readJsonEntries(state.byteOffset), state);
  }

  #prepare(from: number, to: number): Uint32Array {
    const { holder, start } = kernelModule();
    if (holder !== this) throw new Error("BUG: another kernel has taken the memory of this body");
    const state = new Uint32Array(this.bytes.buffer, start, BODY_AT / 4);
    state[AT] = this.bytes.byteOffset + from;
    state[END] = this.bytes.byteOffset + to;
    state[LINES_MAX] = LOG_STREAM_LINES_MAX;
    state[TIMES] = this.#timesAt;
    state[OFFSETS] = this.#offsetsAt;
    state[TEXT] = this.#textAt;
    return state;
  }

  #take(lines: number, state: Uint32Array): ReadEntries | undefined {
    if (lines < 0) return undefined;
    const { buffer, byteOffset } = this.bytes;
    const offsets = new Uint32Array(buffer, this.#offsetsAt, lines + 1).slice();
    return {
      timesNs: new BigInt64Array(buffer, this.#timesAt, lines).slice(),
      offsets,
      bytes: new Uint8Array(buffer, this.#textAt, offsets[lines]).slice(),
      end: state[AT]! - byteOffset,
    };
  }
}
