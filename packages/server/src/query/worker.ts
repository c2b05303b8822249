/**
 * A query worker: runs one query at a time against the stores' readers and writes the answer's bytes, which
 * it hands over. It imports little: an isolate is paid for in memory and in time to start.
 */
import { parentPort, workerData } from "node:worker_threads";
import { Buffer } from "node:buffer";
import type { LogEngine } from "@binnacle/logs/engine";
import { openLogReader } from "@binnacle/logs/reader";
import {
  assert,
  QueryContext,
  servePort,
  Transferred,
  type Labels,
  type LogSource,
  type MetricSource,
  unreachable,
} from "@binnacle/model";
import type { Engine } from "@binnacle/promql/engine";
import { openMetricReader } from "@binnacle/tsdb/reader";
import type { QueryMethods } from "./pool.ts";
import type { QueryJob, WorkerSetup } from "./protocol.ts";
import { toResultMessage } from "./result-message.ts";
import { writeLogResult } from "./write-logs.ts";
import { writeLabels, writeQueryResult } from "./write-metrics.ts";

assert(parentPort !== null, "query/worker.ts runs as a worker only");
const setup = workerData as WorkerSetup;
const metrics: MetricSource = openMetricReader(setup.metricsPort);
const logs: LogSource = openLogReader(setup.logsPort);

/**
 * Each engine is loaded with the first query of its kind: a worker that never sees one does not pay for it.
 */
let promqlEngine: Promise<Engine> | undefined;
let logqlEngine: Promise<LogEngine> | undefined;

servePort(parentPort, {
  run: async (job: QueryJob) => {
    const context = new QueryContext({ limits: job.limits, cancelFlag: job.cancelFlag });
    const answer = await run(job, context);
    if (!(answer instanceof Uint8Array)) return answer;
    // Small buffers are cut from a pool that others share: only a buffer of its own can be handed over.
    const isWhole = answer.byteOffset === 0 && answer.byteLength === answer.buffer.byteLength;
    const own = isWhole ? answer : new Uint8Array(answer);
    return new Transferred(own, [own.buffer]);
  },
} satisfies QueryMethods);

async function run(job: QueryJob, context: QueryContext): Promise<unknown> {
  switch (job.kind) {
    case "promql-instant": {
      const promql = await loadPromql();
      const result = await promql.instant(withLookback(job), metrics, context);
      return writeQueryResult(result, {
        limit: job.limit,
        stats: job.wantsStats ? stats(context) : undefined,
      });
    }
    case "promql-range": {
      const promql = await loadPromql();
      const result = await promql.range(withLookback(job), metrics, context);
      return writeQueryResult(result, {
        limit: job.limit,
        stats: job.wantsStats ? stats(context) : undefined,
      });
    }
    case "rule-instant": {
      const { query, timeMs } = job;
      return toResultMessage(await (await loadPromql()).instant({ query, timeMs }, metrics, context));
    }
    case "metric-series":
      return envelope(labelSets(await metrics.listSeries(job, context)));
    case "metric-label-names":
      return envelope(JSON.stringify(await metrics.labelNames(job, context)));
    case "metric-label-values":
      return envelope(JSON.stringify(await metrics.labelValues(job.name, job, context)));
    case "log-streams":
      return envelope(labelSets(await logs.streams(job, context)));
    case "log-label-names":
      return envelope(JSON.stringify(await logs.labelNames(job, context)));
    case "log-label-values":
      return envelope(JSON.stringify(await logs.labelValues(job.name, job, context)));
    case "logql-instant":
      return writeLogResult(await (await loadLogql()).instant(job, logs, context), job);
    case "logql-range":
      return writeLogResult(await (await loadLogql()).range(job, logs, context), job);
    default:
      return unreachable(job);
  }
}

function loadPromql(): Promise<Engine> {
  promqlEngine ??= import("@binnacle/promql/engine").then(
    ({ Engine }) => new Engine({ lookbackDeltaMs: setup.lookbackDeltaMs, features: new Set(setup.features) }),
  );
  return promqlEngine;
}

function loadLogql(): Promise<LogEngine> {
  logqlEngine ??= import("@binnacle/logs/engine").then(({ LogEngine }) => new LogEngine());
  return logqlEngine;
}

function withLookback<T extends { readonly lookbackDeltaMs: number | undefined }>(
  job: T,
): Omit<T, "lookbackDeltaMs"> & { lookbackDeltaMs?: number } {
  const { lookbackDeltaMs, ...rest } = job;
  return lookbackDeltaMs === undefined ? rest : { ...rest, lookbackDeltaMs };
}

function envelope(data: string): Uint8Array {
  return Buffer.from(`{"status":"success","data":${data}}`, "utf8");
}

function labelSets(sets: readonly Labels[]): string {
  return `[${sets.map(writeLabels).join(",")}]`;
}

function stats(context: QueryContext): string {
  return JSON.stringify({
    samples: { totalQueryableSamples: context.samplesPeak, peakSamples: context.samplesPeak },
  });
}
