import {
  Labels,
  QueryContext,
  QUERY_LIMITS_DEFAULT,
  type QueryResult,
  type SeriesSet,
} from "@binnacle/model";
import { expect, test } from "vitest";
import { MemorySource } from "../promqltest/memory-source.ts";
import { Engine } from "./engine.ts";

function sourceOf(series: Readonly<Record<string, readonly number[]>>, stepMs = 60_000): MemorySource {
  const source = new MemorySource();
  for (const [name, values] of Object.entries(series)) {
    const [metric, job] = name.split("/") as [string, string | undefined];
    source.append(
      Labels.fromObject({ __name__: metric, job: job ?? "" }),
      values.map((value, i) => ({ timeMs: i * stepMs, value, startMs: 0 })),
    );
  }
  return source;
}

const HOUR = { startMs: 0, endMs: 3_600_000, stepMs: 60_000 };

test("a range query answers with columns sorted by labels, an instant one with a vector", async () => {
  const source = sourceOf({ "up/b": [1, 0], "up/a": [1, 1] });
  const engine = new Engine();
  const range = await engine.range({ query: "up", ...HOUR, endMs: 60_000 }, source, new QueryContext());
  expect(columnsOf(range)).toEqual([
    [`up{job="a"}`, [0, 60_000], [1, 1]],
    [`up{job="b"}`, [0, 60_000], [1, 0]],
  ]);
  const instant = await engine.instant({ query: "sum(up)", timeMs: 60_000 }, source, new QueryContext());
  expect(instant.value).toMatchObject({ type: "vector", samples: [{ timeMs: 60_000, value: 1 }] });
});

test("a scalar becomes a series of a range query and a scalar of an instant one", async () => {
  const engine = new Engine();
  const source = sourceOf({});
  const range = await engine.range({ query: "1 + 1", ...HOUR, endMs: 60_000 }, source, new QueryContext());
  expect(columnsOf(range)).toEqual([["{}", [0, 60_000], [2, 2]]]);
  const instant = await engine.instant({ query: "time()", timeMs: 1500 }, source, new QueryContext());
  expect(instant.value).toEqual({ type: "scalar", timeMs: 1500, value: 1.5 });
});

test.each([
  ["a string", `"x"`, `invalid expression type "string" for range query, must be Scalar or instant Vector`],
  ["a range vector", "up[5m]", `invalid expression type "range vector" for range query`],
])("%s is no answer to a range query", async (_, query, message) => {
  const promise = new Engine().range({ query, ...HOUR }, sourceOf({}), new QueryContext());
  await expect(promise).rejects.toMatchObject({
    code: "BAD_PARAMETER",
    message: expect.stringContaining(message),
  });
});

test("limits are refused before anything is read", async () => {
  const engine = new Engine({ pointsMax: 10 });
  const refused = { code: "BAD_PARAMETER" };
  const ask = (query: object) =>
    engine.range({ query: "up", ...HOUR, ...query }, sourceOf({}), new QueryContext());
  await expect(ask({})).rejects.toMatchObject(refused);
  await expect(ask({ stepMs: 0 })).rejects.toMatchObject(refused);
  await expect(ask({ endMs: -1 })).rejects.toMatchObject(refused);
  await expect(ask({ stepMs: 360_000 })).resolves.toBeDefined();
});

test("a pattern that RE2 refuses is refused with its place", async () => {
  const promise = new Engine().instant(
    { query: `sum(up{job=~"("})`, timeMs: 0 },
    sourceOf({}),
    new QueryContext(),
  );
  await expect(promise).rejects.toMatchObject({ code: "PARSE_ERROR", position: { line: 1, column: 5 } });
});

test("the budget of samples, the deadline and the cancel flag end a query", async () => {
  const source = sourceOf({ up: Array.from({ length: 100 }, () => 1) });
  const engine = new Engine();
  const query = { query: "rate(up[1h])", ...HOUR };
  const limited = new QueryContext({ limits: { ...QUERY_LIMITS_DEFAULT, samplesMax: 10 } });
  await expect(engine.range(query, source, limited)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  const small = new QueryContext({ limits: { ...QUERY_LIMITS_DEFAULT, bytesMax: 100 } });
  await expect(engine.range(query, source, small)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  const cancelFlag = new Int32Array(new SharedArrayBuffer(4)).fill(1);
  await expect(engine.range(query, source, new QueryContext({ cancelFlag }))).rejects.toMatchObject({
    code: "QUERY_CANCELED",
  });
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, monotonicMs: () => (nowMs += 1_000_000) };
  await expect(engine.range(query, source, new QueryContext({ clock }))).rejects.toMatchObject({
    code: "QUERY_TIMEOUT",
  });
});

test("equal selections are made once, and every one is disposed, also of a query that fails", async () => {
  const source = sourceOf({ "up/a": [1], "up/b": [1], "down/a": [1] });
  const log: string[] = [];
  const watched = Object.create(source) as MemorySource;
  watched.select = async (selection, context) => {
    const set: SeriesSet = await source.select(selection, context);
    log.push(`select ${selection.matchers.at(-1)!.value} ${selection.startMs}`);
    return {
      seriesCount: set.seriesCount,
      read: (readContext) => set.read(readContext),
      [Symbol.dispose]: () => log.push("dispose"),
    };
  };
  const engine = new Engine();
  await engine.instant({ query: "up / up + up offset 1m", timeMs: 0 }, watched, new QueryContext());
  expect(log).toEqual(["select up -299999", "select up -359999", "dispose", "dispose"]);
  log.length = 0;
  const failing = engine.instant({ query: "down * on () up", timeMs: 0 }, watched, new QueryContext());
  await expect(failing).rejects.toMatchObject({ code: "EXECUTION_ERROR" });
  expect(log).toEqual(["select down -299999", "select up -299999", "dispose", "dispose"]);
});

test("names are dropped at once unless their removal is delayed", async () => {
  const source = sourceOf({ one: [1], two: [2] });
  const query = { query: `sum by (__name__) (abs({__name__=~"one|two"}))`, timeMs: 0 };
  const atOnce = new Engine().instant(query, source, new QueryContext());
  await expect(atOnce).rejects.toThrow("vector cannot contain metrics with the same labelset");
  const delayed = new Engine({ features: new Set(["promql-delayed-name-removal"]) });
  const kept = {
    ...query,
    query: `label_replace(abs({__name__=~"one|two"}), "__name__", "x_$1", "__name__", "(.*)")`,
  };
  const { value } = await delayed.instant(kept, source, new QueryContext());
  expect(value.type === "vector" && value.samples.map(({ labels }) => labels.toString())).toEqual([
    "x_one",
    "x_two",
  ]);
});

test("lookback can be set for the engine and for a query", async () => {
  const source = sourceOf({ up: [1] });
  const engine = new Engine({ lookbackDeltaMs: 10_000 });
  const count = async (query: object): Promise<number> => {
    const { value } = await engine.instant(
      { query: "up", timeMs: 9000, ...query },
      source,
      new QueryContext(),
    );
    return value.type === "vector" ? value.samples.length : -1;
  };
  expect(await count({})).toBe(1);
  expect(await count({ timeMs: 10_000 })).toBe(0);
  expect(await count({ timeMs: 10_000, lookbackDeltaMs: 20_000 })).toBe(1);
});

function columnsOf({ value }: QueryResult): unknown {
  if (value.type !== "matrix") return value;
  return value.series.map(({ labels, times, values }) => [labels.toString(), [...times], [...values]]);
}

const WIDE = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`up/${i}`, Array<number>(61).fill(i)]));

async function refusal(query: string, limits: Partial<QueryContext["limits"]>): Promise<string> {
  const context = new QueryContext({ limits: { ...QUERY_LIMITS_DEFAULT, ...limits } });
  const asking = new Engine().range({ query, ...HOUR }, sourceOf(WIDE), context);
  return asking.then(
    () => "answered",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

test("each budget is named by the error of who passes it", async () => {
  // 50 series of 3,601 steps each, and what was read for them, which the store of this test does not charge.
  expect(await refusal("max_over_time(up[1h:1s])", { samplesMax: 180_000 })).toMatch(
    /over 180000 \(samplesMax\)/,
  );
  expect(await refusal("up + up", { seriesMax: 49 })).toMatch(
    /selects 50 series: the limit is 49 \(seriesMax\)/,
  );
  expect(await refusal("abs(up)", { bytesMax: 20_000 })).toMatch(/more than 20000 bytes .*\(bytesMax\)/);
  expect(await refusal("sum(up)", { timeoutMs: -1 })).toMatch(/its -1 ms \(timeoutMs\)/);
});

test("a subquery's samples are held only while they are gone through", async () => {
  const one = "sum(max_over_time(up[10m:10s]))";
  const bounds = { samplesMax: 60_000 };
  expect(await refusal(one, bounds)).toBe("answered");
  expect(
    await refusal(`${one} + sum(min_over_time(up[10m:10s])) + sum(sum_over_time(up[10m:10s]))`, bounds),
  ).toBe("answered");
});

/** A sum of so many vectors. */
function chain(length: number): string {
  return Array.from({ length }, (_, i) => `up * ${i + 2}`).join(" + ignoring (x) ");
}

test("operands are held until their operator has made others of them", async () => {
  // A column of 61 steps is 677 bytes: a link of the chain holds some four vectors of 50 at once.
  expect(await refusal(chain(40), { bytesMax: 400_000 })).toBe("answered");
  expect(await refusal(chain(2), { bytesMax: 100_000 })).toMatch(/bytesMax/);
});

test.each(["+", "or", "and", "unless"])(
  "a chain of 490 times %s is answered, of more refused with its place",
  async (op) => {
    expect(await refusal(Array<string>(490).fill("up").join(` ${op} `), {})).toBe("answered");
    for (const length of [600, 20_000]) {
      const text = await refusal(Array<string>(length).fill("up").join(` ${op} `), {});
      expect(text).toMatch(/^1:\d+: parse error: nested deeper than 500 \(TREE_DEPTH_MAX\)$/);
    }
  },
);
