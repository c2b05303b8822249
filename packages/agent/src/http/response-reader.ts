/**
 * Reads one HTTP/1.1 answer (RFC 9112) piece by piece: its head, then its body into a buffer, whether the
 * body's length is announced, comes in chunks, or is ended by the connection's end.
 */
import { ANSWER_HEAD_BYTES_MAX, UNWANTED_BODY_BYTES_MAX } from "../limits.ts";
import type { BodyBuffer } from "./body-buffer.ts";

export interface AnswerHead {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; where one comes again, the first. */
  readonly headers: ReadonlyMap<string, string>;
}

const HEAD = 0;
const FIXED = 1;
const CHUNK_SIZE = 2;
const CHUNK_DATA = 3;
const CHUNK_END = 4;
const TRAILERS = 5;
const UNTIL_CLOSE = 6;
const DONE = 7;
type State =
  | typeof HEAD
  | typeof FIXED
  | typeof CHUNK_SIZE
  | typeof CHUNK_DATA
  | typeof CHUNK_END
  | typeof TRAILERS
  | typeof UNTIL_CLOSE
  | typeof DONE;

const LINE_FEED = 0x0a;
const HEAD_END = Buffer.from("\r\n\r\n");
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const CHUNK_LINE = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/;

export class BodyTooLargeError extends Error {
  constructor(bytesMax: number) {
    super(`body size limit exceeded: over ${bytesMax} bytes (body_size_limit)`);
  }
}

export class ResponseReader {
  readonly #body: BodyBuffer;
  readonly #bodyBytesMax: number;
  #state: State = HEAD;
  #head: AnswerHead | undefined;
  /** What came of a line or of the head that is not whole yet. */
  #text = "";
  /** Bytes that the body, or its chunk, still wants. */
  #wanted = 0;
  #keepsOpen = false;

  /** `bodyBytesMax` is asked of the body as it comes; past it `take` throws. */
  constructor(body: BodyBuffer, bodyBytesMax: number) {
    this.#body = body;
    this.#bodyBytesMax = bodyBytesMax;
    body.clear();
  }

  get isDone(): boolean {
    return this.#state === DONE;
  }

  /** Whether anything of the answer has come. */
  get hasBegun(): boolean {
    return this.#state !== HEAD || this.#text !== "";
  }

  /** Whether the connection can take another request once this answer is done. */
  get keepsOpen(): boolean {
    return this.#keepsOpen;
  }

  /** Of a whole answer. */
  get head(): AnswerHead {
    if (this.#head === undefined) throw new Error("BUG: the head of an answer that has none yet");
    return this.#head;
  }

  /** Takes the next piece. Throws an Error for people where it is no HTTP, or too long. */
  take(piece: Buffer, length: number): void {
    let at = 0;
    while (at < length && this.#state !== DONE) at = this.#step(piece, at, length);
    // Nobody asked for what comes behind an answer.
    if (at < length) this.#keepsOpen = false;
  }

  /** The connection has ended. Throws where that was too early. */
  end(): void {
    if (this.#state === UNTIL_CLOSE) this.#state = DONE;
    if (this.#state === DONE) return;
    throw new Error(
      this.hasBegun ? "the connection was closed in the middle of the answer" : "the connection was closed",
    );
  }

  #step(piece: Buffer, at: number, length: number): number {
    switch (this.#state) {
      case HEAD:
        return this.#takeHead(piece, at, length);
      case CHUNK_SIZE:
      case CHUNK_END:
      case TRAILERS:
        return this.#takeLine(piece, at, length);
      case FIXED:
      case CHUNK_DATA:
      case UNTIL_CLOSE:
        return this.#takeBody(piece, at, length);
      default:
        return length;
    }
  }

  #takeHead(piece: Buffer, at: number, length: number): number {
    const whole = this.#text === "" ? piece.indexOf(HEAD_END, at) : -1;
    if (whole >= 0 && whole + HEAD_END.length <= length) {
      this.#beginAnswer(piece.toString("latin1", at, whole));
      return whole + HEAD_END.length;
    }
    const before = this.#text.length;
    this.#text += piece.toString("latin1", at, Math.min(length, at + ANSWER_HEAD_BYTES_MAX));
    const end = this.#text.indexOf("\r\n\r\n", Math.max(0, before - 3));
    if (end < 0) {
      const isLong = this.#text.length >= ANSWER_HEAD_BYTES_MAX;
      if (isLong || !"HTTP/1.".startsWith(this.#text.slice(0, 7))) throw notHttp(this.#text);
      return length;
    }
    const text = this.#text.slice(0, end);
    this.#text = "";
    this.#beginAnswer(text);
    return at + end + HEAD_END.length - before;
  }

  #beginAnswer(text: string): void {
    const [statusLine = "", ...lines] = text.split("\r\n");
    const match = STATUS_LINE.exec(statusLine);
    if (match === null) throw notHttp(statusLine);
    const status = Number(match[2]);
    // 100 Continue and its like: the answer itself comes behind them.
    if (status < 200) return;
    const headers = readHeaders(lines);
    this.#head = { status, statusText: match[3] ?? "", headers };
    const connection = headers.get("connection")?.toLowerCase() ?? "";
    this.#keepsOpen = match[1] === "1" ? !connection.includes("close") : connection.includes("keep-alive");
    this.#beginBody(status, headers);
  }

  #beginBody(status: number, headers: ReadonlyMap<string, string>): void {
    const coding = headers.get("transfer-encoding");
    const given = headers.get("content-length");
    if (status === 204 || status === 304) {
      this.#state = DONE;
    } else if (coding !== undefined) {
      if (coding.toLowerCase() !== "chunked")
        throw new Error(`transfer encoding ${quote(coding)} is not supported`);
      this.#state = CHUNK_SIZE;
    } else if (given !== undefined) {
      if (!/^(?:0|[1-9]\d{0,14})$/.test(given))
        throw new Error(`content length ${quote(given)} is not a number`);
      this.#state = given === "0" ? DONE : FIXED;
      this.#want(Number(given));
    } else {
      this.#keepsOpen = false;
      this.#state = UNTIL_CLOSE;
    }
  }

  #takeLine(piece: Buffer, at: number, length: number): number {
    const feed = piece.indexOf(LINE_FEED, at);
    const end = feed < 0 || feed >= length ? length : feed;
    this.#text += piece.toString("latin1", at, end);
    if (this.#text.length > ANSWER_HEAD_BYTES_MAX) throw new Error("a line between chunks is too long");
    if (end === length) return length;
    const line = this.#text.endsWith("\r") ? this.#text.slice(0, -1) : this.#text;
    this.#text = "";
    if (this.#state === CHUNK_SIZE) this.#beginChunk(line);
    else if (this.#state === TRAILERS) this.#state = line === "" ? DONE : TRAILERS;
    else if (line === "") this.#state = CHUNK_SIZE;
    else throw new Error(`a chunk is longer than it says: ${quote(line)} stands behind it`);
    return end + 1;
  }

  #beginChunk(line: string): void {
    const match = CHUNK_LINE.exec(line);
    if (match === null) throw new Error(`${quote(line)} is not the length of a chunk`);
    const bytes = Number.parseInt(match[1]!, 16);
    this.#state = bytes === 0 ? TRAILERS : CHUNK_DATA;
    this.#want(bytes);
  }

  #want(bytes: number): void {
    this.#wanted = bytes;
    this.#limit(bytes);
  }

  #takeBody(piece: Buffer, at: number, length: number): number {
    const isOpen = this.#state === UNTIL_CLOSE;
    const end = isOpen ? length : Math.min(length, at + this.#wanted);
    if (isOpen) this.#limit(end - at);
    if (this.#state === DONE) return end;
    this.#body.append(piece, at, end);
    if (isOpen) return end;
    this.#wanted -= end - at;
    if (this.#wanted === 0) this.#state = this.#state === FIXED ? DONE : CHUNK_END;
    return end;
  }

  #limit(more: number): void {
    const isWanted = this.#head?.status === 200;
    const bytesMax = isWanted ? this.#bodyBytesMax : UNWANTED_BODY_BYTES_MAX;
    if (this.#body.length + more <= bytesMax) return;
    if (isWanted) throw new BodyTooLargeError(bytesMax);
    // What a redirect or a failure says more than that is left unread, and the connection with it.
    this.#keepsOpen = false;
    this.#state = DONE;
  }
}

function readHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    if (!HEADER_NAME.test(name)) throw notHttp(line);
    const lower = name.toLowerCase();
    if (!headers.has(lower)) headers.set(lower, line.slice(colon + 1).trim());
  }
  return headers;
}

function notHttp(text: string): Error {
  return new Error(`the answer is not HTTP: it begins with ${quote(text)}`);
}

const QUOTED_LENGTH_MAX = 40;

function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_LENGTH_MAX ? `${text.slice(0, QUOTED_LENGTH_MAX)}…` : text);
}
