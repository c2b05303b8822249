import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels, NO_LOGGER, NO_METER, type Exemplar, type Logger, type Meter } from "@binnacle/model";
import { expect, test } from "vitest";
import { decodeExemplars, encodeExemplars, ExemplarStore } from "./exemplar-store.ts";
import type { MetricStore } from "./store.ts";
import { labels, NOW_MS, openTestStore, row, TestDir } from "./test-store.ts";

async function append(store: MetricStore, n: number): Promise<void> {
  const series = store.series(labels("__name__=m"));
  const exemplar = {
    series,
    labels: Labels.fromObject({ trace_id: `t${n}` }),
    value: n / 3,
    timeMs: NOW_MS + n,
  };
  await store.append([{ ...row("g", NOW_MS + n, [[series, n]]), exemplars: [exemplar] }]);
}

function traces(store: MetricStore): string[] {
  const all = store.exemplars([[]], { startMs: 0, endMs: 2 ** 50 });
  for (const { value, timeMs } of all) expect(value).toBe((timeMs - NOW_MS) / 3);
  return all.map((each) => each.labels.get("trace_id"));
}

test("exemplars stay over seals, restarts and in snapshots, each once", async () => {
  using dir = new TestDir();
  const path = join(dir.path, "store");
  for (let n = 0; n < 6; n++) {
    await using store = await openTestStore(path);
    expect(traces(store)).toEqual(Array.from({ length: n }, (_, i) => `t${i}`));
    await append(store, n);
    if (n % 2 === 0) await store.compact();
  }
  const copy = join(dir.path, "copy");
  {
    await using store = await openTestStore(path);
    await store.snapshot(copy);
  }
  await using store = await openTestStore(copy);
  expect(traces(store)).toEqual(["t0", "t1", "t2", "t3", "t4", "t5"]);
});

test("a file of a generation that is not sealed is a crash's; a damaged one is logged, and costs itself", () => {
  using dir = new TestDir();
  const errors: unknown[] = [];
  const logger: Logger = { ...NO_LOGGER, error: (fields) => void errors.push(fields) };
  const store = new ExemplarStore(dir.path, 0, () => false, logger);
  for (const generation of [1, 2, 3]) {
    const own = Labels.fromObject({ n: String(generation) });
    store.add(generation, { series: Labels.EMPTY, labels: own, value: -0, timeMs: generation });
    store.seal(generation);
  }
  const file = (generation: number): string => join(dir.path, `0000000${generation}.json.zst`);
  const bytes = readFileSync(file(2));
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file(2), bytes);
  copyFileSync(file(1), `${file(1)}.tmp`);
  const again = new ExemplarStore(dir.path, 2, () => false, logger);
  const found = again.find({ startMs: 0, endMs: 9 }, () => true);
  expect(found.map((each) => each.labels.get("n"))).toEqual(["1"]);
  expect(found[0]!.value).toBe(-0);
  expect(errors).toMatchObject([{ path: file(2) }]);
  expect(readdirSync(dir.path)).toEqual(["00000001.json.zst", "00000002.json.zst"]);
});

test("what is written is read back bit for bit; what was cut short is refused", () => {
  const exemplars = [Number.NaN, 0.1, 2 ** 53, -0].map((value, i) => ({
    series: Labels.fromObject({ __name__: "m\n", i: String(i) }),
    labels: Labels.fromObject({ trace_id: 'a"b' }),
    value,
    timeMs: i,
  }));
  const bytes = encodeExemplars(exemplars);
  expect(decodeExemplars(bytes)).toEqual(exemplars);
  for (let length = 0; length < bytes.length; length += 5)
    expect(() => decodeExemplars(bytes.subarray(0, length)), `${length} bytes`).toThrowError();
});

test("exemplars go with the series that are deleted, from memory, files and journals, and stay away", async () => {
  using dir = new TestDir();
  const deletion = [[{ name: "__name__", op: "=", value: "m" }] as const] as const;
  const range = { startMs: NOW_MS, endMs: NOW_MS + 2 };
  {
    await using store = await openTestStore(dir.path);
    await append(store, 0);
    await store.compact();
    await append(store, 1);
    await store.maintain();
    await append(store, 2);
    await append(store, 3);
    await store.deleteSeries(deletion, range);
    expect(traces(store)).toEqual(["t3"]);
    await append(store, 4);
  }
  for (let i = 0; i < 2; i++) {
    await using store = await openTestStore(dir.path);
    expect(traces(store)).toEqual(["t3", "t4"]);
    await store.compact();
    await store.cleanTombstones();
  }
});

function own(text: string): Labels {
  return Labels.fromObject({ trace_id: text });
}

test("exemplars that are not taken are counted by their reason; a repeat is none", async () => {
  using dir = new TestDir();
  const reasons: (string | undefined)[] = [];
  const meter: Meter = {
    ...NO_METER,
    counter: ({ name }) => ({
      inc: (labelsOf) =>
        void (name === "binnacle_tsdb_exemplars_rejected_total" && reasons.push(labelsOf?.["reason"])),
    }),
  };
  await using store = await openTestStore(dir.path, { meter });
  const series = store.series(labels("__name__=m"));
  const all: readonly Exemplar[] = [
    { series, labels: own("a"), value: 1, timeMs: NOW_MS },
    { series, labels: own("a"), value: 1, timeMs: NOW_MS + 5 },
    { series, labels: own("b"), value: 1, timeMs: NOW_MS - 5 },
    { series, labels: own("ä".repeat(120)), value: 2, timeMs: NOW_MS + 6 },
    { series, labels: own("ä".repeat(121)), value: 2, timeMs: NOW_MS + 7 },
    { series, labels: own("c"), value: 2, timeMs: NOW_MS + 86_400_000 },
    { series, labels: own("c"), value: 2, timeMs: 5 },
    { series: series + 1, labels: own("d"), value: 2, timeMs: NOW_MS },
  ];
  await store.append([{ ...row("g", NOW_MS, [[series, 1]]), exemplars: all }]);
  expect(store.exemplars([[]], { startMs: 0, endMs: 2 ** 50 }).map(({ timeMs }) => timeMs - NOW_MS)).toEqual([
    0, 6,
  ]);
  expect(reasons).toEqual([
    "out_of_order",
    "labels_too_long",
    "too_far_in_future",
    "too_old",
    "unknown_series",
  ]);
});
