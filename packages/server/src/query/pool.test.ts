/** The pool with workers that behave badly: whatever one query does, its neighbours are answered. */
import { MessageChannel } from "node:worker_threads";
import { NO_METER, QUERY_LIMITS_DEFAULT, type Meter } from "@binnacle/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HANG_UP_GRACE_MS, QUERIES_QUEUED_MAX } from "../limits.ts";
import { QueryPool, type RunOptions } from "./pool.ts";
import type { WorkerSetup } from "./protocol.ts";

let pool: QueryPool;
let terminated: string[];
let connected: number;

beforeEach(() => {
  terminated = [];
  connected = 0;
  const meter: Meter = {
    ...NO_METER,
    counter: () => ({ inc: (labels) => void terminated.push(labels?.reason ?? "") }),
  };
  pool = new QueryPool({
    size: 2,
    limits: QUERY_LIMITS_DEFAULT,
    connect: () => {
      connected++;
      const [metrics, logs] = [new MessageChannel(), new MessageChannel()];
      return {
        // The test worker takes no more of its setup than its ports.
        setup: { metricsPort: metrics.port2, logsPort: logs.port2 } as unknown as WorkerSetup,
        [Symbol.dispose]: () => {
          connected--;
          metrics.port1.close();
          logs.port1.close();
        },
      };
    },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    meter,
    workerUrl: new URL("./test-worker.ts", import.meta.url),
  });
});
afterEach(() => pool[Symbol.asyncDispose]());

const run = (query: string, options: RunOptions = {}): Promise<unknown> =>
  pool.run({ kind: "rule-instant", query, timeMs: 0 }, options);

test("an answer comes back, and an error with its code", async () => {
  expect(await run("answer")).toBe("answered");
  await expect(run("refuse")).rejects.toMatchObject({ code: "PARSE_ERROR", message: "1:1: parse error: no" });
  expect(await run("answer")).toBe("answered");
  expect([connected, terminated]).toEqual([1, []]);
});

test("a client that hangs up: the worker sees the flag, ends the query and goes on", async () => {
  await run("answer");
  const controller = new AbortController();
  const running = run("heed", { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(running).rejects.toMatchObject({ code: "QUERY_CANCELED", message: "the worker saw its flag" });
  expect(await run("answer")).toBe("answered");
  expect([connected, terminated]).toEqual([1, []]);
});

test("a worker that does not heed a hang-up is ended, and the next query gets another", async () => {
  await run("answer");
  const controller = new AbortController();
  const running = run("spin", { signal: controller.signal });
  const waiting = run("answer");
  setTimeout(() => controller.abort(), 50);
  await expect(running).rejects.toMatchObject({ code: "QUERY_CANCELED" });
  expect(await waiting).toBe("answered");
  expect(terminated).toEqual(["hang-up"]);
  expect(HANG_UP_GRACE_MS).toBeLessThan(100);
});

test.each(["heed", "spin"])("a query of a client that hung up is over within 100 ms: %s", async (query) => {
  let bestMs = Infinity;
  // A busy machine makes any one late.
  for (let i = 0; i < 6 && bestMs >= 100; i++) {
    await run("answer");
    const controller = new AbortController();
    const running = run(query, { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const hungUpMs = performance.now();
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "QUERY_CANCELED" });
    bestMs = Math.min(bestMs, performance.now() - hungUpMs);
  }
  expect(bestMs).toBeLessThan(100);
});

test("a worker that does not heed its deadline is ended, and the error names the deadline", async () => {
  await run("answer");
  await expect(run("spin", { timeoutMs: 30 })).rejects.toMatchObject({
    code: "QUERY_TIMEOUT",
    message: "query timed out: it passed its 30 ms",
  });
  expect(await run("answer")).toBe("answered");
  expect(terminated).toEqual(["deadline"]);
});

test("a query that waits past its deadline is not begun", async () => {
  await run("answer");
  const controller = new AbortController();
  const spinning = run("spin", { signal: controller.signal });
  const late = run("answer", { timeoutMs: 20 });
  setTimeout(() => controller.abort(), 60);
  await expect(spinning).rejects.toMatchObject({ code: "QUERY_CANCELED" });
  await expect(late).rejects.toMatchObject({
    code: "QUERY_TIMEOUT",
    message: "query timed out: it waited its 20 ms for a worker",
  });
});

test("a client that hangs up while its query waits: the query is not begun", async () => {
  await run("answer");
  const [first, second] = [new AbortController(), new AbortController()];
  const spinning = run("spin", { signal: first.signal });
  const waiting = run("spin", { signal: second.signal });
  second.abort();
  first.abort();
  await expect(spinning).rejects.toMatchObject({ code: "QUERY_CANCELED" });
  await expect(waiting).rejects.toMatchObject({ message: "query was canceled before it began" });
  expect(await run("answer")).toBe("answered");
});

test("rules are answered while every other worker is busy", async () => {
  const controller = new AbortController();
  const spinning = run("spin", { signal: controller.signal });
  expect(await run("answer", { isRule: true })).toBe("answered");
  controller.abort();
  await expect(spinning).rejects.toMatchObject({ code: "QUERY_CANCELED" });
});

test("a worker that ends by itself fails its query only", async () => {
  await expect(run("crash")).rejects.toMatchObject({ code: "INTERNAL" });
  expect(await run("answer")).toBe("answered");
  expect(terminated).toEqual(["exit"]);
});

test("past the limit of waiting queries the answer names it", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const all = Array.from({ length: QUERIES_QUEUED_MAX + 1 }, () => run("spin", { signal }));
  expect(() => run("answer")).toThrow(expect.objectContaining({ code: "TOO_MANY_REQUESTS" }));
  expect(() => run("answer")).toThrow(/QUERIES_QUEUED_MAX/);
  controller.abort();
  const ends = await Promise.allSettled(all);
  expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(["rejected"]));
});
