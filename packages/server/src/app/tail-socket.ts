/**
 * The live tail: a websocket that gets lines as they are stored. A client that reads slowly loses the oldest
 * lines that wait for it, and is told how many; it never holds up the store or its neighbours.
 */
import { lokiTail } from "@binnacle/api";
import { BinnacleError, type LogEntries } from "@binnacle/model";
import { compileTail } from "@binnacle/logs/engine";
import type { FastifyInstance } from "fastify";
import type { WebSocket } from "@fastify/websocket";
import { TAIL_BYTES_QUEUED_MAX, TAIL_LINES_QUEUED_MAX, TAILS_MAX } from "../limits.ts";
import { readDurationMs } from "./params.ts";

/** Longest delay a client may ask for, ms. Loki's own. */
const DELAY_MS_MAX = 5000;
/** How often waiting lines are sent, ms: often enough to feel live, seldom enough to batch. */
const FLUSH_MS = 50;
/** Bytes the socket may hold unsent before lines wait in our own bounded queue instead. */
const SOCKET_BYTES_MAX = 1024 * 1024;
/** How often the server pings a client, ms. */
const PING_MS = 10_000;

/** Policy violation: the websocket's close code for a request that is refused. */
const CLOSE_REFUSED = 1008;
const CLOSE_TRY_AGAIN = 1013;

export interface TailOptions {
  readonly subscribe: (listener: (batch: readonly LogEntries[]) => void) => () => void;
}

interface WaitingLine {
  readonly labels: Record<string, string>;
  readonly timeNs: bigint;
  readonly line: string;
}

export function addTailSocket(app: FastifyInstance, { subscribe }: TailOptions): void {
  let openTails = 0;
  app.get(lokiTail.path, { websocket: true }, (socket, request) => {
    if (openTails >= TAILS_MAX) {
      socket.close(CLOSE_TRY_AGAIN, `${TAILS_MAX} tails are open already (TAILS_MAX)`);
      return;
    }
    const params = request.query as { query?: string; delay_for?: string };
    let tail: Tail;
    try {
      const delayMs = params.delay_for === undefined ? 0 : readDurationMs("delay_for", params.delay_for);
      if (delayMs > DELAY_MS_MAX) {
        throw new BinnacleError("BAD_PARAMETER", `delay_for is ${delayMs} ms: at most ${DELAY_MS_MAX} ms`);
      }
      tail = new Tail(socket, params.query ?? "", Math.max(delayMs, FLUSH_MS));
    } catch (error) {
      // A close reason has room for 123 bytes; the message begins with the place, which says most.
      socket.close(
        CLOSE_REFUSED,
        Buffer.from((error as Error).message)
          .subarray(0, 120)
          .toString(),
      );
      return;
    }
    openTails++;
    const unsubscribe = subscribe((batch) => tail.offer(batch));
    socket.on("close", () => {
      openTails--;
      unsubscribe();
      tail[Symbol.dispose]();
    });
    socket.on("error", () => socket.terminate());
  });
}

class Tail implements Disposable {
  readonly #socket: WebSocket;
  readonly #query: ReturnType<typeof compileTail>;
  readonly #flushTimer: NodeJS.Timeout;
  readonly #pingTimer: NodeJS.Timeout;
  readonly #decoder = new TextDecoder();
  #waiting: WaitingLine[] = [];
  #waitingBytes = 0;
  #dropped: { labels: Record<string, string>; timestamp: string }[] = [];

  constructor(socket: WebSocket, query: string, flushMs: number) {
    this.#socket = socket;
    this.#query = compileTail(query);
    this.#flushTimer = setInterval(() => this.#flush(), flushMs);
    this.#pingTimer = setInterval(() => socket.ping(), PING_MS);
  }

  /** Looks through a stored batch for lines that match. */
  offer(batch: readonly LogEntries[]): void {
    for (const { labels, timesNs, lines, metadata } of batch) {
      if (!this.#query.selectorMatches(labels)) continue;
      for (let i = 0; i < lines.length; i++) {
        const timeNs = timesNs[i]!;
        const out = this.#query.process(labels, timeNs, lines[i]!, metadata?.[i]);
        if (out === undefined) continue;
        const line = typeof out.line === "string" ? out.line : this.#decoder.decode(out.line);
        this.#waiting.push({ labels: out.labels.toObject(), timeNs, line });
        this.#waitingBytes += line.length;
      }
    }
    while (this.#waiting.length > TAIL_LINES_QUEUED_MAX || this.#waitingBytes > TAIL_BYTES_QUEUED_MAX) {
      const oldest = this.#waiting.shift();
      if (oldest === undefined) break;
      this.#waitingBytes -= oldest.line.length;
      if (this.#dropped.length < TAIL_LINES_QUEUED_MAX) {
        this.#dropped.push({ labels: oldest.labels, timestamp: String(oldest.timeNs) });
      }
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#flushTimer);
    clearInterval(this.#pingTimer);
  }

  #flush(): void {
    if (this.#waiting.length === 0 && this.#dropped.length === 0) return;
    if (this.#socket.bufferedAmount > SOCKET_BYTES_MAX) return;
    const streams = new Map<string, { stream: Record<string, string>; values: [string, string][] }>();
    for (const { labels, timeNs, line } of this.#waiting) {
      const key = JSON.stringify(labels);
      let stream = streams.get(key);
      if (stream === undefined) streams.set(key, (stream = { stream: labels, values: [] }));
      stream.values.push([String(timeNs), line]);
    }
    const frame = {
      streams: [...streams.values()],
      ...(this.#dropped.length > 0 ? { dropped_entries: this.#dropped } : {}),
    };
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#dropped = [];
    this.#socket.send(JSON.stringify(frame));
  }
}
