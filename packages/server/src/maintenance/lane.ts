/** Starts the maintenance worker when a store first has a job, and again should it ever end. */
import { Worker } from "node:worker_threads";
import type { LogJob, LogJobResult } from "@binnacle/logs/jobs";
import { BinnacleError, callPort, type Logger, type PortClient } from "@binnacle/model";
import type { Job as MetricJob, JobResult as MetricJobResult } from "@binnacle/tsdb/jobs";
import type { MaintenanceMethods } from "./worker.ts";

type Client = PortClient<MaintenanceMethods> & { failAll(error: Error): void };

/**
 * Idle time after which the worker is ended, ms: an isolate costs tens of megabytes, a start a tenth of a
 * second.
 */
const IDLE_MS = 3_000;

export class MaintenanceLane implements AsyncDisposable {
  readonly #logger: Logger;
  #worker: Worker | undefined;
  #client: Client | undefined;
  #openJobs = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  readonly metrics = (job: MetricJob): Promise<MetricJobResult> => this.#run((client) => client.metrics(job));
  readonly logs = (job: LogJob): Promise<LogJobResult> => this.#run((client) => client.logs(job));

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#forget(worker, new BinnacleError("UNAVAILABLE", "the server is stopping"));
    await worker?.terminate();
  }

  async #run<T>(call: (client: Client) => Promise<T>): Promise<T> {
    clearTimeout(this.#idle);
    this.#openJobs++;
    try {
      return await call((this.#client ??= this.#start()));
    } finally {
      this.#openJobs--;
      if (this.#openJobs === 0) {
        this.#idle = setTimeout(() => void this[Symbol.asyncDispose](), IDLE_MS).unref();
      }
    }
  }

  #start(): Client {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { name: "maintenance" });
    const client = callPort<MaintenanceMethods>(worker);
    worker.on("error", (error) => {
      this.#logger.error({ err: String(error) }, "the maintenance worker failed");
      this.#forget(worker, new BinnacleError("INTERNAL", `maintenance worker failed: ${String(error)}`));
    });
    worker.on("exit", () => this.#forget(worker, new BinnacleError("INTERNAL", "maintenance worker ended")));
    this.#worker = worker;
    return client;
  }

  #forget(worker: Worker | undefined, error: Error): void {
    if (worker === undefined || this.#worker !== worker) return;
    const client = this.#client;
    this.#worker = undefined;
    this.#client = undefined;
    client?.failAll(error);
  }
}
