/** The engine's bounds and answers that scripts cannot say: stopping early, cancelling, limits, live tail. */
import { QueryContext, Labels, QUERY_LIMITS_DEFAULT } from "@binnacle/model";
import { expect, test } from "vitest";
import { entries, NOON_NS, openStore, TestFolder } from "../testing/fixtures.ts";
import { compileTail, LogEngine, type LogRangeQuery } from "./index.ts";

const engine = new LogEngine();
const SECOND_NS = 1_000_000_000n;

function range(query: string, changes: Partial<LogRangeQuery> = {}): LogRangeQuery {
  const endNs = NOON_NS + 3600n * SECOND_NS;
  return { query, startNs: NOON_NS, endNs, stepMs: 60_000, limit: 10, direction: "backward", ...changes };
}

/** Three streams with a line a second for ten minutes, sealed minute by minute and not merged. */
async function filledStore(dir: string): ReturnType<typeof openStore> {
  const store = await openStore(dir, { limits: { sealBytes: 1 } });
  for (let minute = 0; minute < 10; minute++) {
    const batch = ["a", "b", "c"].map((app) =>
      entries(
        { app },
        Array.from({ length: 60 }, (_, second) => ({
          timeNs: NOON_NS + BigInt(minute * 60 + second) * SECOND_NS,
          line: `minute=${minute} second=${second}`,
        })),
      ),
    );
    await store.append(batch);
  }
  return store;
}

const FIRST_TEN = {
  forward: [0, 0, 0, 1, 1, 1, 2, 2, 2, 3],
  backward: [596, 597, 597, 597, 598, 598, 598, 599, 599, 599],
};

test("a limited query reads no further than it must, in both directions", async () => {
  using folder = new TestFolder();
  const store = await filledStore(folder.path);
  for (const direction of ["forward", "backward"] as const) {
    const { value, stats } = await engine.range(
      range('{app=~".+"}', { direction }),
      store,
      new QueryContext(),
    );
    if (value.type !== "streams") throw new Error("lines were asked for");
    const times = value.streams.flatMap((stream) => stream.entries.map((entry) => entry.timeNs));
    const seconds = times.map((timeNs) => Number((timeNs - NOON_NS) / SECOND_NS)).sort((a, b) => a - b);
    expect(seconds).toEqual(FIRST_TEN[direction]);
    expect(stats.lines).toBeLessThan(900);
  }
  await store.close();
});

test("an interval leaves out lines that are nearer to the one before", async () => {
  using folder = new TestFolder();
  const store = await filledStore(folder.path);
  const asked = range('{app="a"}', { intervalMs: 90_000, direction: "forward", limit: 4 });
  const { value } = await engine.range(asked, store, new QueryContext());
  const lines =
    value.type === "streams" ? value.streams[0]!.entries.map(({ line }) => Buffer.from(line).toString()) : [];
  expect(lines).toEqual([
    "minute=0 second=0",
    "minute=1 second=30",
    "minute=3 second=0",
    "minute=4 second=30",
  ]);
  await store.close();
});

test("parameters that cannot be are refused", async () => {
  using folder = new TestFolder();
  const store = await openStore(folder.path);
  const counts = 'count_over_time({app="a"}[1m])';
  const cases: [LogRangeQuery, string][] = [
    [range('{app="a"}', { limit: 0 }), "limit 0 is not within 1 and"],
    [range('{app="a"}', { limit: 1e9 }), "(ENTRIES_MAX)"],
    [range(counts, { stepMs: 0 }), "the step must be above 0"],
    [range(counts, { stepMs: 1 }), "exceeded maximum resolution of 11000 points"],
    [range(counts, { endNs: NOON_NS - 1n }), "is before the start"],
    [range(`approx_topk(1, ${counts})`), "only allowed in instant queries"],
  ];
  for (const [query, message] of cases) {
    const answer = engine.range(query, store, new QueryContext());
    await expect(answer, message).rejects.toMatchObject({
      code: "BAD_PARAMETER",
      message: expect.stringContaining(message),
    });
  }
  await store.close();
});

test("a query ends at its deadline, when it is cancelled and at its budgets", async () => {
  using folder = new TestFolder();
  const store = await filledStore(folder.path);
  const limits = QUERY_LIMITS_DEFAULT;
  const cancelFlag = new Int32Array(new SharedArrayBuffer(4)).fill(1);
  const unwrapped = 'sum(sum_over_time({app=~".+"} | logfmt | unwrap second [1h]))';
  const cases: [string, QueryContext, string][] = [
    ['{app="a"}', new QueryContext({ cancelFlag }), "QUERY_CANCELED"],
    ['{app="a"}', new QueryContext({ limits: { ...limits, timeoutMs: -1 } }), "QUERY_TIMEOUT"],
    ['{app=~".+"}', new QueryContext({ limits: { ...limits, bytesMax: 1000 } }), "LIMIT_EXCEEDED"],
    [unwrapped, new QueryContext({ limits: { ...limits, samplesMax: 1000 } }), "LIMIT_EXCEEDED"],
  ];
  for (const [query, context, code] of cases) {
    await expect(engine.range(range(query), store, context), code).rejects.toMatchObject({ code });
    expect(store.stats().openSnapshots).toBe(0);
  }
  await store.close();
});

test("live tail takes lines through the pipeline as they come", () => {
  const tail = compileTail('{app="a"} |= "x" | logfmt | n > 1 | line_format "{{.n}}!"');
  const labels = Labels.fromObject({ app: "a" });
  expect(tail.selectorMatches(labels)).toBe(true);
  expect(tail.selectorMatches(Labels.fromObject({ app: "b" }))).toBe(false);
  const process = (text: string): string | undefined => {
    const passed = tail.process(labels, NOON_NS, Buffer.from(text), ["m", "1"]);
    return passed && `${passed.labels.toString()} ${Buffer.from(passed.line).toString()}`;
  };
  expect(process("x n=2")).toBe('{app="a", m="1", n="2"} 2!');
  expect(process("x n=1")).toBeUndefined();
  expect(process("n=2")).toBeUndefined();
  expect(() => compileTail("vector(1)")).toThrow("only a log query can be tailed");
});

test("an answer tells metadata and parsed labels apart", async () => {
  using folder = new TestFolder();
  const store = await openStore(folder.path);
  await store.append([entries({ app: "a" }, [{ timeNs: NOON_NS, line: "n=2", metadata: ["trace", "t"] }])]);
  const { value } = await engine.range(range('{app="a"} | logfmt'), store, new QueryContext());
  if (value.type !== "streams") throw new Error("lines were asked for");
  expect(value.streams[0]!.labels.toString()).toBe('{app="a", n="2", trace="t"}');
  const [entry] = value.streams[0]!.entries;
  expect([entry!.metadata, entry!.parsed]).toEqual([
    ["trace", "t"],
    ["n", "2"],
  ]);
  await store.close();
});
