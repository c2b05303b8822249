/**
 * Parts a TCP stream of syslog into messages, RFC 6587: `LENGTH SP message`, or messages that end with a line
 * feed or a NUL. Which of them is seen at each message's first byte: a message begins with `<`, a length with
 * a digit.
 */

export interface SyslogFramerOptions {
  /** Bytes of a message. A longer one is left out. */
  readonly messageBytesMax: number;
  /** Called for each message; its bytes are valid until the next push. */
  readonly onMessage: (message: Uint8Array) => void;
  /** Called once for each message that is too long. */
  readonly onTooLong: () => void;
}

const LINE_FEED = 0x0a;
const NUL = 0x00;
const SPACE = 0x20;
const CARRIAGE_RETURN = 0x0d;
/** Digits of a length. */
const LENGTH_DIGITS_MAX = 10;

export class SyslogFramer {
  readonly #options: SyslogFramerOptions;
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes of a too long message that are still to come; Infinity: up to its end. */
  #skipped = 0;

  constructor(options: SyslogFramerOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): void {
    let data = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      data = this.#skip(data);
      if (data.length === 0) break;
      const taken = isDigit(data[0]!) ? this.#takeCounted(data) : this.#takeLine(data);
      if (taken === undefined) break;
      data = data.subarray(taken);
    }
    this.#pending = Buffer.from(data);
  }

  /** The connection has ended: what is left is a message that nobody ended. */
  end(): void {
    if (this.#pending.length > 0 && this.#skipped === 0) this.#emit(this.#pending);
    this.#pending = Buffer.alloc(0);
  }

  #skip(data: Buffer): Buffer {
    if (this.#skipped === 0) return data;
    if (this.#skipped === Infinity) {
      const end = lineEnd(data);
      if (end < 0) return data.subarray(data.length);
      this.#skipped = 0;
      return data.subarray(end + 1);
    }
    const count = Math.min(this.#skipped, data.length);
    this.#skipped -= count;
    return data.subarray(count);
  }

  /** Bytes that were taken; undefined where the message is not yet whole. */
  #takeCounted(data: Buffer): number | undefined {
    let at = 0;
    while (at < data.length && at <= LENGTH_DIGITS_MAX && isDigit(data[at]!)) at++;
    if (at === data.length && at <= LENGTH_DIGITS_MAX) return undefined;
    // A number that no space follows is the beginning of a message without a priority.
    if (data[at] !== SPACE || at > LENGTH_DIGITS_MAX) return this.#takeLine(data);
    const length = Number(data.toString("latin1", 0, at));
    const start = at + 1;
    if (length > this.#options.messageBytesMax) {
      this.#options.onTooLong();
      this.#skipped = length;
      return start;
    }
    if (data.length < start + length) return undefined;
    this.#emit(data.subarray(start, start + length));
    return start + length;
  }

  #takeLine(data: Buffer): number | undefined {
    const { messageBytesMax, onTooLong } = this.#options;
    const end = lineEnd(data);
    if (end >= 0 && end <= messageBytesMax) {
      this.#emit(data.subarray(0, end));
      return end + 1;
    }
    if (end < 0 && data.length <= messageBytesMax) return undefined;
    onTooLong();
    if (end >= 0) return end + 1;
    this.#skipped = Infinity;
    return data.length;
  }

  #emit(message: Buffer): void {
    let { length } = message;
    while (length > 0 && (message[length - 1] === LINE_FEED || message[length - 1] === CARRIAGE_RETURN))
      length--;
    if (length > 0) this.#options.onMessage(message.subarray(0, length));
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function lineEnd(data: Buffer): number {
  const feed = data.indexOf(LINE_FEED);
  const nul = data.indexOf(NUL);
  return feed < 0 ? nul : nul < 0 ? feed : Math.min(feed, nul);
}
