import { SYSTEM_CLOCK } from "@binnacle/model";
import { expect, test } from "vitest";
import { DeliveryError } from "../receivers/receiver.ts";
import { withRetries } from "./retry.ts";

const failure = (retryAfterMs?: number) =>
  new DeliveryError("no", {
    reason: "server_error",
    isRetryable: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });

function options(deadlineMs: number, stop = new AbortController()) {
  const waits: number[] = [];
  return {
    waits,
    stop,
    deadlineMonotonicMs: SYSTEM_CLOCK.monotonicMs() + deadlineMs,
    clock: SYSTEM_CLOCK,
    random: () => 0,
    onRetry: (_: DeliveryError, waitMs: number) => void waits.push(waitMs),
  };
}

test("what may succeed later is tried again, after what Retry-After says", async () => {
  const { waits, stop, ...rest } = options(10_000);
  const failures = [failure(), failure(300)];
  await withRetries(
    async () => {
      const error = failures.shift();
      if (error !== undefined) throw error;
    },
    { ...rest, stop: stop.signal },
  );
  expect(waits).toEqual([250, 375]);
});

test("a Retry-After past the deadline is not waited for", async () => {
  const { waits, stop, ...rest } = options(10_000);
  await expect(
    withRetries(() => Promise.reject(failure(60_000)), { ...rest, stop: stop.signal }),
  ).rejects.toThrow("no");
  expect(waits).toEqual([]);
});

test("what will not succeed is not tried again", async () => {
  const { waits, stop, ...rest } = options(10_000);
  const error = new DeliveryError("bad", { reason: "client_error", isRetryable: false });
  await expect(withRetries(() => Promise.reject(error), { ...rest, stop: stop.signal })).rejects.toBe(error);
  expect(waits).toEqual([]);
});

test("a stop ends the waiting", async () => {
  const { stop, waits: _, ...rest } = options(60_000);
  const running = withRetries(() => Promise.reject(failure(30_000)), { ...rest, stop: stop.signal });
  stop.abort();
  await expect(running).rejects.toThrow("no");
});
