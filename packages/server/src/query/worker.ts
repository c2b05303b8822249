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
  BinnacleError,
  QueryContext,
  servePort,
  Transferred,
  type Labels,
  type LogSource,
  type MetricSource,
  unreachable,
} from "@binnacle/model";
import type { Engine, QueryTrace, RangeCache } from "@binnacle/promql/engine";
import { openMetricReader } from "@binnacle/tsdb/reader";
import { inPrometheusWords } from "../app/prometheus-words.ts";
import { writeCacheFigures } from "./cache-meter.ts";
import { FiguresWriter } from "./query-figures.ts";
import { federate } from "./federate.ts";
import { GarbageWatch } from "../self/garbage-watch.ts";
import type { QueryMethods } from "./pool.ts";
import type { QueryJob, WorkerSetup } from "./protocol.ts";
import { toResultMessage } from "./result-message.ts";
import { writeLogResult } from "./write-logs.ts";
import { LogqlVectorSource } from "./logql-vector-source.ts";
import { searchNames } from "./search-names.ts";
import { TRUNCATED, writeLabels, writeQueryResult } from "./write-metrics.ts";

assert(parentPort !== null, "query/worker.ts runs as a worker only");
const setup = workerData as WorkerSetup;
const metrics: MetricSource = openMetricReader(setup.metricsPort);
const logs: LogSource = openLogReader(setup.logsPort);

/**
 * Each engine is loaded with the first query of its kind: a worker that never sees one does not pay for it.
 */
let promqlEngine: Promise<Promql> | undefined;
let logqlEngine: Promise<LogEngine> | undefined;

// In force as long as the thread lives.
void new GarbageWatch();
servePort(parentPort, {
  run: async (job: QueryJob) => {
    const context = new QueryContext({ limits: job.limits, cancelFlag: job.cancelFlag });
    if (job.kind === "remote-read") {
      // Loaded when it is first asked for, like the engines.
      const { type, bytes } = await (await import("./remote-read.ts")).remoteRead(job, metrics, context);
      const own = ownBuffer(bytes);
      return new Transferred({ type, bytes: own }, [own.buffer]);
    }
    const answer = await run(job, context);
    if (!(answer instanceof Uint8Array)) return answer;
    const own = ownBuffer(answer);
    return new Transferred(own, [own.buffer]);
  },
} satisfies QueryMethods);

/**
 * Small buffers are cut from a pool that others share: only a buffer of its own can be handed over. One that
 * has room at its end goes as it is.
 */
function ownBuffer(bytes: Uint8Array): Uint8Array {
  const isOwn = bytes.byteOffset === 0 && bytes.byteLength > Buffer.poolSize;
  return isOwn ? bytes : new Uint8Array(bytes);
}

async function run(job: Exclude<QueryJob, { kind: "remote-read" }>, context: QueryContext): Promise<unknown> {
  switch (job.kind) {
    case "promql-instant": {
      const { engine, newTrace } = await loadPromql();
      const figures = new FiguresWriter(job, newTrace);
      const result = await namingQuery(engine.instant(figures.traced(withLookback(job)), metrics, context));
      return writeQueryResult(result, { limit: job.limit, more: figures.write(context) });
    }
    case "promql-range": {
      const { engine, cache, newTrace } = await loadPromql();
      const figures = new FiguresWriter(job, newTrace);
      const ranges = job.usesCache && !figures.areAsked && setup.cacheBytesMax > 0 ? cache : engine;
      const result = await namingQuery(ranges.range(figures.traced(withLookback(job)), metrics, context));
      writeCacheFigures(cache.stats, setup.cacheFigures);
      return writeQueryResult(result, { limit: job.limit, more: figures.write(context) });
    }
    case "rule-instant": {
      const { query, timeMs } = job;
      const { engine } = await loadPromql();
      return toResultMessage(await engine.instant({ query, timeMs }, metrics, context));
    }
    case "metric-series": {
      const { kept, isCut } = cutTo(job, await metrics.listSeries(withOneMore(job), context));
      return envelope(labelSets(kept), isCut);
    }
    case "metric-label-names": {
      const { kept, isCut } = cutTo(job, await metrics.labelNames(withOneMore(job), context));
      return envelope(JSON.stringify(kept), isCut);
    }
    case "metric-label-values": {
      const { kept, isCut } = cutTo(job, await metrics.labelValues(job.name, withOneMore(job), context));
      return envelope(JSON.stringify(kept), isCut);
    }
    case "metric-search": {
      const { label } = job;
      const names =
        label === undefined
          ? await metrics.labelNames(job, context)
          : await metrics.labelValues(label, job, context);
      return searchNames(names, job.search);
    }
    case "federate":
      return Buffer.from(await federate(job, metrics, context), "utf8");
    case "log-streams":
      return envelope(labelSets(await logs.streams(job, context)));
    case "log-label-names":
      return envelope(JSON.stringify(await logs.labelNames(job, context)));
    case "log-label-values":
      return envelope(JSON.stringify(await logs.labelValues(job.name, job, context)));
    case "log-insight": {
      const { answerLogQuestion } = await import("./log-insight.ts");
      return answerLogQuestion(job.question, logs, context);
    }
    case "logql-instant":
      return writeLogResult(await (await loadLogql()).instant(job, logs, context), job);
    case "logql-range":
      return writeLogResult(await (await loadLogql()).range(job, logs, context), job);
    default:
      return unreachable(job);
  }
}

/** A mistake in a query names the parameter it came with, as Prometheus does. */
function namingQuery<T>(running: Promise<T>): Promise<T> {
  return running.catch((error: unknown) => {
    if (!(error instanceof BinnacleError) || error.code !== "PARSE_ERROR") throw error;
    const { message, position } = error;
    throw new BinnacleError("PARSE_ERROR", `invalid parameter "query": ${inPrometheusWords(message)}`, {
      cause: error,
      ...(position === undefined ? {} : { position }),
    });
  });
}

interface Promql {
  readonly engine: Engine;
  readonly cache: RangeCache;
  readonly newTrace: () => QueryTrace;
}

function loadPromql(): Promise<Promql> {
  promqlEngine ??= import("@binnacle/promql/engine").then(({ Engine, QueryTrace, RangeCache }) => {
    const engine = new Engine({
      lookbackDeltaMs: setup.lookbackDeltaMs,
      features: new Set(setup.features),
      foreign: new LogqlVectorSource(loadLogql, logs),
    });
    const cache = new RangeCache(engine, { bytesMax: setup.cacheBytesMax });
    return { engine, cache, newTrace: () => new QueryTrace() };
  });
  return promqlEngine;
}

function loadLogql(): Promise<LogEngine> {
  logqlEngine ??= import("@binnacle/logs/engine").then(
    ({ LogEngine }) => new LogEngine({ detectsLevel: setup.detectsLevel }),
  );
  return logqlEngine;
}

function withLookback<T extends { readonly lookbackDeltaMs: number | undefined }>(
  job: T,
): Omit<T, "lookbackDeltaMs"> & { lookbackDeltaMs?: number } {
  const { lookbackDeltaMs, ...rest } = job;
  return lookbackDeltaMs === undefined ? rest : { ...rest, lookbackDeltaMs };
}

function envelope(data: string, isCut = false): Uint8Array {
  const warnings = isCut ? `,"warnings":${JSON.stringify([TRUNCATED])}` : "";
  return Buffer.from(`{"status":"success","data":${data}${warnings}}`, "utf8");
}

function labelSets(sets: readonly Labels[]): string {
  return `[${sets.map(writeLabels).join(",")}]`;
}

/** One entry more than is answered with says whether there were more. */
function withOneMore<T extends { readonly limit: number | undefined }>(listing: T): T {
  return listing.limit === undefined ? listing : { ...listing, limit: listing.limit + 1 };
}

function cutTo<T>(
  { limit }: { readonly limit: number | undefined },
  entries: readonly T[],
): { kept: readonly T[]; isCut: boolean } {
  const isCut = limit !== undefined && entries.length > limit;
  return { kept: isCut ? entries.slice(0, limit) : entries, isCut };
}
