/** A query thread sees what the store sees, while lines are appended, sealed and merged. */
import { MessageChannel, Worker } from "node:worker_threads";
import { callPort, seededRandom, type LogSelection } from "@binnacle/model";
import { expect, test } from "vitest";
import type { LogQueryValue, LogRangeQuery } from "./engine/index.ts";
import { dump, entries, NOON_NS, openStore, TestFolder } from "./testing/fixtures.ts";

interface ReaderMethods {
  dump(selection: Partial<LogSelection>): string[];
  names(_: undefined): string[];
  query(query: LogRangeQuery): LogQueryValue;
}

test("a worker thread answers as the store does, while sealing goes on", async () => {
  using folder = new TestFolder();
  const store = await openStore(folder.path, { limits: { sealBytes: 4000 } });
  const { port1, port2 } = new MessageChannel();
  const served = store.serve(port1);
  const worker = new Worker(new URL("./testing/reader-worker.ts", import.meta.url), {
    workerData: { port: port2 },
    transferList: [port2],
  });
  try {
    const reader = callPort<ReaderMethods>(worker);
    const random = seededRandom(5);
    let lines = 0;
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 5; i++) {
        const serial = round * 5 + i;
        const timeNs = NOON_NS + BigInt(serial - random.below(20)) * 1_000_000n;
        const line = `line ${serial} ${"y".repeat(random.below(60))}`;
        await store.append([
          entries({ app: `a${serial % 3}` }, [{ timeNs, line, metadata: ["n", String(serial)] }]),
        ]);
        lines++;
      }
      // Not awaited: the reader's questions meet it half done.
      const compacted = round % 5 === 4 ? store.compact() : undefined;
      const direction = round % 2 === 0 ? "forward" : "backward";
      const asked = { direction, matchers: [{ name: "app", op: "=~", value: "a[01]" }] } as const;
      const [found, wanted] = [await reader.dump(asked), await dump(store, asked)];
      expect(found).toEqual(wanted);
      expect((await reader.dump({})).length).toBe(lines);
      await compacted;
    }
    expect(await reader.names(undefined)).toEqual(["app"]);
    const value = await reader.query({
      query: "sum(count_over_time({app=~`.+`}[1h]))",
      startNs: NOON_NS + 60_000_000_000n,
      endNs: NOON_NS + 60_000_000_000n,
      stepMs: 1000,
      limit: 1,
      direction: "forward",
    });
    expect(value.type === "matrix" && value.series[0]!.values[0]).toBe(lines);
    await expect(reader.dump({ matchers: [{ name: "app", op: "=~", value: "(" }] })).rejects.toMatchObject({
      code: "BAD_REGEXP",
    });
    expect(store.stats().openSnapshots).toBe(0);
  } finally {
    await worker.terminate();
    served[Symbol.dispose]();
    port1.close();
    await store.close();
  }
});

test("what a thread holds is given back when it is gone", async () => {
  using folder = new TestFolder();
  const store = await openStore(folder.path);
  await store.append([entries({ app: "a" }, [{ timeNs: NOON_NS, line: "x" }])]);
  await store.compact();
  const { port1, port2 } = new MessageChannel();
  const served = store.serve(port1);
  const methods = callPort<{ snapshot(selection: LogSelection): { id: number } }>(port2);
  await methods.snapshot({ matchers: [], startNs: 0n, endNs: 1n << 62n, hints: [], direction: "forward" });
  expect(store.stats().openSnapshots).toBe(1);
  served[Symbol.dispose]();
  expect(store.stats().openSnapshots).toBe(0);
  port1.close();
  await store.close();
});
