/**
 * Gets lines into the sink, however long it takes: a sink that is busy, away or broken is asked again. Only
 * what it calls bad is given up, and only that: a refused batch is halved until the bad part is alone.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BinnacleError, type Logger, type LogEntries, type LogSink } from "@binnacle/model";
import { RETRY_WAIT_MS_MAX, RETRY_WAIT_MS_MIN } from "../limits.ts";
import type { TailMetrics } from "./tail-metrics.ts";

export interface DeliveryOptions {
  readonly sink: LogSink;
  readonly metrics: Pick<TailMetrics, "linesDropped" | "sendRetries">;
  readonly logger: Logger;
  /** Ends the tries: the batch then is not acknowledged. */
  readonly signal: AbortSignal;
  /** First wait, doubling. Default RETRY_WAIT_MS_MIN. */
  readonly retryWaitMs?: number;
}

/** Resolves true once every line is stored, or dropped and counted; false when the signal came first. */
export async function deliver(entries: readonly LogEntries[], options: DeliveryOptions): Promise<boolean> {
  const { sink, metrics, logger, signal } = options;
  let waitMs = options.retryWaitMs ?? RETRY_WAIT_MS_MIN;
  for (let tries = 1; ; tries++) {
    if (signal.aborted) return false;
    try {
      const result = await sink.append(entries);
      for (const { reason } of result.rejections) metrics.linesDropped.inc({ reason });
      const unexplained = result.rejected - result.rejections.length;
      if (unexplained > 0) metrics.linesDropped.inc({ reason: "rejected" }, unexplained);
      return true;
    } catch (error) {
      if (isRefusal(error)) return await deliverHalves(entries, error, options);
      const reason = error instanceof BinnacleError ? error.code.toLowerCase() : "error";
      metrics.sendRetries.inc({ reason });
      // Once, and then at each doubling of the tries: an hour of waiting is a dozen lines.
      if ((tries & (tries - 1)) === 0) {
        logger.warn({ tries, waitMs, error: String(error) }, "log lines wait for their store");
      }
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, RETRY_WAIT_MS_MAX);
    }
  }
}

/** Bad input, as opposed to a sink that cannot now. */
function isRefusal(error: unknown): error is BinnacleError {
  return (
    error instanceof BinnacleError &&
    error.status < 500 &&
    error.code !== "TOO_MANY_REQUESTS" &&
    error.code !== "NOT_FOUND"
  );
}

async function deliverHalves(
  entries: readonly LogEntries[],
  error: BinnacleError,
  options: DeliveryOptions,
): Promise<boolean> {
  const halves = splitEntries(entries);
  if (halves === undefined) {
    const line = entries[0];
    options.metrics.linesDropped.inc({ reason: error.code.toLowerCase() });
    const fields = { stream: line?.labels.toString(), bytes: line?.lines[0]?.length, error: error.message };
    options.logger.warn(fields, "a log line was refused and is dropped");
    return true;
  }
  for (const half of halves) if (!(await deliver(half, options))) return false;
  return true;
}

/** Two halves, by streams or within one; undefined when there is but one line. */
export function splitEntries(entries: readonly LogEntries[]): [LogEntries[], LogEntries[]] | undefined {
  const filled = entries.filter(({ lines }) => lines.length > 0);
  if (filled.length > 1) {
    const middle = filled.length >> 1;
    return [filled.slice(0, middle), filled.slice(middle)];
  }
  const only = filled[0];
  if (only === undefined || only.lines.length === 1) return undefined;
  const middle = only.lines.length >> 1;
  return [[sliceEntries(only, 0, middle)], [sliceEntries(only, middle, only.lines.length)]];
}

function sliceEntries(
  { labels, timesNs, lines, metadata }: LogEntries,
  from: number,
  to: number,
): LogEntries {
  return {
    labels,
    timesNs: timesNs.slice(from, to),
    lines: lines.slice(from, to),
    metadata: metadata?.slice(from, to),
  };
}
