/** A query worker for tests of the pool: what it does with a query is the query's text. */
import { parentPort } from "node:worker_threads";
import { BinnacleError, servePort } from "@binnacle/model";
import type { QueryJob } from "./protocol.ts";

const methods = {
  run: async (job: QueryJob): Promise<unknown> => {
    const { query } = job as { readonly query: string };
    switch (query) {
      case "answer":
        return "answered";
      case "refuse":
        throw new BinnacleError("PARSE_ERROR", "1:1: parse error: no");
      case "heed":
        while (Atomics.load(job.cancelFlag, 0) === 0);
        throw new BinnacleError("QUERY_CANCELED", "the worker saw its flag");
      case "spin":
        for (;;);
      case "crash":
        process.exit(1);
      // falls through is impossible: the process is gone
      default:
        return { query, timeoutMs: job.limits.timeoutMs, queuedMs: job.queuedMs };
    }
  },
};

servePort(parentPort!, methods);
