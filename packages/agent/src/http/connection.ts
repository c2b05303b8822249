/**
 * One connection to one place, for one request at a time; kept open between them. Those of a client read into
 * the same memory, whose bytes are taken before the next read: where a stream would have made garbage of 64
 * KiB a read.
 */
import net from "node:net";
import tls from "node:tls";
import type { BodyBuffer } from "./body-buffer.ts";
import { ResponseReader, type AnswerHead } from "./response-reader.ts";

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** Undefined: plain. */
  readonly tls: tls.ConnectionOptions | undefined;
  /** How long it is kept open without a request, ms. */
  readonly idleMs: number;
  /** What plain connections read into. */
  readonly readBuffer: Buffer<ArrayBuffer>;
}

export interface Exchange {
  /** The request's bytes. */
  readonly request: string;
  /** Takes the answer's body. */
  readonly body: BodyBuffer;
  readonly bodyBytesMax: number;
}

interface Pending {
  readonly reader: ResponseReader;
  readonly resolve: (head: AnswerHead) => void;
  readonly reject: (error: Error) => void;
}

export class Connection {
  readonly #socket: net.Socket;
  #pending: Pending | undefined;
  #reader: ResponseReader | undefined;
  #isOpen = true;
  /** Requests that were answered whole. */
  #answered = 0;

  constructor(options: ConnectionOptions) {
    const { host, port, idleMs } = options;
    if (options.tls === undefined) {
      const { readBuffer: buffer } = options;
      const callback = (length: number): boolean => this.#take(buffer, length);
      this.#socket = net.connect({ host, port, noDelay: true, onread: { buffer, callback } });
    } else {
      // Its bytes are decrypted into memory of OpenSSL's choosing.
      const servername = net.isIP(host) === 0 ? host : "";
      this.#socket = tls.connect({ servername, ...options.tls, host, port, ALPNProtocols: ["http/1.1"] });
      this.#socket.on("data", (piece: Buffer) => void this.#take(piece, piece.length));
    }
    this.#socket.setTimeout(idleMs, () => {
      if (this.#pending === undefined) this.#socket.destroy();
    });
    this.#socket.on("end", () => this.#end());
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => {
      this.#isOpen = false;
      this.#end();
    });
  }

  /** Whether it can take a request. */
  get isOpen(): boolean {
    return this.#isOpen && !this.#socket.destroyed;
  }

  /** Whether a request on it may fail only since the other side closed it as idle. */
  get isUsed(): boolean {
    return this.#answered > 0;
  }

  /** Whether anything came of the answer to the last request. */
  get hasAnswerBegun(): boolean {
    return this.#reader?.hasBegun ?? false;
  }

  /** Rejects with an Error for people. */
  exchange({ request, body, bodyBytesMax }: Exchange): Promise<AnswerHead> {
    const reader = (this.#reader = new ResponseReader(body, bodyBytesMax));
    return new Promise((resolve, reject) => {
      this.#pending = { reader, resolve, reject };
      this.#socket.write(request, "latin1");
    });
  }

  /** Ends the connection, and the exchange under way with this reason. */
  destroy(reason: Error): void {
    this.#fail(reason);
  }

  #take(piece: Buffer, length: number): boolean {
    const pending = this.#pending;
    if (pending === undefined) {
      // Unasked.
      this.#socket.destroy();
      return false;
    }
    try {
      pending.reader.take(piece, length);
    } catch (error) {
      this.#fail(error as Error);
      return false;
    }
    if (pending.reader.isDone) this.#finish(pending);
    return true;
  }

  #finish({ reader, resolve }: Pending): void {
    this.#pending = undefined;
    this.#answered++;
    if (!reader.keepsOpen) this.#socket.destroy();
    resolve(reader.head);
  }

  #end(): void {
    this.#isOpen = false;
    const pending = this.#pending;
    if (pending === undefined) return;
    try {
      pending.reader.end();
      this.#finish(pending);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#isOpen = false;
    this.#socket.destroy();
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(error);
  }
}
