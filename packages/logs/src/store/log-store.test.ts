/** The promises the store makes, one by one. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { LogEntries } from "@binnacle/model";
import { expect, test } from "vitest";
import {
  describeLine,
  dump,
  entries,
  NOON_NS,
  openStore,
  TestClock,
  TestFolder,
} from "../testing/fixtures.ts";

const HOUR_NS = 3_600_000_000_000n;

test("gives lines back byte for byte, from the head, the journal and a part", async () => {
  using folder = new TestFolder();
  const megabyte = new Uint8Array(1024 * 1024).map((_, i) => (i * 31) & 255);
  const lines = [
    "",
    "\0",
    "a\r",
    "\u001b[31mred",
    new Uint8Array([0xff, 0xc3, 0x28]),
    megabyte,
    "",
    "same",
    "same",
  ];
  const batch = entries(
    { app: "x" },
    lines.map((line) => ({ timeNs: NOON_NS, line })),
  );
  let store = await openStore(folder.path);
  expect(await store.append([batch])).toEqual({ appended: 9, rejected: 0, rejections: [] });
  const wanted = batch.lines.map((line) => describeLine(batch.labels, NOON_NS, line, undefined));
  expect(await dump(store)).toEqual(wanted);
  await store.close();
  store = await openStore(folder.path);
  expect(await dump(store)).toEqual(wanted);
  await store.compact();
  expect(await dump(store)).toEqual(wanted);
  expect(await dump(store, { direction: "backward" })).toEqual(wanted.toReversed());
  await store.close();
});

test("takes a batch that comes again byte for byte only once, but equal lines of other batches", async () => {
  using folder = new TestFolder();
  let store = await openStore(folder.path);
  const one = entries({ app: "x" }, [{ timeNs: NOON_NS, line: "a" }]);
  const two = entries({ app: "x" }, [
    { timeNs: NOON_NS, line: "a" },
    { timeNs: NOON_NS, line: "a" },
  ]);
  await Promise.all([store.append([one]), store.append([one]), store.append([two])]);
  expect(store.stats().headLines).toBe(3);
  await store.close();
  store = await openStore(folder.path);
  expect((await store.append([one])).appended).toBe(1);
  expect((await dump(store)).length).toBe(3);
  await store.close();
});

test("refuses lines one by one, with reasons, and keeps their neighbours", async () => {
  using folder = new TestFolder();
  const clock = new TestClock();
  const limits = {
    lineBytesMax: 4,
    labelsMax: 2,
    labelValueBytesMax: 8,
    metadataPairsMax: 1,
    headStreamsMax: 2,
  };
  const store = await openStore(folder.path, { clock, limits, retentionMs: 3_600_000 });
  const ok = { timeNs: NOON_NS, line: "ok" };
  const result = await store.append([
    entries({ app: "x" }, [
      { timeNs: NOON_NS, line: "12345" },
      ok,
      { timeNs: NOON_NS - 2n * HOUR_NS, line: "old" },
      { timeNs: NOON_NS + HOUR_NS, line: "new" },
      { timeNs: NOON_NS, line: "m", metadata: ["a", "b", "c", "d"] },
    ]),
    entries({ a: "1", b: "2", c: "3" }, [ok]),
    entries({ app: "123456789" }, [ok, ok]),
    entries({ app: "y" }, [ok]),
    entries({ app: "z" }, [ok]),
  ]);
  expect(result.appended).toBe(2);
  expect(result.rejected).toBe(8);
  expect(result.rejections.map(({ reason, stream, line }) => [reason, stream, line])).toEqual([
    ["line_too_long", 0, 0],
    ["timestamp_too_old", 0, 2],
    ["timestamp_too_new", 0, 3],
    ["metadata_too_large", 0, 4],
    ["too_many_labels", 1, -1],
    ["label_too_long", 2, -1],
    ["stream_limit", 4, -1],
  ]);
  expect(result.rejections[0]!.message).toBe(
    'stream 0 {app="x"}, line 0: 5 bytes are over the limit of 4 (lineBytesMax)',
  );
  await store.close();
});

test("forgets what is past retention, first from answers and then from disk", async () => {
  using folder = new TestFolder();
  const clock = new TestClock();
  const store = await openStore(folder.path, { clock, retentionMs: 86_400_000 });
  await store.append([entries({ app: "old" }, [{ timeNs: NOON_NS - 20n * HOUR_NS, line: "old" }])]);
  await store.append([entries({ app: "new" }, [{ timeNs: NOON_NS, line: "new" }])]);
  await store.compact();
  clock.ms += 6 * 3_600_000;
  const everything = { selectors: [], startMs: 0, endMs: clock.ms, limit: undefined };
  expect((await dump(store)).length).toBe(1);
  expect(await store.labelValues("app", everything)).toEqual(["new"]);
  expect(store.stats().streams).toBe(2);
  await store.compact();
  expect(store.stats()).toMatchObject({ streams: 1, parts: 1 });
  expect(readdirSync(join(folder.path, "parts", "2026-02-28"))).toEqual([]);
  await store.close();
});

test("keeps the files of a snapshot until it is released", async () => {
  using folder = new TestFolder();
  const store = await openStore(folder.path);
  for (let i = 0; i < 3; i++) {
    await store.append([entries({ app: "x" }, [{ timeNs: NOON_NS + BigInt(i), line: `l${i}` }])]);
    if (i < 2) await store.compact();
  }
  const { QueryContext } = await import("@binnacle/model");
  const { EVERYTHING } = await import("../testing/fixtures.ts");
  const context = new QueryContext();
  const set = await store.select(EVERYTHING, context);
  await store.compact();
  const day = join(folder.path, "parts", "2026-03-01");
  expect(readdirSync(day).length).toBe(2);
  const lines = [...set.read(0, context)].reduce((sum, block) => sum + block.timesNs.length, 0);
  expect(lines).toBe(3);
  set[Symbol.dispose]();
  expect(readdirSync(day)).toEqual(["00000001-00000003.part"]);
  await store.close();
});

test("tells listeners of what is durable, and survives one that throws", async () => {
  using folder = new TestFolder();
  const store = await openStore(folder.path, { limits: { lineBytesMax: 3 } });
  const heard: string[][] = [];
  store.subscribe(() => {
    throw new Error("a bad listener");
  });
  const end = store.subscribe((batch) => heard.push(batch.flatMap(({ lines }) => lines.map(String))));
  const timeNs = NOON_NS;
  await store.append([
    entries({ app: "x" }, [
      { timeNs, line: "a" },
      { timeNs, line: "too long" },
    ]),
  ]);
  end();
  await store.append([entries({ app: "x" }, [{ timeNs, line: "b" }])]);
  expect(heard).toEqual([["97"]]);
  await store.close();
});

test("lists streams, names and values by selector and time", async () => {
  using folder = new TestFolder();
  const store = await openStore(folder.path);
  await store.append([
    entries({ app: "a", pod: "1" }, [{ timeNs: NOON_NS - HOUR_NS, line: "x" }]),
    entries({ app: "b", zone: "z" }, [{ timeNs: NOON_NS, line: "x" }]),
  ]);
  for (const isSealed of [false, true]) {
    if (isSealed) await store.compact();
    const noonMs = Number(NOON_NS / 1_000_000n);
    const all = { selectors: [], startMs: 0, endMs: noonMs, limit: undefined };
    const recent = { ...all, startMs: noonMs - 1000 };
    const ofA = { ...all, selectors: [[{ name: "app", op: "=" as const, value: "a" }]] };
    expect(await store.labelNames(all)).toEqual(["app", "pod", "zone"]);
    expect(await store.labelNames(recent)).toEqual(["app", "zone"]);
    expect(await store.labelValues("app", ofA)).toEqual(["a"]);
    expect((await store.streams({ ...all, limit: 1 })).map(String)).toEqual(['{app="a", pod="1"}']);
  }
  await store.close();
});

function batch(line: string): LogEntries[] {
  return [entries({ app: "x" }, [{ timeNs: NOON_NS, line }])];
}

test("pushes back when sealing cannot keep up", async () => {
  using folder = new TestFolder();
  const limits = { headBytesMax: 100 };
  const store = await openStore(folder.path, { limits });
  await store.append(batch("x".repeat(200)));
  await expect(store.append(batch("y"))).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS" });
  await store.compact();
  await store.append(batch("y"));
  await store.close();
  await expect(store.append(batch("z"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
});
