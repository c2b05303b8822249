/** The worker that seals and merges for both stores, so that no query and no append waits for compression. */
import { parentPort } from "node:worker_threads";
import { runJob as runLogJob } from "@binnacle/logs/jobs";
import { assert, servePort } from "@binnacle/model";
import { runJob as runMetricJob } from "@binnacle/tsdb/jobs";
import { GarbageWatch } from "../self/garbage-watch.ts";

assert(parentPort !== null, "maintenance/worker.ts runs as a worker only");

const methods = { metrics: runMetricJob, logs: runLogJob };
export type MaintenanceMethods = typeof methods;

// In force as long as the thread lives.
void new GarbageWatch();
servePort(parentPort, methods);
