/**
 * The query workers: as many as cores, at least two, the last of them kept for rules, so that no dashboard
 * can hold up an alert. A worker starts when it is first needed (an isolate costs tens of megabytes) and
 * takes one query at a time. A query that passes its deadline or loses its client is told through its shared
 * flag; a worker that does not heed it is terminated, and only its own query fails.
 */
import { Worker } from "node:worker_threads";
import {
  BinnacleError,
  callPort,
  type Counter,
  type Gauge,
  type Logger,
  type Meter,
  type Observer,
  type PortClient,
  type QueryLimits,
} from "@binnacle/model";
import { HANG_UP_GRACE_MS, QUERIES_QUEUED_MAX, WORKER_GRACE_MS } from "../limits.ts";
import type { QueryJob, QueryRequest, WorkerSetup } from "./protocol.ts";

/** What a worker serves on its parent port. */
export interface QueryMethods {
  run(job: QueryJob): Promise<unknown>;
}

export interface QueryPoolOptions {
  /** Workers in all, the one for rules included; at least 2. */
  readonly size: number;
  readonly limits: QueryLimits;
  /**
   * Connects a new worker to the stores. Disposed when the worker is gone: what its queries held is let go.
   */
  readonly connect: () => WorkerConnection;
  readonly logger: Logger;
  readonly meter: Meter;
  /** The program a worker runs; default worker.ts. Tests give one that behaves badly. */
  readonly workerUrl?: URL;
}

export interface WorkerConnection extends Disposable {
  readonly setup: WorkerSetup;
  /** Called after each answer of the worker. */
  readonly onAnswer?: () => void;
}

export interface RunOptions {
  /** The lane for rules; everybody else shares the other workers. */
  readonly isRule?: boolean;
  /** Shortens the pool's own timeout. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly request: QueryRequest;
  readonly options: RunOptions;
  readonly queuedAtMs: number;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

interface Seat {
  readonly isRule: boolean;
  worker: Worker | undefined;
  client: (PortClient<QueryMethods> & { failAll(error: Error): void }) | undefined;
  isBusy: boolean;
  onAnswer: (() => void) | undefined;
}

export class QueryPool implements AsyncDisposable {
  readonly #options: QueryPoolOptions;
  readonly #seats: Seat[] = [];
  readonly #waiting: { user: Waiting[]; rule: Waiting[] } = { user: [], rule: [] };
  readonly #durations: Observer;
  readonly #queued: Gauge;
  readonly #terminated: Counter;
  #isClosed = false;

  constructor(options: QueryPoolOptions) {
    this.#options = options;
    const size = Math.max(2, options.size);
    for (let i = 0; i < size; i++) {
      const isRule = i === size - 1;
      this.#seats.push({ isRule, worker: undefined, client: undefined, isBusy: false, onAnswer: undefined });
    }
    this.#durations = options.meter.histogram({
      name: "binnacle_query_duration_seconds",
      help: "Time queries took in a worker, by kind.",
      labelNames: ["kind"],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
    });
    this.#queued = options.meter.gauge({
      name: "binnacle_queries_queued",
      help: "Queries that wait for a worker.",
    });
    this.#terminated = options.meter.counter({
      name: "binnacle_query_workers_terminated_total",
      help: "Workers ended because a query did not heed its deadline, or because they failed.",
      labelNames: ["reason"],
    });
  }

  /** Runs a query in a worker. Rejects with what the worker threw, with its code. */
  run(request: QueryRequest, options: RunOptions = {}): Promise<unknown> {
    if (this.#isClosed) throw new BinnacleError("UNAVAILABLE", "the server is stopping");
    const queue = options.isRule === true ? this.#waiting.rule : this.#waiting.user;
    if (queue.length >= QUERIES_QUEUED_MAX) {
      throw new BinnacleError(
        "TOO_MANY_REQUESTS",
        `${queue.length} queries wait for a worker already: the limit is ${QUERIES_QUEUED_MAX} (QUERIES_QUEUED_MAX)`,
      );
    }
    return new Promise((resolve, reject) => {
      queue.push({ request, options, queuedAtMs: performance.now(), resolve, reject });
      this.#dispatch();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const error = new BinnacleError("UNAVAILABLE", "the server is stopping");
    for (const queue of [this.#waiting.user, this.#waiting.rule]) {
      for (const waiting of queue.splice(0)) waiting.reject(error);
    }
    await Promise.all(
      this.#seats.map(async (seat) => {
        seat.client?.failAll(error);
        await seat.worker?.terminate();
      }),
    );
  }

  #dispatch(): void {
    for (const seat of this.#seats) {
      if (seat.isBusy) continue;
      const queue = seat.isRule ? this.#waiting.rule : this.#waiting.user;
      const next = queue.shift();
      if (next === undefined) continue;
      seat.isBusy = true;
      void this.#serve(seat, next).finally(() => {
        seat.isBusy = false;
        if (!this.#isClosed) this.#dispatch();
      });
    }
    this.#queued.set(this.#waiting.user.length + this.#waiting.rule.length);
  }

  async #serve(seat: Seat, waiting: Waiting): Promise<void> {
    const { signal } = waiting.options;
    if (signal?.aborted === true) {
      waiting.reject(new BinnacleError("QUERY_CANCELED", "query was canceled before it began"));
      return;
    }
    const startedAtMs = performance.now();
    const queuedMs = startedAtMs - waiting.queuedAtMs;
    const wholeMs = Math.min(waiting.options.timeoutMs ?? Infinity, this.#options.limits.timeoutMs);
    // A query's time runs from when it was asked: a client does not care where it waits.
    const timeoutMs = wholeMs - queuedMs;
    if (timeoutMs <= 0) {
      waiting.reject(
        new BinnacleError("QUERY_TIMEOUT", `query timed out: it waited its ${wholeMs} ms for a worker`),
      );
      return;
    }
    const cancelFlag = new Int32Array(new SharedArrayBuffer(4));
    const canceled = new BinnacleError("QUERY_CANCELED", "query was canceled");
    const timedOut = new BinnacleError("QUERY_TIMEOUT", `query timed out: it passed its ${wholeMs} ms`);
    let lastResort = setTimeout(() => this.#end(seat, "deadline", timedOut), timeoutMs + WORKER_GRACE_MS);
    const cancel = (): void => {
      Atomics.store(cancelFlag, 0, 1);
      clearTimeout(lastResort);
      lastResort = setTimeout(() => this.#end(seat, "hang-up", canceled), HANG_UP_GRACE_MS);
    };
    try {
      const client = (seat.client ??= this.#start(seat));
      signal?.addEventListener("abort", cancel, { once: true });
      const limits = { ...this.#options.limits, timeoutMs };
      waiting.resolve(await client.run({ ...waiting.request, limits, cancelFlag, queuedMs }));
    } catch (error) {
      waiting.reject(error);
    } finally {
      clearTimeout(lastResort);
      signal?.removeEventListener("abort", cancel);
      seat.onAnswer?.();
      this.#durations.observe((performance.now() - startedAtMs) / 1000, { kind: waiting.request.kind });
    }
  }

  #start(seat: Seat): PortClient<QueryMethods> & { failAll(error: Error): void } {
    const connection = this.#options.connect();
    const { setup } = connection;
    const worker = new Worker(this.#options.workerUrl ?? new URL("./worker.ts", import.meta.url), {
      workerData: setup,
      transferList: [setup.metricsPort, setup.logsPort],
      name: seat.isRule ? "rules" : "query",
    });
    const client = callPort<QueryMethods>(worker);
    worker.on("error", (error) => {
      this.#options.logger.error({ err: String(error) }, "a query worker failed");
      this.#forget(
        seat,
        worker,
        "failure",
        new BinnacleError("INTERNAL", `query worker failed: ${String(error)}`),
      );
    });
    worker.on("exit", () => {
      connection[Symbol.dispose]();
      this.#forget(seat, worker, "exit", new BinnacleError("INTERNAL", "query worker ended"));
    });
    seat.worker = worker;
    seat.onAnswer = connection.onAnswer;
    return client;
  }

  #end(seat: Seat, reason: "deadline" | "hang-up", error: BinnacleError): void {
    const { worker } = seat;
    if (worker === undefined) return;
    this.#options.logger.warn({ reason }, "a query worker does not heed that its query is over: ending it");
    this.#forget(seat, worker, reason, error);
    void worker.terminate();
  }

  #forget(seat: Seat, worker: Worker, reason: string, error: Error): void {
    if (seat.worker !== worker) return;
    if (!this.#isClosed) this.#terminated.inc({ reason });
    const { client } = seat;
    seat.worker = undefined;
    seat.client = undefined;
    seat.onAnswer = undefined;
    client?.failAll(error);
  }
}
