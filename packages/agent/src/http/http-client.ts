/**
 * Asks over HTTP/1.1, and keeps connections for the next time. It does what scraping needs and nothing more:
 * GET, bodies into the caller's memory, TLS. Why it is not a library:
 * docs/decisions/0009-http-client-of-the-scraper.md
 */
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { SOCKET_READ_BYTES } from "../limits.ts";
import { Connection, type Exchange } from "./connection.ts";
import type { AnswerHead } from "./response-reader.ts";

export interface HttpClientOptions {
  /** Asked for each new connection to an https place. */
  readonly tlsOptions: () => Promise<TlsOptions>;
  /** How long a connection is kept without a request, ms. */
  readonly idleMs: number;
}

export class HttpClient {
  readonly #options: HttpClientOptions;
  /** By origin, `scheme://host:port`: connections without a request. */
  readonly #idle = new Map<string, Connection[]>();
  readonly #open = new Set<Connection>();
  readonly #readBuffer = Buffer.allocUnsafeSlow(SOCKET_READ_BYTES);
  #isClosed = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /**
   * The head of the answer; its body is in `exchange.body`. Rejects with an Error for people, or with the
   * signal's reason. A request that a kept connection did not answer at all is sent once more on a fresh one.
   */
  async exchange(url: URL, exchange: Exchange, signal: AbortSignal): Promise<AnswerHead> {
    for (;;) {
      signal.throwIfAborted();
      const connection = this.#takeIdle(url.origin) ?? (await this.#connect(url));
      const abort = (): void => connection.destroy(signal.reason as Error);
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort, { once: true });
      const { isUsed } = connection;
      try {
        const head = await connection.exchange(exchange);
        this.#keep(url.origin, connection);
        return head;
      } catch (error) {
        this.#open.delete(connection);
        if (!isUsed || connection.hasAnswerBegun || signal.aborted) throw error;
      } finally {
        signal.removeEventListener("abort", abort);
      }
    }
  }

  /** Ends all connections, and what is under way on them. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#open) connection.destroy(new Error("the client is closed"));
    this.#open.clear();
    this.#idle.clear();
  }

  #takeIdle(origin: string): Connection | undefined {
    const idle = this.#idle.get(origin);
    for (let found = idle?.pop(); found !== undefined; found = idle?.pop()) {
      if (found.isOpen) return found;
      this.#open.delete(found);
    }
    return undefined;
  }

  #keep(origin: string, connection: Connection): void {
    if (!connection.isOpen || this.#isClosed) {
      this.#open.delete(connection);
      return;
    }
    const idle = this.#idle.get(origin);
    if (idle === undefined) this.#idle.set(origin, [connection]);
    else idle.push(connection);
  }

  async #connect(url: URL): Promise<Connection> {
    const isSecure = url.protocol === "https:";
    const tls = isSecure ? await this.#options.tlsOptions() : undefined;
    if (this.#isClosed) throw new Error("the client is closed");
    const connection = new Connection({
      // Numbers of version 6 stand in brackets there.
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: Number(url.port) || (isSecure ? 443 : 80),
      tls,
      idleMs: this.#options.idleMs,
      readBuffer: this.#readBuffer,
    });
    this.#open.add(connection);
    return connection;
  }
}
