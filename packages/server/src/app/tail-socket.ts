/**
 * The live tail: a websocket that gets lines as they are stored. A client that reads slowly loses the oldest
 * lines that wait for it, and is told how many; it never holds up the store or its neighbours.
 */
import { lokiTail } from "@binnacle/api";
import { BinnacleError, compareText, type Counter, type LogEntries } from "@binnacle/model";
import { compileTail } from "@binnacle/logs/engine";
import type { FastifyInstance } from "fastify";
import type { WebSocket } from "@fastify/websocket";
import { TAIL_BYTES_QUEUED_MAX, TAIL_DROPS_TOLD_MAX, TAIL_LINES_QUEUED_MAX, TAILS_MAX } from "../limits.ts";
import type { QueryPool } from "../query/pool.ts";
import { nowNs, readLineLimit } from "./loki-params.ts";
import { readDurationMs, readLokiTimeNs } from "./params.ts";

/** Longest delay a client may ask for, ms. Loki's own. */
const DELAY_MS_MAX = 5000;
/** How often waiting lines are sent, ms: often enough to feel live, seldom enough to batch. */
const FLUSH_MS = 50;
/** Bytes the socket may hold unsent before lines wait in our own bounded queue instead. */
const SOCKET_BYTES_MAX = 1024 * 1024;
/** How often the server pings a client, ms. */
const PING_MS = 10_000;

/** Lines that are a little ahead of the clock belong to a tail's past too. */
const NS_AHEAD = 60_000_000_000n;
/** How long a line that a query has seen may take to come as a new one. */
const PAST_KNOWN_MS = 10_000;
/** How far back a tail begins that names no start, as Loki's does. */
const PAST_NS = 3_600_000_000_000n;

/** Policy violation: the websocket's close code for a request that is refused. */
const CLOSE_REFUSED = 1008;
const CLOSE_TRY_AGAIN = 1013;

export interface TailOptions {
  readonly subscribe: (listener: (batch: readonly LogEntries[]) => void) => () => void;
  /** Whether lines get the level that queries derive for them. */
  readonly detectsLevel: boolean;
  readonly pool: () => QueryPool;
  /** Lines that slow clients lost. */
  readonly dropped: Counter;
}

interface WaitingLine {
  readonly labels: Record<string, string>;
  readonly timeNs: bigint;
  readonly line: string;
}

interface TailParams {
  readonly query?: string;
  readonly delay_for?: string;
  readonly start?: string;
  readonly limit?: string;
}

/** Streams of a range query's answer. */
interface PastLines {
  readonly data: {
    readonly result: readonly {
      readonly stream: Record<string, string>;
      readonly values: readonly (readonly [string, string])[];
    }[];
  };
}

export function addTailSocket(app: FastifyInstance, options: TailOptions): void {
  const { subscribe } = options;
  let openTails = 0;
  const open = (socket: WebSocket, params: TailParams): void => {
    if (openTails >= TAILS_MAX) {
      socket.close(CLOSE_TRY_AGAIN, `${TAILS_MAX} tails are open already (TAILS_MAX)`);
      return;
    }
    let tail: Tail;
    try {
      const delayMs = params.delay_for === undefined ? 0 : readDurationMs("delay_for", params.delay_for);
      if (delayMs > DELAY_MS_MAX) {
        throw new BinnacleError("BAD_PARAMETER", `delay_for is ${delayMs} ms: at most ${DELAY_MS_MAX} ms`);
      }
      tail = new Tail(socket, options, { query: params.query ?? "", flushMs: Math.max(delayMs, FLUSH_MS) });
    } catch (error) {
      refuse(socket, error);
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
    if (params.limit === "0") return;
    // What comes meanwhile is held back, so that no line is missed between the past and now.
    tail.hold();
    pastLines(options.pool(), params)
      .then((lines) => tail.release(lines))
      .catch((error: unknown) => refuse(socket, error));
  };
  for (const path of [lokiTail.path, ...(lokiTail.aliases ?? [])]) {
    app.get(path, { websocket: true }, (socket, request) => open(socket, request.query as TailParams));
  }
}

/** A close reason has room for 123 bytes; the message begins with the place, which says most. */
function refuse(socket: WebSocket, error: unknown): void {
  const reason = Buffer.from(error instanceof Error ? error.message : String(error)).subarray(0, 120);
  socket.close(CLOSE_REFUSED, reason.toString());
}

/** The newest lines from `start` on, by default an hour ago, as many as `limit`, in the order of time. */
async function pastLines(pool: QueryPool, params: TailParams): Promise<WaitingLine[]> {
  const now = nowNs();
  const job = {
    kind: "logql-range" as const,
    query: params.query ?? "",
    startNs: params.start === undefined ? now - PAST_NS : readLokiTimeNs("start", params.start),
    endNs: now + NS_AHEAD,
    stepMs: 1000,
    intervalMs: 0,
    limit: readLineLimit(params.limit),
    direction: "backward" as const,
    categorizesLabels: false,
  };
  const bytes = (await pool.run(job)) as Uint8Array;
  const { data } = JSON.parse(Buffer.from(bytes).toString("utf8")) as PastLines;
  const lines = data.result.flatMap(({ stream, values }) =>
    // The newest line comes first, which is the wrong way round for lines of one time.
    values.map(([time, line]): WaitingLine => ({ labels: stream, timeNs: BigInt(time), line })).reverse(),
  );
  return lines.sort((a, b) => (a.timeNs < b.timeNs ? -1 : Number(a.timeNs > b.timeNs)));
}

function keyOf({ labels, timeNs, line }: WaitingLine): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => compareText(a, b));
  return `${timeNs} ${JSON.stringify(pairs)} ${line}`;
}

class Tail implements Disposable {
  readonly #socket: WebSocket;
  readonly #query: ReturnType<typeof compileTail>;
  readonly #flushTimer: NodeJS.Timeout;
  readonly #pingTimer: NodeJS.Timeout;
  readonly #decoder = new TextDecoder();
  readonly #droppedLines: Counter;
  #waiting: WaitingLine[] = [];
  #waitingBytes = 0;
  #dropped: { labels: Record<string, string>; timestamp: string }[] = [];
  #droppedCount = 0;
  #isHeld = false;
  /** How often each line was sent from before the tail was opened, while it may still come as a new one. */
  readonly #past = new Map<string, number>();
  #pastTimer: NodeJS.Timeout | undefined;

  constructor(
    socket: WebSocket,
    { detectsLevel, dropped }: TailOptions,
    { query, flushMs }: { readonly query: string; readonly flushMs: number },
  ) {
    this.#socket = socket;
    this.#query = compileTail(query, { detectsLevel });
    this.#droppedLines = dropped;
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
        const found = { labels: out.labels.toObject(), timeNs, line };
        if (this.#isPast(found)) continue;
        this.#waiting.push(found);
        this.#waitingBytes += line.length;
      }
    }
    let count = 0;
    let bytes = this.#waitingBytes;
    while (this.#waiting.length - count > TAIL_LINES_QUEUED_MAX || bytes > TAIL_BYTES_QUEUED_MAX) {
      bytes -= this.#waiting[count++]!.line.length;
    }
    if (count > 0) this.#dropOldest(count);
    this.#waitingBytes = bytes;
  }

  #dropOldest(count: number): void {
    for (const { labels, timeNs } of this.#waiting.splice(0, count)) {
      if (this.#dropped.length === TAIL_DROPS_TOLD_MAX) break;
      this.#dropped.push({ labels, timestamp: String(timeNs) });
    }
    this.#droppedCount += count;
    this.#droppedLines.inc(undefined, count);
  }

  /** Sends nothing until release(). */
  hold(): void {
    this.#isHeld = true;
  }

  /** Sends what was before, then what came while it was held, each line once. */
  release(past: readonly WaitingLine[]): void {
    for (const line of past) this.#past.set(keyOf(line), (this.#past.get(keyOf(line)) ?? 0) + 1);
    this.#pastTimer = setTimeout(() => this.#past.clear(), PAST_KNOWN_MS);
    this.#waiting = [...past, ...this.#waiting.filter((line) => !this.#isPast(line))];
    this.#waitingBytes = this.#waiting.reduce((sum, { line }) => sum + line.length, 0);
    this.#isHeld = false;
  }

  /** A query may see a line before the tail is told of it. */
  #isPast(line: WaitingLine): boolean {
    if (this.#past.size === 0) return false;
    const key = keyOf(line);
    const left = this.#past.get(key) ?? 0;
    if (left > 1) this.#past.set(key, left - 1);
    else this.#past.delete(key);
    return left > 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#flushTimer);
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pastTimer);
  }

  #flush(): void {
    if (this.#isHeld || (this.#waiting.length === 0 && this.#droppedCount === 0)) return;
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
      ...(this.#droppedCount > 0
        ? { dropped_entries: this.#dropped, dropped_count: this.#droppedCount }
        : {}),
    };
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#dropped = [];
    this.#droppedCount = 0;
    this.#socket.send(JSON.stringify(frame));
  }
}
