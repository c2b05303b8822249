/**
 * Deletion, retention and snapshots: what is promised beside what the store's life against an array shows.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LogEntries } from "@binnacle/model";
import { expect, test } from "vitest";
import { dump, entries, NOON_MS, NOON_NS, openStore, TestClock, TestFolder } from "../testing/fixtures.ts";
import { runJob } from "../jobs.ts";
import type { LogStore } from "./log-store.ts";

const HOUR_NS = 3_600_000_000_000n;
const DAY_MS = 86_400_000;
const ALL = { startNs: 0n, endNs: 1n << 62n };

function batch(app: string, texts: readonly string[], timeNs = NOON_NS): LogEntries[] {
  return [
    entries(
      { app },
      texts.map((line, i) => ({ timeNs: timeNs + BigInt(i), line })),
    ),
  ];
}

async function texts(store: LogStore): Promise<string[]> {
  return (await dump(store)).map((line) => /"(.*)"/.exec(line.slice(line.indexOf("}")))![1]!);
}

/** All part files, below the folder of parts. */
function parts(dir: string): string[] {
  return readdirSync(join(dir, "parts"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.includes("."))
    .sort();
}

test("a deletion holds at once, over a restart, and for what was there by then", async () => {
  using folder = new TestFolder();
  let store = await openStore(folder.path);
  await store.append(batch("a", ["sealed red", "sealed blue"]));
  await store.compact();
  await store.append(batch("a", ["red", "blue"], NOON_NS + 10n));
  await store.append(batch("b", ["red of another"]));
  const id = store.deleteLines('{app="a"} |= "red"', ALL);
  await store.append(batch("a", ["red later"], NOON_NS + 20n));
  const left = ["sealed blue", "blue", "red later", "red of another"];
  expect(await texts(store)).toEqual(left);
  await store.close();
  store = await openStore(folder.path);
  expect(await texts(store)).toEqual(left);
  expect(store.deletions()).toMatchObject([{ id, query: '{app="a"} |= "red"', processedMs: undefined }]);
  // Off the disk: the lines are not even counted there.
  await store.cleanDeletions();
  expect(await texts(store)).toEqual(left);
  expect(store.stats()).toMatchObject({ deletions: 0, partLines: 4, headLines: 0 });
  expect(store.deletions()).toMatchObject([{ id, processedMs: NOON_MS }]);
  expect(() => store.cancelDeletion(id, { isForced: true })).toThrow("is done");
  await store.close();
});

test("a deletion is taken off the disk by itself, once it cannot be taken back", async () => {
  using folder = new TestFolder();
  const clock = new TestClock();
  const store = await openStore(folder.path, { clock });
  await store.append(batch("a", ["red", "blue"]));
  const first = store.deleteLines('{app="a"} |= "red"', ALL);
  expect(await texts(store)).toEqual(["blue"]);
  store.cancelDeletion(first, { isForced: false });
  expect(await texts(store)).toEqual(["red", "blue"]);
  expect(() => store.cancelDeletion(first, { isForced: false })).toThrow(`there is no deletion ${first}`);
  store.deleteLines('{app="a"} |= "red"', ALL);
  clock.ms += DAY_MS;
  // Any work looks after it; the next tick would too.
  await store.append(batch("a", ["next"], NOON_NS + HOUR_NS));
  await store.snapshot(join(folder.path, "elsewhere"));
  await store.cleanDeletions();
  expect(store.stats()).toMatchObject({ deletions: 0, partLines: 2 });
  await store.close();
});

test("a deletion that is asked for while others are taken off the disk is not forgotten", async () => {
  using folder = new TestFolder();
  const clock = new TestClock();
  let onMerge: (() => void) | undefined;
  const store = await openStore(folder.path, {
    clock,
    retentionBySelector: [
      { match: "", matchers: [{ name: "app", op: "=", value: "brief" }], retentionMs: 1000, priority: 0 },
    ],
    runJob: async (job) => {
      if (job.kind === "merge") onMerge?.();
      return runJob(job);
    },
  });
  await store.append([...batch("a", ["red 1", "blue 1"]), ...batch("brief", ["x"])]);
  await store.compact();
  clock.ms += 5000;
  // Something is written anew before what was deleted is: these lines are not sealed then.
  onMerge = () => {
    onMerge = undefined;
    void store.append(batch("a", ["red 2", "blue 2"], NOON_NS + 10n));
    store.deleteLines('{app="a"} |= "red 2"', ALL);
  };
  await store.compact();
  const left = ["red 1", "blue 1", "blue 2"];
  expect(await texts(store)).toEqual(left);
  await store.cleanDeletions();
  expect(await texts(store)).toEqual(left);
  expect(store.stats()).toMatchObject({ deletions: 0, partLines: 3 });
  await store.close();
});

test("all of a stream that is deleted is in no list", async () => {
  using folder = new TestFolder();
  const store = await openStore(folder.path);
  const listing = { selectors: [], startMs: 0, endMs: NOON_MS + DAY_MS, limit: undefined };
  for (const isSealed of [false, true]) {
    await store.append(batch("gone", ["x"]));
    await store.append(batch("kept", ["x"]));
    if (isSealed) await store.compact();
    store.deleteLines('{app="gone"}', ALL);
    expect(await store.labelValues("app", listing)).toEqual(["kept"]);
    expect((await store.streams(listing)).map(String)).toEqual(['{app="kept"}']);
  }
  await store.cleanDeletions();
  expect(store.stats().streams).toBe(1);
  await store.close();
});

test.for([
  ["a query that is none", "{app=", "parse error"],
  ["a metric query", 'rate({app="a"}[1m])', "takes a log query"],
  ["a text without a selector", '"panic"', "names its streams"],
  ["a stage that changes lines", '{app="a"} | line_format "x"', "line_format is neither"],
  ["a pattern that is none", '{app="a"} |~ "("', "missing"],
] as const)("%s deletes nothing", async ([, query, message]) => {
  using folder = new TestFolder();
  await using store = await openStore(folder.path);
  expect(() => store.deleteLines(query, ALL)).toThrow(message);
  expect(() => store.deleteLines('{app="a"}', { startNs: 2n, endNs: 1n })).toThrow("before it begins");
  expect(store.deletions()).toEqual([]);
});

test("a damaged file of deletions keeps the store from opening, since deleted lines would be back", async () => {
  using folder = new TestFolder();
  const store = await openStore(folder.path);
  await store.append(batch("a", ["red"]));
  store.deleteLines('{app="a"}', ALL);
  await store.close();
  const path = join(folder.path, "deletions.json");
  const whole = readFileSync(path, "latin1");
  for (let at = 0; at < whole.length; at++) {
    const flipped = String.fromCharCode(whole.charCodeAt(at) ^ 1);
    writeFileSync(path, whole.slice(0, at) + flipped + whole.slice(at + 1), "latin1");
    await expect(openStore(folder.path), `byte ${at}`).rejects.toThrow(path);
  }
});

test("streams are kept as long as the selector of the highest priority says, and then the shortest", async () => {
  using folder = new TestFolder();
  const clock = new TestClock();
  const own = (app: string, days: number, priority: number) => ({
    match: `{app="${app}"}`,
    matchers: [{ name: "app", op: "=" as const, value: app }],
    retentionMs: days * DAY_MS,
    priority,
  });
  const store = await openStore(folder.path, {
    clock,
    retentionMs: 5 * DAY_MS,
    retentionBySelector: [own("short", 3, 0), own("short", 2, 0), own("long", 1, 0), own("long", 20, 1)],
  });
  const old = NOON_NS - 60n * HOUR_NS;
  const result = await store.append([
    ...batch("short", ["too late", "too late"], old),
    ...batch("long", ["old"], old),
    ...batch("other", ["old"], old),
  ]);
  expect(result).toMatchObject({ appended: 2, rejected: 2 });
  expect(result.rejections[0]).toMatchObject({ reason: "timestamp_too_old", stream: 0 });
  await store.append([...batch("short", ["new"]), ...batch("other", ["new"]), ...batch("long", ["new"])]);
  await store.compact();
  const shown = async (afterDays: number): Promise<string[]> => {
    clock.ms = NOON_MS + afterDays * DAY_MS + 1;
    return (await dump(store)).map((line) => line.replace(/^\{app="(\w+)"\} \d+ "(\w+)".*/, "$1 $2"));
  };
  expect(await shown(0)).toEqual(["long old", "long new", "other old", "other new", "short new"]);
  expect(await shown(2)).toEqual(["long old", "long new", "other old", "other new"]);
  expect(await shown(3)).toEqual(["long old", "long new", "other new"]);
  // What is hidden goes when its part's day is past for it: other streams stay.
  await store.compact();
  expect(store.stats().partLines).toBe(3);
  expect(await shown(6)).toEqual(["long old", "long new"]);
  await store.compact();
  expect(store.stats()).toMatchObject({ partLines: 2, streams: 1 });
  expect(await shown(21)).toEqual([]);
  await store.compact();
  expect(store.stats()).toMatchObject({ parts: 0, streams: 0 });
  await store.close();
});

/** A line that hardly packs. */
function noise(seed: number): string {
  return Array.from({ length: 3000 }, (_, i) => Math.sin(seed * 9999 + i).toString(36)).join("");
}

test("the oldest parts go first where the store is larger than it may be", async () => {
  using folder = new TestFolder();
  let store = await openStore(folder.path);
  for (let day = 0; day < 4; day++) {
    await store.append(batch(`d${day}`, [noise(day)], NOON_NS - BigInt(day) * 24n * HOUR_NS));
  }
  await store.compact();
  const { partBytes, journalBytes } = store.stats();
  await store.close();
  // Room for two of the four parts.
  store = await openStore(folder.path, { retentionBytes: partBytes * 0.6 + journalBytes });
  await store.compact();
  expect((await dump(store)).map((line) => line.slice(0, 10))).toEqual(['{app="d0"}', '{app="d1"}']);
  await store.close();
});

test("a snapshot opens as a store, and keeps what the store loses", async () => {
  using folder = new TestFolder();
  using copies = new TestFolder();
  const store = await openStore(folder.path);
  await store.append(batch("a", ["red", "blue"]));
  await store.compact();
  await store.append(batch("a", ["newest"], NOON_NS + 9n));
  store.deleteLines('{app="a"} |= "blue"', ALL);
  const target = join(copies.path, "one");
  await store.snapshot(target);
  expect(existsSync(`${target}.tmp`)).toBe(false);
  const [first] = parts(target);
  expect(statSync(join(target, "parts", first!)).ino).toBe(statSync(join(folder.path, "parts", first!)).ino);
  store.deleteLines('{app="a"}', ALL);
  await store.compact();
  expect(await texts(store)).toEqual([]);
  const copy = await openStore(target);
  expect(await texts(copy)).toEqual(["red", "newest"]);
  await copy.append(batch("a", ["more"], NOON_NS + 99n));
  expect(await texts(copy)).toEqual(["red", "newest", "more"]);
  await copy.close();
  await store.append(batch("a", ["again"]));
  await expect(store.snapshot(target)).rejects.toThrow("there is something at");
  await store.close();
});

test("a file of recent batches that is damaged is left alone", async () => {
  using folder = new TestFolder();
  let store = await openStore(folder.path);
  await store.append(batch("a", ["x"]));
  await store.compact();
  await store.close();
  store = await openStore(folder.path);
  await store.append(batch("a", ["x"]));
  expect(await texts(store)).toEqual(["x"]);
  await store.close();
  appendFileSync(join(folder.path, "recent-batches"), "x");
  store = await openStore(folder.path);
  await store.append(batch("a", ["x"]));
  expect(await texts(store)).toEqual(["x", "x"]);
  await store.close();
});
