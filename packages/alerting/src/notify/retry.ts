/** Delivers a notification, trying again while that may help and there is time. */
import type { Clock } from "@binnacle/model";
import { setTimeout as sleep } from "node:timers/promises";
import { RETRY_INITIAL_MS, RETRY_INTERVAL_MAX_MS } from "../limits.ts";
import { DeliveryError } from "../receivers/receiver.ts";

export interface RetryOptions {
  /** Monotonic ms after which nothing is tried any more. */
  readonly deadlineMonotonicMs: number;
  /** Ends the waiting, and no new attempt is made. */
  readonly stop: AbortSignal;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly onRetry: (error: DeliveryError, waitMs: number) => void;
}

/** Throws the last attempt's DeliveryError; whatever else is thrown passes through. */
export async function withRetries(attempt: () => Promise<void>, options: RetryOptions): Promise<void> {
  for (let backoffMs = RETRY_INITIAL_MS; ; backoffMs = nextBackoffMs(backoffMs)) {
    let error: DeliveryError;
    try {
      return await attempt();
    } catch (caught) {
      if (!(caught instanceof DeliveryError) || !caught.isRetryable) throw caught;
      error = caught;
    }
    // Spread by half in both directions, so that groups that failed together do not come back together.
    const spreadMs = backoffMs * (0.5 + options.random());
    const waitMs = Math.max(spreadMs, error.retryAfterMs ?? 0);
    if (options.clock.monotonicMs() + waitMs >= options.deadlineMonotonicMs) throw error;
    options.onRetry(error, waitMs);
    await sleep(waitMs, undefined, { signal: options.stop }).catch(() => {});
    if (options.stop.aborted) throw error;
  }
}

function nextBackoffMs(backoffMs: number): number {
  return Math.min(backoffMs * 1.5, RETRY_INTERVAL_MAX_MS);
}
